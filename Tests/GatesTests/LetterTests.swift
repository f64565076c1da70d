// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("Messages that scripts have us write")
struct LetterTests {
    private let away = #"require "vacation"; vacation "I am away.";"#
    /// A policy by which mail can leave to the outside.
    private var open: Policy {
        var policy = Rules.policy
        policy.channels["tcp_local"]?.hasRoute = true
        return policy
    }

    @Test("an answer goes to the sender from nobody, beside the message, and is remembered")
    func vacation() throws {
        let trial = try ScriptTrial(user: away, policy: open)
        let answer = try #require(trial.copies(for: "alice@sender.example").first)
        #expect(answer.contains("Auto-Submitted: auto-replied (vacation)\r\n"))
        #expect(answer.contains("In-Reply-To: <7@sender.example>\r\n") && answer.contains("I am away."))
        #expect(!answer.contains("Received:"))
        #expect(trial.entries(for: "alice@sender.example").map(\.sender) == [.null])
        #expect(trial.entries(for: "bob@example.test").map(\.debt) == [.deliver(channel: "inside")])
        #expect(trial.settlement.effects.count == 1)
    }

    @Test("where no channel leads to the sender, the answer is left undone and the trail says so")
    func noRoute() throws {
        let trial = try ScriptTrial(user: away)
        #expect(trial.entries(for: "alice@sender.example").isEmpty)
        #expect(trial.trial.results.contains { $0.contains("no message for it: channel tcp_local") })
    }

