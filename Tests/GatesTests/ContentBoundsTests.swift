// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("What many forms of one message may come to")
struct ContentBoundsTests {
    private func facts(_ count: Int, from channel: String = "tcp_local") -> ContentFacts {
        Rules.facts((0..<count).map { Rules.recipient("u\($0)@example.test") }, from: channel)
    }

    private let marksEach =
        #"require ["editheader", "variables", "envelope"]; if envelope :matches "to" "*@*" "#
        + #"{ addheader "X-To" "${1}"; }"#

    @Test("whoever is beyond the limit is held with what nobody else's script made")
    func beyond() throws {
        let text = "X-Spam-Score: 1\r\n" + ScriptTrial.message
        let trial = try ScriptTrial(
            mta: marksEach, text: text, facts: facts(MessageForms.formsMax + 3))
        let last = "u\(MessageForms.formsMax + 2)@example.test"
        #expect(trial.entries(for: last).map(\.debt.isHeld) == [true])
        let copy = try #require(trial.copies(for: last).first)
        #expect(!copy.contains("X-To:") && !copy.contains("X-Spam-Score"))
        #expect(copy.hasSuffix(ScriptTrial.message))
        #expect(trial.settlement.editions.count == MessageForms.formsMax + 1)
        #expect(trial.settlement.entries.flatMap(\.recipients).count == MessageForms.formsMax + 3)
    }

    @Test("what the queue would refuse for good is held as it came, and nothing else is done")
    func tooMuch() throws {
        let text = String(repeating: "0123456789abcde ", count: 4_000)
        let script = marksEach + #"replace ""# + text + #""; capture "watch@partner.test";"#
        let trial = try ScriptTrial(
            mta: #"require ["vnd.postern.gateway", "replace"]; "# + script, facts: facts(70))
        #expect(trial.settlement.reply.code == 250)
        #expect(
            trial.settlement.entries.map(\.debt) == [
                .hold(
                    channel: "inside",
                    reason: "the message's forms differ in more than 4194304 octets")
            ])
        #expect(trial.settlement.entries.flatMap(\.recipients).count == 70)
        #expect(trial.trial.editions.map { $0.hasSuffix(ScriptTrial.message) } == [true])
        #expect(trial.trial.results.contains { $0.contains("forms differ in more than") })
    }

    @Test("a case keeps of long texts of ours what tells them apart, and the same of the same")
    func abridged() throws {
        func settlement(_ text: String) -> Settlement {
            let edition = Edition(pieces: [
                .inserted(Array("Received: x\r\n".utf8)), .original(0..<10), .inserted(Array(text.utf8)),
                .original(20..<30),
            ])
            return Settlement(
                reply: Reply(250, "2.0.0", "Message accepted"), editions: [edition], entries: [],
                verdicts: [])
        }
        let long = String(repeating: "x", count: 100_000)
        let kept = settlement(long).abridged
        #expect(try FactsEncoder().encode(kept).count < 1_000)
        #expect(kept.abridged == kept && kept == settlement(long).abridged)
        #expect(kept != settlement(long.dropLast() + "y").abridged)
        #expect(kept.editions[0].pieces.prefix(2) == settlement(long).editions[0].pieces.prefix(2))
        #expect(settlement("short").abridged == settlement("short"))
        let many = Settlement(
            reply: Reply(250, "2.0.0", "Message accepted"),
            editions: [Edition(pieces: (0..<9_999).map { .original(($0 * 2)..<($0 * 2 + 1)) })], entries: [],
            verdicts: [])
        #expect(many.abridged.editions[0].pieces.count == 65 && many.abridged.abridged == many.abridged)
    }

    @Test("what was decided for the recipient's own copy outweighs an operator's copy in a folder")
    func copyInFolder() throws {
        var policy = Rules.policy
        policy.filters.flagsField = "X-Flags"
        let trial = try ScriptTrial(
            user: #"require "imap4flags"; keep :flags "$Seen";"#, mta: #"fileinto :copy "Audit";"#,
            policy: policy)
        #expect(trial.trial.delivered.contains("X-Flags: $Seen\r\n"))
    }

