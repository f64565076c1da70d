// SPDX-License-Identifier: MIT

import Foundation
import Mail
import Telemetry
import Testing

@testable import Lookups

@Suite("An identity", .serialized)
struct IdentityTests {
    private let folder: TemporaryFolder
    private let asker: Asker
    private let counters = CounterPage()
    private let log = HeardLog()

    init() throws {
        folder = try TemporaryFolder()
        asker = try Asker()
    }

    private static let secret = "open sesame"
    private static let people = """
        dn: uid=anna,dc=example
        objectClass: inetOrgPerson
        uid: anna
        cn: Anna
        sn: A
        mail: anna@example.net
        userPassword: open sesame

        dn: uid=none,dc=example
        objectClass: inetOrgPerson
        uid: none
        cn: None
        sn: N
        mail: none@example.net

        dn: uid=homeless,dc=example
        objectClass: inetOrgPerson
        uid: homeless
        cn: Homeless
        sn: H
        userPassword: open sesame

        dn: uid=twin,dc=example
        objectClass: inetOrgPerson
        uid: twin
        cn: Twin
        sn: T
        userPassword: open sesame

        dn: cn=twin,dc=example
        objectClass: inetOrgPerson
        uid: twin
        cn: twin
        sn: T
        userPassword: open sesame


        """

    private func check(
        _ sense: IdentitySense, _ identity: String, _ secret: String, client: String = "192.0.2.1"
    ) -> IdentityAnswer? {
        let question = Question.identity(
            IdentityQuestion(mechanism: "PLAIN", identity: identity, client: IPAddress(client)))
        guard case .identity(let answer) = asker.ask(sense, question, secret: Array(secret.utf8)) else {
            return nil
        }
        return answer
    }

    private func directory(_ servers: [String]) -> IdentitySense {
        IdentitySense(
            IdentitySettings(
                source: .directory(
                    DirectorySettings(name: "default", servers: servers, base: Slapd.base),
                    filter: "(uid=%u)", addressAttribute: "mail"), timeoutMs: 20_000),
            counters: counters, logger: log.logger)
    }

    private func passwords(_ text: String) throws -> IdentitySense {
        try write(text)
        return IdentitySense(
            IdentitySettings(source: .passwords(path: folder.path + "/passwords"), timeoutMs: 20_000),
            counters: counters, logger: log.logger)
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/passwords"), options: .atomic)
    }

    private func verified(_ address: String) throws -> IdentityAnswer {
        .verified(address: try #require(Address(address)))
    }

    private func isFailed(_ answer: IdentityAnswer?) -> Bool {
        if case .failed = answer { true } else { false }
    }

    @Test("a directory verifies whoever can bind with the secret, and nobody else")
    func binds() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let sense = directory([slapd.url])
        defer { sense.close() }
        #expect(check(sense, "anna", Self.secret) == (try verified("anna@example.net")))
        for (identity, secret) in [
            ("anna", "wrong"), ("nobody", Self.secret), ("none", Self.secret), ("twin", Self.secret),
            // RFC 4513 §5.1.2: a server takes an empty secret for no bind as anybody, and grants it.
            ("anna", ""), ("", Self.secret), ("anna", "a\u{0}b"), (String(repeating: "a", count: 300), "x"),
        ] {
            #expect(check(sense, identity, secret) == .refused, "\(identity)")
        }
        #expect(isFailed(check(sense, "homeless", Self.secret)))
        #expect(check(sense, "anna", Self.secret) == (try verified("anna@example.net")))
        #expect(counters.value(.identitiesVerified) == 2)
    }

