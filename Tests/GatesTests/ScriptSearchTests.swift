// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import SieveLanguage
import Testing

@testable import Gates

@Suite("Where a recipient's scripts come from")
struct ScriptSearchTests {
    private static let bob = "bob@example.test"

    private func policy(
        separator: String? = "+", _ change: (inout FilterPolicy) -> Void = { _ in },
        channel: (inout ChannelFilters) -> Void = { _ in }
    ) -> Policy {
        var policy = Rules.policy
        change(&policy.filters)
        if var inside = policy.channels["inside"] {
            channel(&inside.filters)
            policy.channels["inside"] = inside
        }
        if let separator {
            policy.verification.domains["example.test"] = VerificationPolicy.Domain(
                kind: .internalRelay, detailSeparator: separator)
        }
        return policy
    }

    private func find(
        _ policy: Policy, for address: String = bob, _ answers: [Question: Answer] = [:],
        users: [String: String] = [:], ruleset known: Ruleset? = nil
    ) throws -> Driven<[ScriptSearch.Found]> {
        let ruleset = try known ?? Rules.make(users: users, policy: policy)
        let search = ScriptSearch(
            ruleset: ruleset, recipient: Rules.recipient(address), session: Rules.session())
        return drive(search, in: World(others: answers))
    }

    private func file(_ path: String) -> Question {
        .script(ScriptQuestion(store: ScriptQuestion.users, path: path))
    }

    private func text(_ text: String) -> Answer { .script(.text(text)) }

    // MARK: The folder of users

    @Test("the ruleset's own script needs no question")
    func ruleset() throws {
        let driven = try find(policy { $0.readsUserFolder = true }, users: [Self.bob: "keep;"])
        #expect(driven.rounds.isEmpty)
        #expect(driven.outcome.map(\.level) == [.user])
        #expect(driven.trail.entries.isEmpty)
    }

    @Test(
        "a user's file is asked for by his address and without its detail, in lower case, and the first counts"
    )
    func details() throws {
        let policy = policy { $0.readsUserFolder = true }
        let whole = file("bob+news@example.test.sieve")
        let base = file("bob@example.test.sieve")
        let both = try find(
            policy, for: "Bob+News@Example.TEST", [whole: text("discard;"), base: text("keep;")])
        #expect(both.rounds == [[whole, base]])
        #expect(both.outcome.map(\.name) == ["users/bob+news@example.test.sieve"])
        let one = try find(
            policy, for: "bob+news@example.test", [whole: .script(.none), base: text("keep;")])
        #expect(one.outcome.map(\.name) == ["users/bob@example.test.sieve"])
        #expect(one.outcome.first?.owner?.description == "bob+news@example.test")
        #expect(one.results == ["user script is users/bob@example.test.sieve"])
    }

    @Test("nobody is asked for those who aren't ours, nor for a name that is no file's")
    func strangers() throws {
        let policy = policy { $0.readsUserFolder = true }
        for address in [
            "eve@elsewhere.example", "\"../../etc/passwd\"@example.test", "\".hidden\"@example.test",
        ] {
            let driven = try find(policy, for: address)
            #expect(driven.rounds.isEmpty, "\(address)")
            #expect(driven.outcome.isEmpty)
        }
    }

    @Test("a folder that can't be read puts the message off, or is skipped, and both are noted")
    func unreachable() throws {
        var policy = policy { $0.readsUserFolder = true }
        let gone: [Question: Answer] = [file("bob@example.test.sieve"): .script(.unreachable("no disk"))]
        let deferred = try find(policy, gone)
        #expect(deferred.outcome.map(\.isTransient) == [true])
        #expect(deferred.outcome.first?.notice() == nil, "its owner can't mend that")
        #expect(deferred.results == ["user script can't be had now: no disk"])
        policy.filters.onUnreachable = .skip
        let skipped = try find(policy, gone)
        #expect(skipped.outcome.isEmpty)
        #expect(skipped.results == ["user script can't be had now, and is skipped: no disk"])
        #expect(try find(policy).outcome.isEmpty, "no answer at all")
        policy.filters.onUnreachable = .defer
        #expect(try find(policy).outcome.map(\.isTransient) == [true])
    }

    @Test("a script with mistakes, or that is none, is told to its owner")
    func mistakes() throws {
        let policy = policy { $0.readsUserFolder = true }
        let path = file("bob@example.test.sieve")
        let wrong = try #require(try find(policy, [path: text("keep;\nfoo;\nbar;")]).outcome.first)
        #expect(wrong.script == nil && !wrong.isTransient && wrong.onError == nil)
        let notice = try #require(wrong.notice())
        #expect(notice.problem == .mistakes)
        #expect(notice.details.count == 2)
        #expect(notice.details[0].hasPrefix("users/bob@example.test.sieve:2:1: "))
        let unreadable = try #require(try find(policy, [path: .script(.refused("too long"))]).outcome.first)
        #expect(unreadable.notice()?.problem == .unreadable)
        #expect(unreadable.notice()?.details == ["too long"])
        let sound = try #require(try find(policy, [path: text("keep;")]).outcome.first)
        #expect(sound.notice() == nil)
        #expect(sound.notice(failure: "x:1: failed")?.problem == .failure)
    }

