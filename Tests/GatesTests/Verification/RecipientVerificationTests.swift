// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import Testing

@testable import Gates

@Suite("Does a recipient exist?")
struct RecipientVerificationTests {
    private func ruleset(
        _ source: VerificationPolicy.RecipientSource, separator: String? = nil,
        onFailure: VerificationPolicy.OnFailure = .defer, mappings: String = "",
        databases: [String: DatabaseSource] = [:]
    ) throws -> Ruleset {
        var policy = Rules.policy
        policy.verification.domains["example.test"] = VerificationPolicy.Domain(
            kind: .authoritative, recipients: source, onFailure: onFailure, detailSeparator: separator)
        let made = try Rules.make(mappings, policy: policy)
        return Ruleset(
            hash: made.hash, tables: made.tables, scripts: made.scripts, policy: policy, databases: databases)
    }

    private func judge(
        _ ruleset: Ruleset, _ recipient: String, _ answers: [Question: Answer] = [:]
    ) -> Driven<Decision> {
        var world = World()
        world.others = answers
        return drive(
            RecipientGate(
                ruleset: ruleset, session: Rules.session(), sender: Rules.sender(),
                recipient: Rules.mailbox(recipient)), in: world)
    }

    private static func database(_ text: String) -> [String: DatabaseSource] {
        ["users": .compiled(TextDatabase.parse(Array(text.utf8), file: "users.txt").database)]
    }

    private static func live(_ key: String) -> Question {
        .database(DatabaseQuestion(database: "users", key: key))
    }

    private static func unknown(_ recipient: String) -> Decision {
        .reject(Reply(550, "5.1.1", "Recipient unknown: \(recipient)"))
    }

