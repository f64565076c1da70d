// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("Sieve at four levels")
struct FilterLevelsTests {
    /// Scripts of the four levels for bob@example.test, coming from outside.
    private func trial(
        user: String? = nil, destination: String? = nil, source: String? = nil, mta: String? = nil,
        policy: Policy = Rules.policy, text: String = ContentTrial.plain,
        facts: ContentFacts = Rules.facts()
    ) throws -> ContentTrial {
        var channels: [String: String] = [:]
        channels["to-inside"] = destination
        channels["from-outside"] = source
        let ruleset = try Rules.make(
            mta: mta, channels: channels, users: user.map { ["bob@example.test": $0] } ?? [:], policy: policy)
        return ContentTrial(text, ruleset: ruleset, facts: facts)
    }

    private func verdict(
        user: String? = nil, destination: String? = nil, source: String? = nil, mta: String? = nil,
        policy: Policy = Rules.policy
    ) throws -> Verdict? {
        try trial(user: user, destination: destination, source: source, mta: mta, policy: policy).verdicts
            .first
    }

    /// Ends in a run-time error for every message: a message can't be kept and refused.
    private let failing = #"if header :contains "subject" "hello" { keep; } reject "no";"#

    @Test("every level runs, the MTA's first, the user's last")
    func order() throws {
        let trial = try trial(user: "keep;", destination: "keep;", source: "keep;", mta: "keep;")
        #expect(
            trial.driven.trail.entries.filter { $0.kind == .sieve }.map(\.result)
                == [
                    "MTA script: keep", "source channel script: keep", "destination channel script: keep",
                    "user script: keep",
                ])
        #expect(
            trial.driven.rules.prefix(4)
                == ["mta.sieve:2", "from-outside.sieve:2", "to-inside.sieve:2", "bob@example.test.sieve:2"])
    }

    @Test("where no level decides anything, the message is relayed")
    func undecided() throws {
        let idle = #"if header :contains "subject" "absent" { discard; }"#
        #expect(try verdict(user: idle, destination: idle, source: idle, mta: idle) == .relay)
    }

    @Test("a user's explicit keep undoes an operator's discard")
    func keepOverDiscard() throws {
        #expect(try verdict(user: "keep;", mta: "discard;") == .relay)
        #expect(try verdict(destination: "keep;", mta: "discard;") == .relay)
        #expect(try verdict(mta: "discard;") == .discard)
    }

    @Test("nobody undoes a jettison")
    func jettison() throws {
        #expect(try verdict(user: "keep;", mta: "jettison;") == .discard)
        #expect(try verdict(user: #"fileinto "x";"#, source: "jettison;") == .discard)
        #expect(try verdict(destination: #"hold "look";"#, mta: "jettison;") == .discard)
        #expect(try verdict(user: "jettison;", mta: "keep;") == .discard)
    }

    @Test("an operator's hold stands over a user's keep and over any level's reject")
    func operatorHold() throws {
        #expect(try verdict(user: "keep;", mta: #"hold "look";"#) == .hold("look"))
        #expect(try verdict(user: "discard;", source: #"hold "look";"#) == .hold("look"))
        #expect(try verdict(destination: #"reject "no";"#, mta: #"hold "look";"#) == .hold("look"))
    }

    @Test("an operator's reject stands over a user's keep")
    func operatorReject() throws {
        #expect(
            try verdict(user: "keep;", mta: #"reject "no thanks";"#)
                == .reject(Reply(550, "5.7.1", "no thanks")))
        #expect(
            try verdict(destination: #"ereject "no";"#, mta: "keep;") == .reject(Reply(550, "5.7.1", "no")))
    }

    @Test("a user may hold, reject and discard for itself")
    func user() throws {
        #expect(try verdict(user: #"hold "later";"#) == .hold("later"))
        #expect(try verdict(user: #"reject "no";"#, mta: "keep;") == .reject(Reply(550, "5.7.1", "no")))
        #expect(try verdict(user: "discard;", mta: "keep;") == .discard)
    }

    @Test("a script is run for its own recipient only")
    func perRecipient() throws {
        let facts = Rules.facts([
            Rules.recipient("BOB@Example.test"), Rules.recipient("eve@example.test"),
            Rules.recipient("joe@partner.test", channel: "partner"),
        ])
        let trial = try trial(user: "discard;", destination: #"hold "inside only";"#, facts: facts)
        #expect(trial.verdicts == [.hold("inside only"), .hold("inside only"), .relay])
        let alone = try self.trial(user: "discard;", facts: facts)
        #expect(alone.verdicts == [.discard, .relay, .relay])
    }

    @Test("a source channel's script sees only what came by that channel")
    func sourceChannel() throws {
        let inside = try trial(source: "discard;", facts: Rules.facts(from: "tcp_intranet"))
        #expect(inside.verdicts == [.relay])
    }

    @Test("the lines of a reject are the lines of the reply")
    func rejectLines() throws {
        let trial = try trial(mta: "reject text:\r\nWe don't want this.\r\n\r\nCall us.\r\n.\r\n;")
        #expect(trial.reply == Reply(550, "5.7.1", lines: ["We don't want this.", "Call us."]))
        #expect(try verdict(mta: #"reject "";"#) == .reject(Reply(550, "5.7.1", "Message refused")))
    }

    @Test("a folder leads where its policy says; an unknown one to the mailbox, with a note")
    func folders() throws {
        var policy = Rules.policy
        policy.folders = ["Review": .hold, "Bulk": .relay]
        #expect(try verdict(mta: #"fileinto "Review";"#, policy: policy) == .hold("filed into Review"))
        #expect(try verdict(mta: #"fileinto "Bulk";"#, policy: policy) == .relay)
        let unknown = try trial(mta: #"fileinto "Elsewhere";"#, policy: policy)
        #expect(unknown.verdicts == [.relay])
        #expect(unknown.results.contains(#"folder "Elsewhere" is not configured: relayed"#))
        let both = try trial(mta: #"fileinto :copy "Review"; keep;"#, policy: policy)
        #expect(both.verdicts == [.relay])
        #expect(
            both.debts == [
                .deliver(channel: "inside"), .hold(channel: "inside", reason: "filed into Review"),
            ])
    }

    @Test("a redirect replaces the recipient; with :copy or an explicit keep both get it")
    func redirect() throws {
        let moved = try trial(mta: #"redirect "new@partner.test";"#)
        #expect(
            moved.settlement.entries.map(\.recipients) == [[Rules.mailbox("new@partner.test")]])
        #expect(moved.debts == [.deliver(channel: "partner")])
        for script in [#"redirect :copy "new@partner.test";"#, #"redirect "new@partner.test"; keep;"#] {
            let both = try trial(mta: script)
            #expect(both.debts == [.deliver(channel: "inside"), .deliver(channel: "partner")])
        }
    }

    @Test("a redirect that leads nowhere keeps the message")
    func noRoute() throws {
        let trial = try trial(mta: #"redirect "new@elsewhere.example";"#)
        #expect(trial.debts == [.deliver(channel: "inside")])
        #expect(trial.settlement.entries.first?.recipients == [Rules.mailbox("bob@example.test")])
        #expect(trial.results.contains { $0.contains("no route; kept instead") })
        let some = try self.trial(
            mta: #"redirect "new@elsewhere.example"; redirect "new@partner.test";"#)
        #expect(some.debts == [.deliver(channel: "inside"), .deliver(channel: "partner")])
    }

    @Test("several recipients that a redirect leads to the same address owe it once")
    func once() throws {
        let facts = Rules.facts([Rules.recipient("a@example.test"), Rules.recipient("b@example.test")])
        let trial = try trial(mta: #"redirect "all@partner.test";"#, facts: facts)
        #expect(trial.settlement.entries.map(\.recipients) == [[Rules.mailbox("all@partner.test")]])
    }

    @Test("an operator's script that fails leads to what the policy says")
    func failure() throws {
        var policy = Rules.policy
        #expect(try verdict(user: "keep;", mta: failing, policy: policy) == .hold("the MTA script failed"))
        policy.scriptError = .defer
        #expect(
            try verdict(source: failing, policy: policy)
                == .retryLater(Reply(451, "4.3.0", "Filter failed, try again later")))
        policy.scriptError = .keep
        #expect(try verdict(destination: failing, policy: policy) == .relay)
        #expect(try verdict(destination: failing, mta: "discard;", policy: policy) == .discard)
    }

    @Test("a user's script that fails counts as if there were none, and the trail says so")
    func userFailure() throws {
        let trial = try trial(user: failing)
        #expect(trial.verdicts == [.relay])
        let entry = try #require(trial.driven.trail.entries.first { $0.kind == .sieve })
        #expect(entry.rule == "bob@example.test.sieve:2")
        #expect(entry.result.hasPrefix("user script failed: "))
        #expect(try verdict(user: failing, mta: "discard;") == .discard)
    }

    @Test("the rule of a verdict is the command that led to it")
    func rules() throws {
        let rule = { (user: String?, mta: String) throws in
            try self.trial(user: user, mta: mta).settlement.verdicts.first?.rule
        }
        #expect(try rule(nil, "\nkeep;\ndiscard;") == "mta.sieve:3")
        #expect(try rule("keep;", "\n\nhold;") == "mta.sieve:4")
        #expect(try rule("keep;", "discard;") == "bob@example.test.sieve:2")
        #expect(try rule(nil, failing) == "mta.sieve:2")
        #expect(try rule(nil, #"if false { discard; }"#) == nil)
    }
}
