// SPDX-License-Identifier: MIT

import Foundation
import Mail
import Telemetry
import Testing

@testable import Lookups

@Suite("A directory", .serialized)
struct DirectoryTests {
    private let folder: TemporaryFolder
    private let asker: Asker
    private let counters = CounterPage()

    init() throws {
        folder = try TemporaryFolder()
        asker = try Asker()
    }

    private static let people = """
        dn: uid=anna,dc=example
        objectClass: inetOrgPerson
        uid: anna
        cn: Anna
        sn: A
        mail: anna@example.net
        mail: a@example.net
        description:: R3LDvMOfZQ==
        jpegPhoto:: /9j/AGE=

        dn: ou=secret,dc=example
        objectClass: organizationalUnit
        ou: secret

        dn: uid=boss,ou=secret,dc=example
        objectClass: inetOrgPerson
        uid: boss
        cn: Boss
        sn: B
        mail: boss@example.net


        """

    private func question(
        _ filter: String, _ attributes: [String] = ["mail"], base: String = "",
        scope: DirectoryQuestion.Scope = .sub, directory: String = "default"
    ) -> Question {
        .directory(
            DirectoryQuestion(
                directory: directory, base: base, scope: scope, filter: filter, attributes: attributes))
    }

    private func sense(_ settings: DirectorySettings...) -> DirectorySense {
        DirectorySense(settings, counters: counters)
    }

    private func settings(
        _ servers: [String], name: String = "default", timeoutMs: Int = 10_000,
        change: (inout DirectorySettings) -> Void = { _ in }
    ) -> DirectorySettings {
        var settings = DirectorySettings(
            name: name, servers: servers, base: Slapd.base, timeoutMs: timeoutMs, retryAfterSeconds: 1)
        change(&settings)
        return settings
    }

    private func answer(_ sense: DirectorySense, _ question: Question) -> DirectoryAnswer? {
        if case .directory(let answer) = asker.ask(sense, question) { answer } else { nil }
    }

    /// The text of an answer that is none.
    private func reason(_ answer: DirectoryAnswer?) -> String {
        switch answer {
        case .unreachable(let reason), .refused(let reason): reason
        case .entries, .none?, nil: ""
        }
    }

    private func isUnreachable(_ answer: DirectoryAnswer?) -> Bool {
        if case .unreachable = answer { true } else { false }
    }

    private func isRefused(_ answer: DirectoryAnswer?) -> Bool {
        if case .refused = answer { true } else { false }
    }

    private static let anna = DirectoryAnswer.entries([
        DirectoryEntry(
            name: "uid=anna,dc=example",
            attributes: [.init(name: "mail", values: ["anna@example.net", "a@example.net"])])
    ])