    @Test("what acts on other people's mail, no user's script can require")
    func withheld() throws {
        let policy = policy { $0.readsUserFolder = true }
        for name in ["jettison", "hold", "capture", "refuse", "novacation"] {
            let found = try find(
                policy, [file("bob@example.test.sieve"): text("require \"\(name)\";")]
            ).outcome.first
            #expect(found?.script == nil, "\(name)")
        }
    }

    @Test("it is held to what users may spend")
    func limits() throws {
        var policy = policy { $0.readsUserFolder = true }
        policy.filters.userLimits.redirectsMax = 0
        let answers = [file("bob@example.test.sieve"): text("redirect \"a@example.org\";")]
        #expect(try find(policy, answers).outcome.first?.script == nil)
        policy.filters.userLimits.redirectsMax = 1
        let found = try #require(try find(policy, answers).outcome.first)
        #expect(found.script != nil)
        #expect(found.limits == policy.filters.userLimits)
    }

    @Test("what a script includes is fetched, and what that includes, each once")
    func includes() throws {
        let policy = policy { $0.readsUserFolder = true }
        let driven = try find(
            policy,
            [
                file("bob@example.test.sieve"): text(
                    #"require "include"; include "a"; include :personal "b"; include :global :optional "g";"#),
                file("bob@example.test/a.sieve"): text(#"require "include"; include :once "b";"#),
                file("bob@example.test/b.sieve"): text("discard;"),
            ])
        #expect(
            driven.rounds == [
                [file("bob@example.test.sieve")],
                [file("bob@example.test/a.sieve"), file("bob@example.test/b.sieve")],
            ])
        #expect(driven.outcome.first?.failure == nil)
        let missing = try find(
            policy,
            [
                file("bob@example.test.sieve"): text(#"require "include"; include "../x"; include "a";"#),
                file("bob@example.test/a.sieve"): .script(.none),
            ])
        #expect(missing.outcome.first?.mistakes.count == 2)
        let unreachable = try find(
            policy, [file("bob@example.test.sieve"): text(#"require "include"; include "a";"#)])
        #expect(unreachable.outcome.first?.isTransient == true)
    }

    @Test("an endless chain of includes ends")
    func chain() throws {
        let policy = policy { $0.readsUserFolder = true }
        var answers = [file("bob@example.test.sieve"): text(#"require "include"; include "n1";"#)]
        for number in 1...60 {
            answers[file("bob@example.test/n\(number).sieve")] = text(
                "require \"include\"; include \"n\(number + 1)\";")
        }
        let driven = try find(policy, answers)
        #expect(driven.rounds.count <= 2 + policy.filters.userLimits.includeDepthMax)
        #expect(driven.outcome.first?.script == nil)
    }

    @Test("the same text is compiled once, and another ruleset compiles it anew")
    func memory() throws {
        let policy = policy { $0.readsUserFolder = true }
        let ruleset = try Rules.make(policy: policy)
        let answers = [file("bob@example.test.sieve"): text("discard;")]
        for _ in 0..<3 { _ = try find(policy, answers, ruleset: ruleset) }
        #expect(ruleset.compiled.count == 1)
        _ = try find(policy, [file("bob@example.test.sieve"): text("keep;")], ruleset: ruleset)
        #expect(ruleset.compiled.count == 2)
        #expect(try Rules.make(policy: policy).compiled.count == 0)
    }

    // MARK: The directory

    private static let directory: FilterPolicy.ScriptDirectory = {
        var directory = FilterPolicy.ScriptDirectory(name: "people")
        directory.domainFilter = "(dc=%d)"
        directory.householdReference = "hohRef"
        directory.householdSwitch = "hohOn"
        return directory
    }()

    private func userEntry(_ filter: String = "(mail=bob@example.test)") -> Question {
        .directory(
            DirectoryQuestion(
                directory: "people", base: "", scope: .sub, filter: filter,
                attributes: ["mailSieveRuleSource", "hohRef", "hohOn"]))
    }

    private var domainEntry: Question {
        .directory(
            DirectoryQuestion(
                directory: "people", base: "", scope: .sub, filter: "(dc=example.test)",
                attributes: ["mailDomainSieveRuleSource"]))
    }

    private var householdEntry: Question {
        .directory(
            DirectoryQuestion(
                directory: "people", base: "uid=mum,o=x", scope: .base, filter: "(objectClass=*)",
                attributes: ["mailSieveRuleSource", "mail"]))
    }

    private func entry(_ name: String, _ attributes: [(String, [String])]) -> Answer {
        .directory(
            .entries([
                DirectoryEntry(name: name, attributes: attributes.map { .init(name: $0.0, values: $0.1) })
            ]))
    }

    @Test("attributes of user, household and domain, several values joined by their order")
    func directory() throws {
        let policy = policy { $0.directory = Self.directory }
        let driven = try find(
            policy,
            [
                userEntry(): entry(
                    "uid=bob,o=x",
                    [
                        (
                            "MAILSIEVERULESOURCE",
                            [
                                "# $Rule Info: Order=2 Template=t Name=b\nkeep;",
                                "# $Rule Info: Order=1 Template=t Name=a\nrequire \"fileinto\"; fileinto \"x\";",
                            ]
                        ), ("hohRef", ["uid=mum,o=x"]), ("hohOn", ["Yes"]),
                    ]),
                domainEntry: entry("dc=x", [("mailDomainSieveRuleSource", ["discard;"])]),
                householdEntry: entry(
                    "uid=mum,o=x", [("mailSieveRuleSource", ["discard;"]), ("mail", ["mum@example.test"])]),
            ])
        #expect(driven.rounds == [[userEntry(), domainEntry], [householdEntry]])
        #expect(driven.outcome.map(\.level) == [.user, .household, .domain])
        #expect(driven.outcome.allSatisfy { $0.script != nil })
        #expect(driven.outcome.map(\.owner?.description) == [Self.bob, "mum@example.test", nil])
        #expect(driven.outcome.map(\.onError) == [nil, .hold, .hold])
    }

    @Test("a household that is switched off, or is nobody's, imposes nothing")
    func household() throws {
        let policy = policy { $0.directory = Self.directory }
        func levels(_ attributes: [(String, [String])], _ more: [Question: Answer] = [:]) throws -> [String] {
            let answers = [userEntry(): entry("uid=bob,o=x", attributes), domainEntry: .directory(.none)]
            return try find(policy, answers.merging(more) { $1 }).outcome.map {
                "\($0.level) \($0.failure ?? "")"
            }
        }
        #expect(try levels([("hohRef", ["uid=mum,o=x"]), ("hohOn", ["no"])]) == [])
        #expect(try levels([("hohOn", ["yes"])]) == [])
        let on = [("hohRef", ["uid=mum,o=x"]), ("hohOn", ["yes"])]
        #expect(
            try levels(on, [householdEntry: .directory(.none)]) == [
                "household uid=mum,o=x: there is no such entry"
            ])
        #expect(try levels(on, [householdEntry: .directory(.unreachable("gone"))]) == ["household gone"])
    }

    @Test("a directory that is gone puts off every level that it may have a script of")
    func directoryGone() throws {
        let policy = policy { $0.directory = Self.directory }
        let driven = try find(policy)
        #expect(driven.outcome.map(\.level) == [.user, .household, .domain])
        #expect(driven.outcome.allSatisfy { $0.isTransient })
    }

    // MARK: Filter URLs

    private func url(_ text: String, store: String = "channel.inside.filter") throws -> FilterURL {
        try FilterURL.read(text, store: store, directories: ["default": "people", "corp": "people"]).url
    }

    @Test("a channel's URLs lead to files, texts and entries, with the recipient's values in them")
    func urls() throws {
        let fileURL = try url("file:/srv/filters/$D/$\\$U-$2S.sieve")
        let textURL = try url(#"data:,if header :is "to" "$A" { discard; }"#)
        var policy = policy { _ in
        } channel: {
            $0.user = fileURL
            $0.destination = textURL
        }
        let search = try url(
            "ldap://corp/ou=$D,o=x?rule?sub?(mail=$L)", store: "channel.tcp_local.source_filter")
        policy.channels["tcp_local"]?.filters.source = search
        policy.channels["tcp_local"]?.sourceScript = nil
        let path = Question.script(
            ScriptQuestion(store: "channel.inside.filter", path: "example.test/bob.sieve"))
        let entry = Question.directory(
            DirectoryQuestion(
                directory: "people", base: "ou=example.test,o=x", scope: .sub, filter: "(mail=bob)",
                attributes: ["rule"]))
        let driven = try find(
            policy, [path: text("keep;"), entry: self.entry("cn=x", [("rule", ["discard;"])])])
        #expect(driven.rounds == [[path, entry]])
        #expect(driven.outcome.map(\.level) == [.user, .destinationChannel, .sourceChannel])
        #expect(driven.outcome.allSatisfy { $0.script != nil })
        #expect(driven.outcome.map(\.name).last == "rule of cn=x")
    }

    @Test("a value can't lead to another file, add to a filter, or end a string")
    func quoting() throws {
        let fileURL = try url("file:/srv/$L/x.sieve")
        let files = policy(separator: nil) { _ in
        } channel: {
            $0.destination = fileURL
        }
        for local in ["\"..\"", "\"a/b\"", "\".a\""] {
            let found = try find(files, for: "\(local)@example.test")
            #expect(found.rounds.isEmpty, "\(local)")
            #expect(
                found.outcome.map(\.onError) == [.hold], "an operator's script that can't be found is no none"
            )
            #expect(found.outcome.first?.failure != nil)
        }
        let ldapURL = try url("ldap:///o=$L?rule?sub?(cn=$L)")
        let entries = policy(separator: nil) { _ in
        } channel: {
            $0.destination = ldapURL
        }
        let asked = try find(entries, for: "\"*)(x=,o\"@example.test").rounds.first?.first
        #expect(
            asked
                == .directory(
                    DirectoryQuestion(
                        directory: "people", base: "o=*)(x\\3d\\2co", scope: .sub,
                        filter: "(cn=\\2a\\29\\28x=,o)", attributes: ["rule"])))
        let dataURL = try url(#"data:,if header :is "to" "$L" { discard; }"#)
        let texts = policy(separator: nil) { _ in
        } channel: {
            $0.destination = dataURL
        }
        let script = try find(texts, for: "\"a\\\" { } stop; \\\\\"@example.test").outcome.first
        #expect(script?.script != nil)
        #expect(try find(texts, for: "\"${env.x}\"@example.test").outcome.first?.failure != nil)
        // Nor is a reference made where a value and the script meet.
        let meetingURL = try url(#"data:,if header :is "to" "$$$L{x}" { discard; }"#)
        let meeting = policy(separator: nil) { _ in
        } channel: {
            $0.destination = meetingURL
        }
        #expect(try find(meeting, for: "{x}@example.test").outcome.first?.failure != nil)
        #expect(try find(meeting, for: "x$@example.test").outcome.first?.failure != nil)
        #expect(try find(meeting, for: "x@example.test").outcome.first?.failure == nil)
    }

    @Test("a URL with a detail is nobody's where there is none, but for $1S, $2S and $3S")
    func absence() throws {
        func path(_ text: String, for address: String) throws -> String? {
            let fileURL = try url("file:/srv/\(text)")
            let policy = policy { _ in
            } channel: {
                $0.user = fileURL
            }
            let asked = try find(policy, for: address).rounds.first?.first
            if case .script(let question)? = asked { return question.path }
            return nil
        }
        let (plain, detailed) = ("bob@example.test", "bob+x@example.test")
        #expect(try path("a/$U-$S.sieve", for: plain) == nil)
        #expect(try path("a/$U-$S.sieve", for: detailed) == "bob-x.sieve")
        #expect(try path("a/$U-$1S.sieve", for: plain) == "bob-.sieve")
        #expect(try path("a/$U-$2S.sieve", for: plain) == "bob.sieve")
        #expect(try path("a/$3S-$U.sieve", for: plain) == "bob.sieve")
        #expect(try path("a/$^$U$_.$H$$.sieve", for: detailed) == "BOB.example$.sieve")
    }

    @Test("a uid comes from the directory, with its hosted domain")
    func uid() throws {
        let fileURL = try url("file:/srv/$I/$M.sieve")
        let policy = policy {
            $0.directory = FilterPolicy.ScriptDirectory(name: "people")
        } channel: {
            $0.destination = fileURL
        }
        let asked = Question.directory(
            DirectoryQuestion(
                directory: "people", base: "", scope: .sub, filter: "(mail=bob@example.test)",
                attributes: ["mailSieveRuleSource", "uid"]))
        let driven = try find(policy, [asked: entry("uid=b1@h,o=x", [("uid", ["b1@host.test"])])])
        #expect(
            driven.rounds.last == [
                .script(ScriptQuestion(store: "channel.inside.filter", path: "host.test/b1.sieve"))
            ])
    }

    @Test(
        "what is no URL of a filter is refused with a remedy",
        arguments: [
            "sieve", "http://x/y", "file:", "file:/", "file://host/x", "file:/srv/$Q.sieve", "file:a/$U/../x",
            "file:/srv/$", "file:a/**", "data:text/plain,keep;", "data:,fileinto $L;", "data:,text:\n$L\n.\n",
            "ldap:x", "ldap://nobody/o=x?a", "ldap:///o=x", "ldap:///o=x?a b", "ldap:///o=x?a?all",
            "ldap:///o=x?a?sub?(a=b", "ldap:///o=x?a?sub?(a=b)(c=d)", "file:/srv/%zz", "file:/srv/$F",
            "file:/srv/$1L", "file:x/$~/y",
        ])
    func refused(text: String) {
        #expect(throws: FilterPattern.Mistake.self) {
            try FilterURL.read(text, store: "s", directories: ["default": "d"])
        }
    }
}