    @Test("an operator's novacation, a table's word and a held message suppress the answer")
    func suppressed() throws {
        let quiet = try ScriptTrial(
            user: away, mta: #"require "vnd.postern.gateway"; novacation;"#, policy: open)
        #expect(quiet.entries(for: "alice@sender.example").isEmpty)
        #expect(quiet.settlement.effects.isEmpty)
        let held = try ScriptTrial(user: away, mta: #"hold "look";"#, policy: open)
        #expect(held.entries(for: "alice@sender.example").isEmpty && held.settlement.effects.isEmpty)
        var marks = Marks()
        marks.suppressesVacation = true
        let marked = try ScriptTrial(
            user: away, policy: open, facts: Rules.facts([Rules.recipient(marks: marks)]))
        #expect(marked.entries(for: "alice@sender.example").isEmpty)
    }

    @Test("a user's novacation doesn't bind the operator's scripts, which ran before")
    func later() throws {
        let trial = try ScriptTrial(
            user: #"require "vnd.postern.gateway"; novacation;"#, mta: away, policy: open)
        #expect(trial.copies(for: "alice@sender.example").count == 1)
    }

    @Test("a notification goes to whom the script names, once; nonotify suppresses it")
    func notify() throws {
        let script = #"require "enotify"; notify :message "You have mail" "mailto:pager@partner.test";"#
        let trial = try ScriptTrial(user: script, mta: script)
        let copies = trial.copies(for: "pager@partner.test")
        #expect(copies.count == 1)
        #expect(copies.first?.contains("Subject: You have mail\r\n") == true)
        #expect(copies.first?.contains("Auto-Submitted: auto-notified") == true)
        let quiet = try ScriptTrial(user: script, mta: #"require "vnd.postern.gateway"; nonotify;"#)
        #expect(quiet.copies(for: "pager@partner.test").isEmpty)
    }

    @Test("of a held message an operator's script may tell, a user's may not")
    func notifyOfHeld() throws {
        let script = #"require "enotify"; notify "mailto:pager@partner.test";"#
        let byUser = try ScriptTrial(user: script, mta: #"hold "look";"#)
        #expect(byUser.copies(for: "pager@partner.test").isEmpty)
        let byOperator = try ScriptTrial(mta: script + #"hold "look";"#)
        #expect(byOperator.copies(for: "pager@partner.test").count == 1)
        #expect(byOperator.trial.verdicts == [.hold("look")])
    }

    @Test("a captured copy goes out whatever becomes of the message, unless it is refused")
    func capture() throws {
        let script = #"require "vnd.postern.gateway"; capture "watch@partner.test";"#
        for fate in ["", "discard;", #"hold "x";"#] {
            let trial = try ScriptTrial(mta: script + fate)
            #expect(trial.copies(for: "watch@partner.test").count == 1, "\(fate)")
            #expect(trial.entries(for: "watch@partner.test").map(\.sender) == [.null])
        }
        let refused = try ScriptTrial(mta: script + #"reject "no";"#)
        #expect(refused.settlement.entries.isEmpty && refused.trial.reply.code == 550)
    }

    @Test("with :dsn the captured copy stands in a report with its envelope")
    func captureWithEnvelope() throws {
        let trial = try ScriptTrial(
            mta: #"require "vnd.postern.gateway"; capture :dsn "watch@partner.test";"#)
        let copy = try #require(trial.copies(for: "watch@partner.test").first)
        #expect(copy.contains("report-type=delivery-status"))
        #expect(copy.contains("X-Envelope-From: <alice@sender.example>\r\n"))
        #expect(
            copy.contains("Final-Recipient: rfc822; bob@example.test\r\n") && copy.contains("Good morning."))
    }

    @Test("an abuse report holds the message as ranges of the received bytes")
    func report() throws {
        let trial = try ScriptTrial(
            user: #"require "vnd.dovecot.report"; report "abuse" "spam" "abuse@partner.test"; discard;"#)
        let copy = try #require(trial.copies(for: "abuse@partner.test").first)
        #expect(copy.contains("Feedback-Type: abuse") && copy.contains(ScriptTrial.message))
        let edition = trial.settlement.editions[trial.entries(for: "abuse@partner.test")[0].edition]
        #expect(edition.pieces.contains(.original(0..<ScriptTrial.message.utf8.count)))
        #expect(trial.trial.verdicts == [.discard])
    }

    @Test("when some refuse what others take, a known sender is told; a stranger isn't, and it is held")
    func mixed() throws {
        let facts = { (channel: String) in
            Rules.facts(
                [Rules.recipient("bob@example.test"), Rules.recipient("eve@example.test")], from: channel)
        }
        let known = try ScriptTrial(
            user: #"reject "not me";"#, policy: open, facts: facts("tcp_intranet"))
        let report = try #require(known.copies(for: "alice@sender.example").first)
        #expect(report.contains("report-type=disposition-notification") && report.contains("not me"))
        #expect(report.contains("Final-Recipient: rfc822; bob@example.test\r\n"))
        #expect(known.entries(for: "bob@example.test").isEmpty)
        #expect(known.entries(for: "eve@example.test").count == 1)
        let silent = try ScriptTrial(
            user: #"require "vnd.postern.gateway"; refuse "not me";"#, policy: open,
            facts: facts("tcp_intranet"))
        #expect(silent.copies(for: "alice@sender.example").isEmpty)
        #expect(silent.entries(for: "bob@example.test").count == 1)
        let stranger = try ScriptTrial(user: #"reject "not me";"#, policy: open, facts: facts("tcp_local"))
        #expect(stranger.copies(for: "alice@sender.example").isEmpty)
        #expect(
            stranger.entries(for: "bob@example.test").map(\.debt) == [
                .hold(channel: "inside", reason: "rejected while others accept: 550 5.7.1 not me")
            ])
    }

    @Test("nothing is written to the null reverse-path")
    func nullSender() throws {
        var facts = Rules.facts(
            [Rules.recipient("bob@example.test"), Rules.recipient("eve@example.test")], from: "tcp_intranet")
        facts.sender.sender = nil
        let refused = try ScriptTrial(user: #"reject "not me";"#, policy: open, facts: facts)
        #expect(
            refused.settlement.entries.allSatisfy { entry in
                entry.recipients.allSatisfy { $0.domain == "example.test" }
            })
        let answered = try ScriptTrial(user: away, policy: open, facts: facts)
        #expect(answered.settlement.entries.count == 1)
    }

    private let failing = #"if header :contains "subject" "hello" { keep; } reject "no";"#

    @Test("the owner of a script that fails is told what is wrong, and his mail is kept")
    func notice() throws {
        let trial = try ScriptTrial(user: failing)
        let copies = trial.copies(for: "bob@example.test")
        #expect(copies.count == 2)
        let notice = try #require(copies.first { $0.contains("Your mail filter does not work") })
        #expect(notice.contains("bob@example.test.sieve:2") && notice.contains("as if you had no filter"))
        #expect(trial.entries(for: "bob@example.test").map(\.sender).contains(.null))
        #expect(trial.settlement.effects.count == 1)
        #expect(trial.settlement.scriptFailures?.first?.hasPrefix("bob@example.test: user script: ") == true)
    }

    @Test("the notice says that the message was held, and of a refused message there is none")
    func noticeOfOthers() throws {
        let held = try ScriptTrial(user: failing, mta: #"hold "look";"#)
        #expect(held.copies(for: "bob@example.test").contains { $0.contains("held by the gateway") })
        let refused = try ScriptTrial(user: failing, mta: #"reject "no";"#)
        #expect(refused.settlement.entries.isEmpty && refused.settlement.effects.isEmpty)
        #expect(refused.settlement.scriptFailures?.count == 1)
    }

    @Test("without a memory nobody is told, and of an operator's script the log alone knows")
    func noNotice() throws {
        let ruleset = try Rules.make(users: ["bob@example.test": failing])
        let forgetful = ContentTrial(ScriptTrial.message, ruleset: ruleset)
        #expect(forgetful.settlement.entries.map(\.debt) == [.deliver(channel: "inside")])
        let operators = try ScriptTrial(mta: failing)
        #expect(operators.trial.verdicts == [.hold("the MTA script failed")])
        #expect(operators.settlement.entries.count == 1)
        #expect(operators.settlement.scriptFailures?.count == 1)
    }

    @Test("each level's failure leads to what is set for it")
    func onError() throws {
        var policy = Rules.policy
        policy.filters.mtaOnError = .keep
        policy.channels["inside"]?.filters.destinationOnError = .defer
        #expect(try ScriptTrial(mta: failing, policy: policy).trial.verdicts == [.relay])
        #expect(try ScriptTrial(destination: failing, policy: policy).trial.reply.code == 451)
        #expect(try ScriptTrial(source: failing, policy: policy).trial.verdicts.map(\.word) == ["hold"])
    }

    @Test("messages of our own about one message end at a number, and the trail says so")
    func limit() throws {
        let script =
            #"require ["enotify", "envelope", "variables"]; if envelope :matches "to" "*@*" "#
            + #"{ notify "mailto:${1}@partner.test"; }"#
        let facts = Rules.facts(
            (0..<(ContentGate.lettersMax + 5)).map { Rules.recipient("u\($0)@example.test") })
        let trial = try ScriptTrial(mta: script, facts: facts)
        let told = trial.settlement.entries.filter { $0.debt == .deliver(channel: "partner") }
        #expect(told.flatMap(\.recipients).count == ContentGate.lettersMax)
        #expect(trial.trial.results.contains { $0.contains("no further message is sent") })
    }
}

@Suite("Defects in a message's form")
struct DefectPolicyTests {
    private let twice = "Content-Type: text/plain\r\nContent-Type: text/html\r\n" + ScriptTrial.message

    private func trial(_ policies: [MessageDefect: DefectPolicy], _ text: String) throws -> ScriptTrial {
        var policy = Rules.policy
        for (defect, chosen) in policies { policy.defects[defect] = chosen }
        return try ScriptTrial(mta: #"discard;"#, policy: policy, text: text)
    }

    @Test("lead to what the policy has for them, before any script")
    func policies() throws {
        #expect(
            try trial([.duplicateContentType: .hold], twice).trial.verdicts
                == [.hold("the message is misshapen: duplicateContentType")])
        #expect(try trial([.duplicateContentType: .reject], twice).trial.reply.code == 554)
        #expect(try trial([.duplicateContentType: .note], twice).trial.verdicts == [.discard])
        #expect(try trial([.bareLF: .reject], twice).trial.verdicts == [.discard])
    }

    @Test("the strongest of several policies counts")
    func strongest() throws {
        let text = "Content-Type: text/plain; a=1; a=2\r\n" + twice
        let trial = try trial([.contradictingParameter: .note, .duplicateContentType: .reject], text)
        #expect(trial.trial.reply.code == 554)
    }

    @Test("what shows only in a decoded body is looked for where a policy wants it")
    func decoded() throws {
        let text = "Content-Transfer-Encoding: base64\r\n" + ScriptTrial.message + "!!!!\r\n"
        #expect(try trial([.junkInBase64: .hold], text).trial.verdicts.map(\.word) == ["hold"])
        #expect(try trial([.bareLF: .hold], text).trial.verdicts == [.discard])
    }
}