    @Test("a local part that begins with the separator is nobody else's")
    func leadingSeparator() throws {
        var policy = Rules.policy
        policy.folders = ["*": .subaddress]
        let facts = Rules.facts([Rules.recipient("+bob@example.test")])
        let trial = try ScriptTrial(mta: #"fileinto "lists";"#, policy: policy, facts: facts)
        #expect(trial.settlement.entries.flatMap(\.recipients) == [Rules.mailbox("+bob+lists@example.test")])
    }

    @Test("of a recipient who refuses, no answer is remembered that nobody sent")
    func unsentAnswer() throws {
        let facts = Rules.facts([Rules.recipient(), Rules.recipient("eve@example.test")])
        let trial = try ScriptTrial(
            user: #"require "vacation"; vacation "I am away.";"#,
            mta: #"if envelope "to" "bob@example.test" { reject "no"; }"#, facts: facts)
        #expect(trial.trial.verdicts.map(\.word) == ["reject", "relay"])
        #expect(trial.settlement.effects.isEmpty)
    }

    @Test("pages of text in a script are a few words in the trail and in a reason")
    func words() throws {
        let pages = String(repeating: "all of this is confidential ", count: 2_000)
        let trial = try ScriptTrial(
            mta: #"require "vnd.postern.gateway"; addprefix ""# + pages + #""; hold ""# + pages + #"";"#)
        #expect(trial.trial.results.allSatisfy { $0.utf8.count < 500 })
        #expect(trial.trial.results.contains { $0.hasPrefix("MTA script: addprefix") && $0.hasSuffix("...") })
        guard case .hold(let reason)? = trial.trial.verdicts.first else {
            Issue.record("it isn't held")
            return
        }
        #expect(reason.utf8.count < 500)
    }

    @Test("two scripts that look alike and have other octets are two scripts")
    func alike() {
        let composed = CompiledScripts.Source(name: "x", text: "# \u{E9}", isUsers: true)
        let decomposed = CompiledScripts.Source(name: "x", text: "# e\u{301}", isUsers: true)
        #expect(composed != decomposed)
    }

    @Test("scripts of many recipients are asked for together, each question once")
    func together() throws {
        var policy = Rules.policy
        policy.filters.readsUserFolder = true
        policy.filters.onUnreachable = .defer
        policy.filters.directory = FilterPolicy.ScriptDirectory(name: "people")
        policy.filters.directory?.domainFilter = "(dc=%d)"
        var world = World()
        let count = ScriptSearches.togetherMax * 3
        for number in 0..<count {
            let path = "u\(number)@example.test.sieve"
            world.others[.script(ScriptQuestion(store: ScriptQuestion.users, path: path))] = .script(
                .text(number == 40 ? "discard;" : "keep;"))
            world.others[directory("(mail=u\(number)@example.test)", "mailSieveRuleSource")] =
                .directory(.none)
        }
        world.others[directory("(dc=example.test)", "mailDomainSieveRuleSource")] = .directory(.none)
        let trial = ContentTrial(
            ruleset: try Rules.make(policy: policy), facts: facts(count), world: world)
        #expect(trial.reply.code == 250)
        #expect(trial.verdicts.indices.filter { trial.verdicts[$0] == .discard } == [40])
        // The time, then one for each lot.
        #expect(trial.driven.rounds.count == 4)
        #expect(trial.driven.rounds.dropFirst().allSatisfy { Set($0).count == $0.count })
    }

    private func directory(_ filter: String, _ attribute: String) -> Question {
        .directory(
            DirectoryQuestion(
                directory: "people", base: "", scope: .sub, filter: filter, attributes: [attribute]))
    }

    @Test("whoever isn't ours hears of no script that fails")
    func stranger() throws {
        var policy = Rules.policy
        policy.channels["partner"]?.filters.user = try FilterURL.read(
            #"data:,require "no such thing";"#, store: "channel.partner.filter", directories: [:]
        ).url
        let foreign = Rules.recipient("eve@elsewhere.test", channel: "partner")
        var world = World()
        world.hasEmptyMemory = true
        let trial = ContentTrial(
            ruleset: try Rules.make(policy: policy), facts: Rules.facts([foreign]), world: world)
        #expect(trial.settlement.entries.count == 1)
        #expect(trial.settlement.scriptFailures?.count == 1)
    }

    @Test("no report goes out about what a script says is a virus (P5)")
    func virus() throws {
        var policy = Rules.policy
        policy.channels["tcp_local"]?.hasRoute = true
        let facts = Rules.facts(
            [Rules.recipient(), Rules.recipient("eve@example.test")], from: "tcp_intranet")
        func reported(_ level: String) throws -> Bool {
            let trial = try ScriptTrial(
                user: #"reject "no";"#, mta: #"require "vnd.postern.gateway"; virusset "\#(level)";"#,
                policy: policy, facts: facts)
            #expect(trial.trial.verdicts.map(\.word) == ["reject", "relay"])
            return !trial.entries(for: "alice@sender.example").isEmpty
        }
        #expect(try !reported("5") && reported("1"))
    }
}

extension Debt {
    fileprivate var isHeld: Bool { if case .hold = self { true } else { false } }
}