    @Test("an identity can't forge a filter: what is special in one comes quoted")
    func quoted() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let sense = directory([slapd.url])
        defer { sense.close() }
        for identity in ["*", "ann*", "anna)(uid=*", "*)(uid=*))(|(uid=*", "anna\\", "(anna", "\\61nna"] {
            #expect(check(sense, identity, Self.secret) == .refused, "\(identity)")
        }
        #expect(
            BindChecker.filled("(|(uid=%u)(mail=%u))", "a*(b)\\ü\u{1}")
                == "(|(uid=a\\2a\\28b\\29\\5c\\c3\\bc\\01)(mail=a\\2a\\28b\\29\\5c\\c3\\bc\\01))")
        #expect(BindChecker.filled("(uid=x)", "a") == "(uid=x)")
    }

    @Test("with the directory gone nobody can say, which is no refusal")
    func gone() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let sense = directory([slapd.url])
        defer { sense.close() }
        slapd.stop()
        #expect(isFailed(check(sense, "anna", Self.secret)))
        #expect(log.all.contains { $0.contains("identity.failed") })
        #expect(!log.all.contains { $0.contains(Self.secret) })
    }

    @Test("guesses are counted, and beyond the limit refused unseen; another client is not its fault")
    func guesses() throws {
        let slapd = try Slapd(in: folder.path, entries: Self.people)
        let sense = directory([slapd.url])
        defer { sense.close() }
        for _ in 0..<IdentityLimits.pairFailuresMax { #expect(check(sense, "anna", "wrong") == .refused) }
        #expect(check(sense, "anna", Self.secret) == .refused)
        #expect(check(sense, "ANNA", Self.secret) == .refused)
        #expect(
            check(sense, "anna", Self.secret, client: "192.0.2.2") == (try verified("anna@example.net")))
        let told = log.all.filter { $0.contains("identity.limited") }
        #expect(told.count == 1)
        #expect(told.first?.contains("client=192.0.2.1") == true)
        #expect(!log.all.contains { $0.contains("wrong") })
    }

    @Test("a client that tries many identities is stopped, and an identity that many clients try")
    func spread() {
        let meter = FailureMeter()
        for number in 0..<IdentityLimits.clientFailuresMax {
            #expect(!meter.isOver(identity: "u\(number)", client: "192.0.2.1", nowMs: 1))
            _ = meter.failed(identity: "u\(number)", client: "192.0.2.1", nowMs: 1)
        }
        #expect(meter.isOver(identity: "fresh", client: "192.0.2.1", nowMs: 1))
        #expect(!meter.isOver(identity: "fresh", client: "192.0.2.2", nowMs: 1))
        for number in 0..<IdentityLimits.identityFailuresMax {
            _ = meter.failed(identity: "anna", client: "198.51.100.\(number)", nowMs: 1)
        }
        #expect(meter.isOver(identity: "anna", client: "203.0.113.1", nowMs: 1))
        // The window ends.
        #expect(!meter.isOver(identity: "anna", client: "203.0.113.1", nowMs: 1 + IdentityLimits.windowMs))
    }

    private static let sha512 =
        "$6$saltsalt$e/5XKibXPLqVcfjpD.ouauaJrAOL5V0uo80Lt7n7EbRdRiCx3HbQ90yjOHr.G0T.mx79PEMRy8nmtr0qSYhQp1"
    private static let yescrypt =
        "$y$j9T$k2XAnEHBqQ1Ct2aMXFKNa/$.X04N2hVpz9eY4aeVVLaxg3XSrxlrakD29MzAfFP0a/"

    @Test("a password file verifies by sha512crypt and yescrypt, and a locked or unknown identity is refused")
    func passwordFile() throws {
        let sense = try passwords(
            """
            # people
            anna:\(Self.sha512):anna@example.net
            bert@example.net:\(Self.yescrypt)

            locked:!\(Self.sha512):locked@example.net
            odd:plain words:odd@example.net

            """)
        defer { sense.close() }
        #expect(check(sense, "anna", Self.secret) == (try verified("anna@example.net")))
        #expect(check(sense, "bert@example.net", Self.secret) == (try verified("bert@example.net")))
        for (identity, secret) in [
            ("anna", "open sesam"), ("anna", "open sesame "), ("Anna", Self.secret), ("locked", Self.secret),
            ("nobody", Self.secret), ("anna", Self.sha512), ("anna", ""),
        ] {
            #expect(check(sense, identity, secret) == .refused, "\(identity)")
        }
        #expect(isFailed(check(sense, "odd", "plain words")))
    }

    @Test("a password file that changes counts at once, and one with a mistake verifies nobody")
    func changes() throws {
        let sense = try passwords("anna:\(Self.sha512):anna@example.net\n")
        defer { sense.close() }
        #expect(check(sense, "anna", Self.secret) == (try verified("anna@example.net")))
        try write("anna:\(Self.yescrypt):other@example.net\n")
        #expect(check(sense, "anna", Self.secret) == (try verified("other@example.net")))
        for text in [
            "anna:\(Self.sha512)\n", "anna\n", ":\(Self.sha512)\n", "a:b:c:d\n",
            "anna:\(Self.sha512):anna@example.net\nanna:\(Self.sha512):anna@example.net\n",
        ] {
            try write(text)
            guard case .failed(let reason) = check(sense, "anna", Self.secret) else {
                Issue.record("verified by a file with a mistake: \(text)")
                continue
            }
            #expect(reason.contains("line "))
            #expect(!reason.contains("$6$"))
        }
        try FileManager.default.removeItem(atPath: folder.path + "/passwords")
        #expect(isFailed(check(sense, "anna", Self.secret)))
        try write("anna:\(Self.sha512):anna@example.net\n")
        #expect(check(sense, "anna", Self.secret) == (try verified("anna@example.net")))
    }
}