    @Test("a database of the ruleset knows at once, in any case, quoted or not")
    func compiled() throws {
        let ruleset = try ruleset(.database("users"), databases: Self.database("bob@example.test x\n"))
        for known in ["bob@example.test", "BOB@Example.Test", "\"bob\"@example.test"] {
            let judged = judge(ruleset, known)
            #expect(judged.outcome.rejection == nil, "\(known)")
            #expect(judged.rounds.isEmpty)
        }
        let judged = judge(ruleset, "carl@example.test")
        #expect(judged.outcome == Self.unknown("carl@example.test"))
        #expect(
            judged.trail.entries.last
                == Trail.Entry(
                    .policy, rule: "postern.toml [domain.\"example.test\"]",
                    about: "recipient carl@example.test",
                    result: "database:users doesn't know it: carl@example.test, @example.test"))
    }

    @Test("the key @domain stands for every recipient of it")
    func catchAll() throws {
        let ruleset = try ruleset(.database("users"), databases: Self.database("@example.test -\n"))
        #expect(judge(ruleset, "anybody@example.test").outcome.rejection == nil)
    }

    @Test("a live database is asked key by key, until one is there")
    func liveDatabase() throws {
        let ruleset = try ruleset(.database("users"), separator: "+", databases: ["users": .live])
        let known: [Question: Answer] = [
            Self.live("bob+x@example.test"): .database(.none),
            Self.live("bob@example.test"): .database(.value("")),
        ]
        let judged = judge(ruleset, "bob+x@example.test", known)
        #expect(judged.outcome.rejection == nil)
        #expect(judged.rounds == [[Self.live("bob+x@example.test")], [Self.live("bob@example.test")]])
    }

    @Test("details are dropped only where the settings say what divides them")
    func details() throws {
        let databases = Self.database("bob@example.test x\n+x@example.test x\n")
        let plain = try ruleset(.database("users"), databases: databases)
        #expect(judge(plain, "bob+lists@example.test").outcome == Self.unknown("bob+lists@example.test"))
        let divided = try ruleset(.database("users"), separator: "+", databases: databases)
        #expect(judge(divided, "bob+lists+x@example.test").outcome.rejection == nil)
        #expect(judge(divided, "+y@example.test").outcome == Self.unknown("+y@example.test"))
    }

    @Test("a directory is searched with the address quoted, whatever it holds")
    func directory() throws {
        let source = VerificationPolicy.DirectorySource(
            name: "default", filter: "(|(mail=%a)(&(uid=%u)(o=%d)(x=100%%)))", attributes: ["mail"])
        let ruleset = try ruleset(.directory(source))
        let judged = judge(ruleset, "\"a)(uid=*\\\\\"@example.test")
        let filter =
            #"(|(mail=a\29\28uid=\2a\5c@example.test)(&(uid=a\29\28uid=\2a\5c)(o=example.test)(x=100%)))"#
        #expect(
            judged.rounds == [
                [
                    .directory(
                        DirectoryQuestion(
                            directory: "default", base: "", scope: .sub, filter: filter, attributes: ["mail"])
                    )
                ]
            ])
    }

    @Test("what a directory answers decides, and its failure is the policy's to judge")
    func directoryAnswers() throws {
        let source = VerificationPolicy.RecipientSource.directory(.init(name: "default"))
        let question = Question.directory(
            DirectoryQuestion(
                directory: "default", base: "", scope: .sub, filter: "(mail=bob@example.test)",
                attributes: ["mail"]))
        let entry = DirectoryEntry(name: "uid=bob,o=test", attributes: [])
        let cases: [(Answer, Int?)] = [
            (.directory(.entries([entry])), nil), (.directory(.none), 550),
            (.directory(.unreachable("all servers are gone")), 451),
            (.directory(.refused("bad filter")), 451),
            (.unavailable("no answer within 20 s"), 451), (.time(1), 451),
        ]
        for (answer, code) in cases {
            let strict = judge(try ruleset(source), "bob@example.test", [question: answer])
            #expect(strict.outcome.rejection?.code == code, "\(answer)")
            let lax = judge(try ruleset(source, onFailure: .accept), "bob@example.test", [question: answer])
            #expect(lax.outcome.rejection?.code == (code == 451 ? nil : code), "\(answer)")
            if code == 451 {
                #expect(strict.results.last?.hasPrefix("directory:default can't say") == true)
                #expect(lax.results.last?.hasSuffix("accepted unverified") == true)
            }
        }
    }

    @Test("the next hop is asked about the recipient as he was named, then without his detail")
    func callAhead() throws {
        let ruleset = try ruleset(.callAhead, separator: "+")
        let whole = Question.recipient(
            RecipientQuestion(channel: "inside", recipient: Rules.mailbox("Bob+X@example.test")))
        let base = Question.recipient(
            RecipientQuestion(channel: "inside", recipient: Rules.mailbox("Bob@example.test")))
        let refusal = Answer.recipient(.unknown(reply: "550 5.1.1 no such user"))
        let known = judge(ruleset, "Bob+X@example.test", [whole: refusal, base: .recipient(.accepted)])
        #expect(known.outcome.rejection == nil)
        #expect(known.rounds == [[whole], [base]])
        let unknown = judge(ruleset, "Bob+X@example.test", [whole: refusal, base: refusal])
        #expect(unknown.outcome == Self.unknown("Bob+X@example.test"))
        #expect(unknown.results.last?.contains("550 5.1.1 no such user") == true)
        let unsure = judge(ruleset, "Bob+X@example.test", [whole: .recipient(.unsure("451 busy"))])
        #expect(
            unsure.outcome.rejection
                == Reply(451, "4.4.3", "Recipient can't be verified now, try again later: Bob+X@example.test")
        )
        #expect(unsure.rounds.count == 1)
    }

    @Test("RFC 5321 §4.5.1: the postmaster of a domain of ours always exists, named with it or without")
    func postmaster() throws {
        let ruleset = try ruleset(.callAhead)
        for recipient in ["PostMaster@example.test", "postmaster"] {
            #expect(judge(ruleset, recipient).rounds.isEmpty)
            #expect(judge(ruleset, recipient).outcome.rejection == nil)
        }
    }

    @Test("nobody is asked about a recipient that an ORIG_ table rejects, or that isn't ours")
    func order() throws {
        let mappings = """
            ORIG_SEND_ACCESS

              *|*|*|bob@*  $NNo

            SEND_ACCESS

              *|*|*|*  $X5.7.9|$NNever

            """
        let ruleset = try ruleset(.callAhead, mappings: mappings)
        #expect(judge(ruleset, "bob@example.test").rounds.isEmpty)
        #expect(judge(ruleset, "bob@elsewhere.example").rounds.isEmpty)
        // Verified before SEND_ACCESS has its say.
        #expect(judge(ruleset, "carl@example.test").outcome.rejection?.code == 451)
        #expect(judge(ruleset, "postmaster@example.test").outcome.rejection?.status == "5.7.9")
    }

    @Test("a domain without recipients of its own isn't verified")
    func relay() throws {
        #expect(judge(try Rules.make(), "nobody@example.test").outcome.rejection == nil)
    }

    @Test("a filter must be one, and name the recipient")
    func filters() {
        for good in ["(mail=%a)", "(&(objectClass=person)(uid=%u))"] {
            #expect(Mailbox.mistake(inFilter: good) == nil)
        }
        for bad in [
            "", "mail=%a", "(mail=%a", "(mail=%a))(", "(a=%a)(b=%u)", "(mail=%x%a)", "(o=%d)", "(mail=%a%)",
            "(a=%a\n)",
        ] {
            #expect(Mailbox.mistake(inFilter: bad) != nil, "\(bad)")
        }
    }
}