    @Test("an entry comes with its values in order, as UTF-8 with what is not replaced")
    func entries() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let sense = sense(settings([slapd.url]))
        defer { sense.close() }
        #expect(answer(sense, question("(uid=anna)")) == Self.anna)
        // Names as asked for, in the order asked; what the entry doesn't have is left out.
        #expect(
            answer(sense, question("(uid=anna)", ["jpegPhoto", "telephoneNumber", "DESCRIPTION"]))
                == .entries([
                    DirectoryEntry(
                        name: "uid=anna,dc=example",
                        attributes: [
                            .init(name: "jpegPhoto", values: ["\u{FFFD}\u{FFFD}\u{FFFD}\u{0}a"]),
                            .init(name: "DESCRIPTION", values: ["Grüße"]),
                        ])
                ]))
        guard case .entries(let all) = answer(sense, question("(uid=anna)", [])) else {
            Issue.record("no entry")
            return
        }
        #expect(all.first?.attributes.map(\.name).contains("objectClass") == true)
        #expect(answer(sense, question("(uid=nobody)")) == DirectoryAnswer.none)
        #expect(
            answer(sense, question("(objectClass=*)", ["dc"], base: Slapd.base, scope: .base))
                == .entries([
                    DirectoryEntry(name: "dc=example", attributes: [.init(name: "dc", values: ["example"])])
                ]))
    }

    @Test(
        "a question that is wrong is refused, not put off: a bad filter, no such base, a referral, too much")
    func refused() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let sense = sense(settings([slapd.url]))
        defer { sense.close() }
        let wrong = [
            (question("(uid=anna"), "the filter is malformed"),
            (question("(uid=a)", base: "dc=nowhere,dc=example"), "No such object"),
            (question("(uid=a)", base: "dc=elsewhere"), "Referral"),
            (question("(uid=a)", base: "no name at all"), "Invalid DN"),
            (question("(uid=\(String(repeating: "a", count: 5_000)))"), "more than 4096 octets"),
            (question("(uid=a)", base: String(repeating: "a", count: 2_000)), "more than 1024 octets"),
            (question("(uid=a)", ["mail\u{0}"]), "an attribute's name is no name"),
            (question("(uid=a\u{0})"), "NUL"),
            (question("(uid=a)", directory: "other"), "there is no directory \"other\""),
        ]
        for (question, text) in wrong {
            let answer = answer(sense, question)
            #expect(isRefused(answer), "\(text): \(String(describing: answer))")
            #expect(reason(answer).contains(text), "\(reason(answer))")
        }
        // None of it cost the connection or the server its good name.
        #expect(answer(sense, question("(uid=anna)")) == Self.anna)
    }

    @Test("entries and values are limited, whatever the directory holds")
    func limits() throws {
        let crowd = (0..<20).map {
            "dn: uid=u\($0),dc=example\nobjectClass: inetOrgPerson\nuid: u\($0)\ncn: U\nsn: crowd\n\n"
        }.joined()
        let members = (0..<1_200).map { "member: uid=u\($0),dc=example\n" }.joined()
        let group = "dn: cn=all,dc=example\nobjectClass: groupOfNames\ncn: all\n\(members)\n"
        let long = String(repeating: "x", count: 30_000)
        let large =
            "dn: cn=large,dc=example\nobjectClass: inetOrgPerson\ncn: large\nsn: l\n"
            + (0..<5).map { "description: \($0)\(long)\n" }.joined() + "\n"
        let slapd = try Slapd(in: folder.path, entries: crowd + group + large)
        let sense = sense(settings([slapd.url]))
        defer { sense.close() }
        guard case .entries(let many) = answer(sense, question("(sn=crowd)", ["uid"])),
            case .entries(let one) = answer(sense, question("(cn=all)", ["member"]))
        else {
            Issue.record("no entries")
            return
        }
        #expect(many.count == DirectoryAnswer.entriesMax)
        #expect(one.first?.attributes.first?.values.count == DirectoryAnswer.valuesMax)
        let tooLarge = answer(sense, question("(cn=large)", ["description"]))
        #expect(isRefused(tooLarge))
        #expect(reason(tooLarge).contains("more than 120000 octets"))
        #expect(answer(sense, question("(cn=large)", ["sn"])) != nil)
    }

    @Test("the servers are tried in order; one that is gone is left alone for a while, then preferred again")
    func failover() throws {
        let first = try Slapd(in: folder.path + "/1", entries: Self.people)
        let second = try Slapd(
            in: folder.path + "/2",
            entries: Self.people.replacingOccurrences(of: "cn: Anna", with: "cn: Zwei"))
        let sense = sense(
            settings([first.url, second.url]) {
                $0.cacheSeconds = 0
                $0.connections = 1
            })
        defer { sense.close() }
        func name() -> String? {
            guard case .entries(let entries) = answer(sense, question("(uid=anna)", ["cn"])) else {
                return nil
            }
            return entries.first?.attributes.first?.values.first
        }
        #expect(name() == "Anna")
        first.stop()
        #expect(name() == "Zwei")
        #expect(name() == "Zwei")
        try first.start()
        let deadline = Date(timeIntervalSinceNow: 30)
        while name() != "Anna", Date() < deadline {}
        #expect(name() == "Anna")
        second.stop()
        first.stop()
        let gone = answer(sense, question("(uid=anna)", ["cn"]))
        #expect(isUnreachable(gone))
        #expect(reason(gone).contains("127.0.0.1:\(second.port)"))
    }

    @Test("a connection that the server closed while it waited costs no answer")
    func restarted() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let sense = sense(
            settings([slapd.url]) {
                $0.cacheSeconds = 0
                $0.connections = 1
            })
        defer { sense.close() }
        #expect(answer(sense, question("(uid=anna)")) == Self.anna)
        slapd.stop()
        try slapd.start()
        #expect(answer(sense, question("(uid=anna)")) == Self.anna)
    }

    @Test("a frozen server costs its time and no more, and another directory doesn't notice")
    func frozen() throws {
        let slapd = try Slapd(in: folder.path + "/1", entries: Self.people)
        let other = try Slapd(in: folder.path + "/2", entries: Self.people)
        let sense = sense(
            settings([slapd.url], timeoutMs: 500), settings([other.url], name: "other", timeoutMs: 20_000))
        defer {
            slapd.thaw()
            sense.close()
        }
        #expect(answer(sense, question("(uid=anna)")) == Self.anna)
        try slapd.freeze()
        let slow = asker.begin(sense, question("(uid=anna)", ["cn"]))
        #expect(answer(sense, question("(uid=anna)", directory: "other")) == Self.anna)
        guard case .directory(let late) = asker.wait(slow) else {
            Issue.record("no answer")
            return
        }
        #expect(isUnreachable(late))
        #expect(reason(late).contains("took too long"))
        // What is remembered is known even now.
        #expect(answer(sense, question("(uid=anna)")) == Self.anna)
    }

    @Test(
        "a server that lies is bounded, and named",
        arguments: [
            ("garbage", ScriptedDirectory.Act.say(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))),
            ("a length without end", .say([0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 0x02, 0x01, 0x01])),
            (
                "an endless entry",
                .endless(ScriptedDirectory.entry("uid=a", [("mail", [[UInt8](repeating: 97, count: 900)])]))
            ),
            (
                "a drop amid the answer",
                .say(Array(ScriptedDirectory.entry("uid=a", [("mail", [[97]])]).dropLast(3)))
            ),
            ("a trickle", .trickle([0x30, 0x82, 0x10, 0x00])),
            ("silence", .silence),
            ("a hang-up", .drop),
            ("an entry without a name", .say(ScriptedDirectory.entry("", []) + ScriptedDirectory.done(51))),
            ("zeros", .endless([0, 0, 0, 0])),
        ])
    func lies(_ what: String, _ act: ScriptedDirectory.Act) throws {
        let liar = try ScriptedDirectory(act)
        let sense = sense(settings([liar.url], timeoutMs: 700) { $0.connections = 1 })
        defer { sense.close() }
        let answer = answer(sense, question("(uid=anna)"))
        #expect(isUnreachable(answer) || isRefused(answer), "\(what): \(String(describing: answer))")
        #expect(reason(answer).contains("127.0.0.1:\(liar.port)"), "\(what): \(reason(answer))")
    }

    @Test("entries beyond those asked for, attributes that nobody asked for, and broken text are cut down")
    func lyingEntries() throws {
        let one = ScriptedDirectory.entry(
            "uid=a", [("mail", [[0xC3, 0x28]]), ("userPassword", [[1]]), ("MAIL;lang-de", [[98]])])
        let liar = try ScriptedDirectory(
            .say([[UInt8]](repeating: one, count: 50).flatMap { $0 } + ScriptedDirectory.done()))
        let sense = sense(settings([liar.url]))
        defer { sense.close() }
        guard case .entries(let entries) = answer(sense, question("(uid=a)")) else {
            Issue.record("no entries")
            return
        }
        #expect(entries.count == DirectoryAnswer.entriesMax)
        #expect(
            entries.first?.attributes == [
                .init(name: "mail", values: ["\u{FFFD}("]), .init(name: "MAIL;lang-de", values: ["b"]),
            ])
    }

    @Test("what was answered is remembered, what isn't there too, that nobody answered not")
    func remembered() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let sense = sense(settings([slapd.url]) { $0.cacheEntries = 2 })
        defer { sense.close() }
        for _ in 0..<3 {
            #expect(answer(sense, question("(uid=anna)")) == Self.anna)
            #expect(answer(sense, question("(uid=nobody)")) == DirectoryAnswer.none)
        }
        #expect(counters.value(.directoryAsked) == 2)
        #expect(counters.value(.directoryRemembered) == 4)
        // A third makes the oldest go.
        #expect(answer(sense, question("(uid=third)")) == DirectoryAnswer.none)
        #expect(answer(sense, question("(uid=nobody)")) == DirectoryAnswer.none)
        #expect(counters.value(.directoryAsked) == 3)
        #expect(answer(sense, question("(uid=anna)")) == Self.anna)
        #expect(counters.value(.directoryAsked) == 4)
        slapd.stop()
        #expect(isUnreachable(answer(sense, question("(uid=late)"))))
        try slapd.start()
        let deadline = Date(timeIntervalSinceNow: 30)
        while isUnreachable(answer(sense, question("(uid=late)"))), Date() < deadline {}
        #expect(answer(sense, question("(uid=late)")) == DirectoryAnswer.none)
    }

    @Test("equal questions under way become one")
    func coalesced() throws {
        let server = try ScriptedDirectory(
            .held(ScriptedDirectory.entry("uid=a", [("mail", [[97]])]) + ScriptedDirectory.done()))
        let sense = sense(settings([server.url]) { $0.connections = 4 })
        defer { sense.close() }
        let tokens = (0..<20).map { _ in asker.begin(sense, question("(uid=a)")) }
        #expect(server.awaitRequests(1))
        server.release()
        for token in tokens {
            guard case .directory(.entries) = asker.wait(token) else {
                Issue.record("not answered")
                return
            }
        }
        #expect(server.requestCount == 1)
        #expect(counters.value(.directoryAsked) == 1)
    }

    @Test("TLS: StartTLS, ldaps and ldapi work, and a certificate that we don't trust is none")
    func tls() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        for (server, startsTLS) in [(slapd.url, true), (slapd.tlsURL, false), (slapd.socketURL, false)] {
            let sense = sense(
                settings([server]) {
                    $0.startsTLS = startsTLS
                    $0.authoritiesPath = slapd.authorityPath
                })
            #expect(answer(sense, question("(uid=anna)")) == Self.anna, "\(server)")
            sense.close()
        }
        for (server, startsTLS) in [(slapd.url, true), (slapd.tlsURL, false)] {
            let sense = sense(settings([server]) { $0.startsTLS = startsTLS })
            let answer = answer(sense, question("(uid=anna)"))
            #expect(isUnreachable(answer), "\(server): \(String(describing: answer))")
            #expect(reason(answer).contains("certificate"), "\(reason(answer))")
            sense.close()
        }
        // The name in the URL has to be the certificate's.
        let sense = sense(
            settings(["ldaps://localhost.localdomain:\(slapd.tlsPort)"]) {
                $0.authoritiesPath = slapd.authorityPath
            })
        #expect(isUnreachable(answer(sense, question("(uid=anna)"))))
        sense.close()
    }

    @Test("we bind as we are told, and a wrong secret of our own is nobody else's fault")
    func serviceBind() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let boss = DirectoryAnswer.entries([
            DirectoryEntry(
                name: "uid=boss,ou=secret,dc=example",
                attributes: [.init(name: "mail", values: ["boss@example.net"])])
        ])
        for (name, secret, expected) in [
            (Slapd.serviceName, Slapd.serviceSecret, boss as DirectoryAnswer?),
            ("", "", DirectoryAnswer.none),
            (Slapd.serviceName, "wrong", nil),
        ] {
            let sense = sense(
                settings([slapd.url]) {
                    $0.bindName = name
                    $0.bindSecret = Array(secret.utf8)
                })
            let answer = answer(sense, question("(uid=boss)"))
            if let expected {
                #expect(answer == expected)
            } else {
                #expect(isUnreachable(answer))
                #expect(reason(answer).contains("it refuses the bind as \(Slapd.serviceName)"))
                #expect(!reason(answer).contains(secret))
            }
            sense.close()
        }
    }
}
