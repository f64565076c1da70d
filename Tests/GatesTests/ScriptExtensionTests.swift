// SPDX-License-Identifier: MIT
import Mail
import SieveLanguage
import Testing

@testable import Gates

@Suite("What scripts of a gateway ask and leave behind")
struct ScriptExtensionTests {
    private static let message =
        "Message-ID: <7@sender.example>\r\nSubject: hello\r\nFrom: alice@sender.example\r\n\r\nGood morning.\r\n"

    private static let memory = Question.memory(
        MemoryQuestion(purpose: .duplicate, owner: "bob@example.test", key: "0:18:<7@sender.example>"))

    private func trial(_ script: String, others: [Question: Answer] = [:], databases: [String: String] = [:])
        throws -> ContentTrial
    {
        var world = World()
        world.others = others
        let ruleset = try Rules.make(
            users: ["bob@example.test": script],
            policy: Rules.policy, databases: databases)
        return ContentTrial(Self.message, ruleset: ruleset, world: world)
    }

    @Test("what duplicate sees first is to be remembered with the commit; what it saw before is a duplicate")
    func duplicate() throws {
        let script = #"require "duplicate"; if duplicate { discard; }"#
        let first = try trial(script, others: [Self.memory: .memory(expires: nil)])
        #expect(first.verdicts == [.relay])
        guard case .memory(let question) = Self.memory else { return }
        #expect(first.settlement.effects == [.remember(question, seconds: 604_800)])
        let second = try trial(script, others: [Self.memory: .memory(expires: 1_800_000_000)])
        #expect(second.verdicts == [.discard] && second.settlement.effects.isEmpty)
        // Nobody remembers: then nothing is a duplicate, and mail flows.
        #expect(try trial(script).verdicts == [.relay])
    }

    @Test("nothing is to be remembered of a message that is refused")
    func refused() throws {
        let script = #"require "duplicate"; if not duplicate { reject "no"; }"#
        let trial = try trial(script, others: [Self.memory: .memory(expires: nil)])
        #expect(trial.reply.code == 550 && trial.settlement.effects.isEmpty)
    }

    @Test("a text database is a list by its name: one of the ruleset is not asked for")
    func lists() throws {
        let script = #"require "extlists"; if address :list "from" "friends" { discard; }"#
        let trial = try trial(script, databases: ["friends": "alice@sender.example yes\n"])
        #expect(trial.verdicts == [.discard])
        #expect(trial.driven.rounds == [[.time]])
        // A list that isn't there is the script's mistake: its user's mail is kept.
        #expect(try self.trial(script).verdicts == [.relay])
    }

    @Test("the time of judging, the client and a score that tables adjusted are known without asking")
    func environment() throws {
        let script = """
            require ["date", "environment", "spamtest", "relational", "comparator-i;ascii-numeric", "variables"];
            if allof (currentdate "date" "2026-10-26", environment "remote-ip" "192.0.2.7",
                environment "location" "MTA", spamtest :value "ge" :comparator "i;ascii-numeric" "4") { discard; }
            """
        var marks = Marks()
        marks.spamAdjustments = ["+3"]
        let facts = Rules.facts([
            ContentFacts.Recipient(
                original: Rules.mailbox("bob@example.test"), address: Rules.mailbox("bob@example.test"),
                channel: "inside", holdReason: nil, marks: marks)
        ])
        let ruleset = try Rules.make(users: ["bob@example.test": script])
        let trial = ContentTrial(Self.message, ruleset: ruleset, facts: facts)
        #expect(trial.verdicts == [.discard])
        #expect(trial.driven.rounds == [[.time]])
    }

    @Test("a text for the log stands in the trail, and decides nothing")
    func transactionlog() throws {
        let trial = try trial(#"require "vnd.postern.gateway"; transactionlog "seen by bob";"#)
        #expect(trial.verdicts == [.relay])
        #expect(trial.results.contains { $0.contains("transactionlog \"seen by bob\"") })
    }

    @Test("what users may not do can't be required by them, under no name, and ihave says so")
    func withheld() throws {
        func complaints(_ script: String) -> [String] {
            Script.compile(
                name: "a.sieve", source: Array(script.utf8), withheld: FilterPolicy.standardWithheld
            ).complaints.map(\.message)
        }
        #expect(
            complaints(#"require "vnd.postern.gateway"; jettison;"#) == [
                "the jettison command is not available here"
            ])
        #expect(complaints(#"require "ihave"; if ihave "jettison" { stop; } else { keep; }"#).isEmpty)
        for name in FilterPolicy.standardWithheld {
            #expect(!complaints("require \"\(name)\";").isEmpty, "\(name)")
        }
    }
}
