// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("2.3 What flags do to the message")
struct ContentMarksTests {
    /// A message through all gates of one ruleset, to bob and whoever else is named.
    private func trial(
        _ mappings: String, to recipients: [String] = ["bob@example.test"], mta: String? = nil,
        users: [String: String] = [:], text: String = ContentTrial.plain, policy: Policy = Rules.policy,
        session: SessionFacts = Rules.session(), sender: SenderFacts = Rules.sender()
    ) throws -> ContentTrial {
        let ruleset = try Rules.make(mappings, mta: mta, users: users, policy: policy)
        let from = drive(SenderGate(ruleset: ruleset, session: session, sender: sender))
        let senderMarks = try #require(from.outcome.marks)
        var admitted: [ContentFacts.Recipient] = []
        for text in recipients {
            let judged = drive(
                RecipientGate(
                    ruleset: ruleset, session: session, sender: sender,
                    recipient: RecipientFacts(Rules.mailbox(text)), senderMarks: senderMarks))
            let own = try #require(judged.outcome.marks)
            admitted.append(
                ContentFacts.Recipient(
                    original: Rules.mailbox(text), sender: senderMarks, admitted: own, policy: policy))
        }
        let facts = ContentFacts(
            session: session, sender: sender, recipients: admitted, caseID: "A1-1.1")
        return ContentTrial(text, ruleset: ruleset, facts: facts)
    }

    private func from(_ template: String) -> String { "FROM_ACCESS\n\n  *  \(template)\n" }

    private let two = ["bob@example.test", "joe@partner.test"]

    // MARK: Disposal

    @Test("$B accepts the message and throws it away, whatever scripts say")
    func bitbucket() throws {
        let trial = try trial(from("$B"), users: ["bob@example.test": "keep;"])
        #expect(trial.reply == Reply(250, "2.0.0", "Message accepted"))
        #expect(trial.verdicts == [.discard])
        #expect(trial.debts.isEmpty)
        #expect(trial.settlement.verdicts.first?.rule == "mappings:3")
        #expect(trial.results.contains("a table said bitbucket"))
    }

    @Test("$B in a recipient's table throws that recipient's copy away, $V and $Z everybody's")
    func scope() throws {
        let table = { (flag: String) in "SEND_ACCESS\n\n  *|joe@partner.test  \(flag)\n" }
        #expect(try trial(table("$B"), to: two).verdicts == [.relay, .discard])
        #expect(try trial(table("$V"), to: two).verdicts == [.discard, .discard])
        #expect(try trial(table("$Z"), to: two).verdicts == [.discard, .discard])
    }

    @Test("$V is undone by what the recipient's own script decides, and by nobody else's")
    func discard() throws {
        #expect(try trial(from("$V"), users: ["bob@example.test": "keep;"]).verdicts == [.relay])
        #expect(
            try trial(from("$V"), users: ["bob@example.test": "if false { keep; }"]).verdicts == [.discard])
        #expect(try trial(from("$V"), mta: "keep;").verdicts == [.discard])
        #expect(try trial(from("$V")).settlement.verdicts.first?.rule == "mappings:3")
    }

    @Test("an operator's script may still hold or refuse what $V would discard")
    func discardAndHold() throws {
        #expect(try trial(from("$V"), mta: #"hold "look";"#).verdicts == [.hold("look")])
        #expect(try trial(from("$V"), mta: #"reject "no";"#).reply.isPermanent)
    }

    @Test("$Z is undone by nobody")
    func jettison() throws {
        #expect(try trial(from("$Z"), users: ["bob@example.test": "keep;"]).verdicts == [.discard])
        #expect(try trial(from("$Z"), mta: #"hold "look";"#).verdicts == [.discard])
    }

    @Test("$H outweighs all three: a person decides")
    func holdAndDispose() throws {
        for flag in ["$B", "$V", "$Z"] {
            #expect(
                try trial(from("$H\(flag)")).verdicts == [.hold("FROM_ACCESS mappings:3 set $H")], "\(flag)")
        }
    }

    // MARK: Header

    @Test("$A adds a header line on top, below our own")
    func headerLine() throws {
        let trial = try trial(from("$AX-Checked:$ by$ us"))
        #expect(trial.top.last == "X-Checked: by us")
        #expect(trial.delivered.hasSuffix("X-Checked: by us\r\n\(ContentTrial.plain)"))
    }

    @Test("a long header line is folded, and one without blanks stays below the line limit")
    func folding() throws {
        let words = try trial(from("$AX-Long:" + (1...40).map { "$ word\($0)" }.joined()))
        let lines = words.delivered.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.contains { $0.hasPrefix("X-Long: word1 ") })
        #expect(lines.allSatisfy { $0.utf8.count <= 100 })
        let one = try trial(from("$AX-Long:$ " + String(repeating: "x", count: 950)))
        #expect(one.delivered.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 998 })
    }

    @Test("lines of FROM_ACCESS go to everybody, those of a recipient's table to that recipient")
    func perRecipient() throws {
        let trial = try trial(
            from("$AX-All:$ yes") + "\nSEND_ACCESS\n\n  *|joe@partner.test  $AX-One:$ yes\n", to: two)
        #expect(trial.settlement.editions.count == 2)
        #expect(trial.settlement.entries.map(\.edition) == [0, 1])
        let texts = trial.editions
        #expect(texts[0].contains("X-All: yes\r\n") && !texts[0].contains("X-One"))
        #expect(texts[1].contains("X-All: yes\r\nX-One: yes\r\n"))
    }

    @Test("recipients whose copies are alike share one edition")
    func shared() throws {
        let trial = try trial(from("$T[x]$AX-All:$ yes".replacing("$T[x]", with: "$T[x]|")), to: two)
        #expect(trial.settlement.editions.count == 1)
    }

    @Test("$T stands before the subject, which stays as it was")
    func subjectTag() throws {
        let tagged = try trial(from("$T[outside]"))
        #expect(tagged.delivered.contains("\r\nSubject: [outside] hello\r\nFrom: "))
        let none = try trial(from("$T[outside]"), text: "From: a@b.test\r\n\r\nx\r\n")
        #expect(none.delivered.contains("\r\nSubject: [outside]\r\nFrom: a@b.test\r\n\r\nx\r\n"))
        let tight = try trial(from("$T[x]"), text: "Subject:hello\r\n\r\n")
        #expect(tight.delivered.hasSuffix("\r\nSubject: [x] hello\r\n\r\n"))
    }

    @Test(
        "a subject of any form keeps the header whole",
        arguments: [
            "Subject:\r\n hello\r\nTo: x\r\n\r\nbody\r\n", "Subject:\r\n\r\nbody\r\n",
            "Subject: \r\n hello\r\n\r\nbody\r\n", "subject\t: hello\r\n\r\nbody\r\n",
            "Subject: " + String(repeating: "x", count: 980) + "\r\n\r\nbody\r\n",
            "Subject:" + String(repeating: "x", count: 985) + "\r\n\r\nbody\r\n",
            "Subject:" + String(repeating: " ", count: 990) + "\r\n\r\nbody\r\n",
            "Subject: one\r\nSubject: two\r\n\r\nbody\r\n",
        ])
    func subjectForms(text: String) throws {
        let trial = try trial(from("$T[tag]"), text: text)
        let before = Message(parsing: MessageBytes(Array(text.utf8)))
        let after = Message(parsing: MessageBytes(Array(trial.delivered.utf8)))
        #expect(
            after.header.fields.suffix(before.header.fields.count).map(\.name)
                == before.header.fields.map(\.name))
        let field = try #require(after.header.first(named: "subject"))
        #expect(
            String(decoding: after.header.unfolded(field, in: after.bytes), as: UTF8.self).hasPrefix("[tag]"))
        #expect(trial.delivered.hasSuffix("\r\n\r\nbody\r\n"))
        #expect(trial.delivered.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 1_100 })
    }

    @Test("$K replaces the Sender field")
    func senderField() throws {
        let text = "Sender: liar@sender.example\r\n\(ContentTrial.plain)"
        let trial = try trial(from("$Kann@example.test"), text: text)
        #expect(trial.delivered.contains("\r\nSender: <ann@example.test>\r\n"))
        #expect(!trial.delivered.contains("liar"))
    }

    // MARK: Sender and copies

    @Test("$J replaces the envelope sender, for every copy and for scripts")
    func envelopeSender() throws {
        let script = #"if envelope "from" "list@example.test" { discard; }"#
        let trial = try trial(from("$Jlist@example.test"))
        #expect(trial.settlement.entries.map(\.sender) == [.address(Rules.mailbox("list@example.test"))])
        #expect(try self.trial(from("$Jlist@example.test"), mta: script).verdicts == [.discard])
        #expect(try self.trial(from("$J<>")).settlement.entries.map(\.sender) == [.null])
        #expect(try self.trial(from("$Y")).settlement.entries.map(\.sender) == [nil])
    }

    @Test("$M sends a copy of its own, with no sender to report to, also of what is held or thrown away")
    func capture() throws {
        let copy = Settlement.Entry(
            recipients: [Rules.mailbox("watch@partner.test")], debt: .deliver(channel: "partner"), edition: 0,
            sender: .null)
        for flags in ["", "$H", "$B", "$V", "$Z"] {
            let trial = try trial(from("$Mwatch@partner.test\(flags)"))
            #expect(trial.settlement.entries.contains(copy), "\(flags)")
            #expect(trial.settlement.editions.count == 1)
        }
        let many = try trial(from("$Mwatch@partner.test"), to: two)
        #expect(many.settlement.entries.filter { $0.sender == .null } == [copy])
    }

    @Test("nobody gets a copy of what is refused")
    func captureRefused() throws {
        let trial = try trial(from("$Mwatch@partner.test"), mta: #"reject "no";"#)
        #expect(trial.reply.isPermanent)
        #expect(trial.settlement.entries.isEmpty)
    }

    @Test("a copy that has no way out is told of in the trail")
    func captureNowhere() throws {
        let trial = try trial(from("$Mwatch@far.example"))
        #expect(trial.debts == [.deliver(channel: "inside")])
        #expect(trial.results.contains("no copy for it: channel tcp_local has no route"))
    }

    // MARK: Marks for later

    @Test("conversion tags of FROM_ACCESS are seen by the recipient's tables, and theirs by the next")
    func conversionTags() throws {
        var policy = Rules.policy
        policy.access.conversionTags = [.origSend, .send]
        let ruleset = try Rules.make(
            "ORIG_SEND_ACCESS\n\n  *|*|*|*|one  $Gtwo,one\n  *  $Nno\n\n"
                + "SEND_ACCESS\n\n  *|*|*|*|one,two  $Y\n  *  $Nno\n", policy: policy)
        var marks = Marks()
        marks.conversionTags = ["one"]
        let judged = drive(
            RecipientGate(
                ruleset: ruleset, session: Rules.session(), sender: Rules.sender(),
                recipient: RecipientFacts(Rules.mailbox("bob@example.test")), senderMarks: marks))
        #expect(judged.outcome.rejection == nil)
        let recipient = ContentFacts.Recipient(
            original: Rules.mailbox("bob@example.test"), sender: marks,
            admitted: try #require(judged.outcome.marks), policy: policy)
        #expect(recipient.marks.conversionTags == ["one", "two"])
    }

    @Test("spam adjustments and the word on vacation are kept with the recipient")
    func adjustments() throws {
        let trial = try trial(
            from("$!$,+1") + "\nSEND_ACCESS\n\n  *  $,-0.5\n")
        let marks = try #require(trial.settlement.verdicts.first?.recipient.marks)
        #expect(marks.spamAdjustments == ["+1", "-0.5"])
        #expect(marks.suppressesVacation)
    }

    @Test("a message in more forms than are kept is held for those beyond")
    func manyForms() throws {
        let recipients = (0...MessageForms.formsMax).map { "user\($0)@example.test" }
        let trial = try trial("SEND_ACCESS\n\n  *|*|*|*@*  $AX-For:$ $3\n", to: recipients)
        #expect(trial.settlement.editions.count == MessageForms.formsMax + 1)
        #expect(trial.verdicts.filter { $0 == .relay }.count == MessageForms.formsMax)
        #expect(trial.verdicts.last?.word == "hold")
    }
}

@Suite("2.6 AUTH_REWRITE")
struct AuthRewriteTests {
    private func trial(
        _ template: String, text: String = ContentTrial.plain, authenticated: String? = "ann@example.test",
        pattern: String = "*|*|*|*", policy: Policy = Rules.policy
    ) throws -> ContentTrial {
        let ruleset = try Rules.make("AUTH_REWRITE\n\n  \(pattern)  \(template)\n", policy: policy)
        var facts = Rules.facts(from: "tcp_intranet")
        facts.session.authenticated = authenticated.map(Rules.mailbox)
        return ContentTrial(text, ruleset: ruleset, facts: facts)
    }

    private let text = "From: Ann <ann@example.test>\r\nSender: bob@example.test\r\n\r\nx\r\n"

    @Test("sees envelope sender, Sender, From and who authenticated")
    func probe() throws {
        let trial = try trial("$Y", text: text)
        #expect(
            trial.driven.trail.entries.first { $0.about.hasPrefix("AUTH_REWRITE") }?.about
                == "AUTH_REWRITE alice@sender.example|bob@example.test|ann@example.test|ann@example.test")
        let bare = try self.trial("$Y", text: "From: ann@example.test\r\n\r\n")
        #expect(
            bare.driven.trail.entries.first { $0.about.hasPrefix("AUTH_REWRITE") }?.about
                == "AUTH_REWRITE alice@sender.example|ann@example.test|ann@example.test|ann@example.test")
    }

    @Test("is consulted for authenticated clients, and for others where the policy says so")
    func wanted() throws {
        #expect(try trial("$Nno", authenticated: nil).reply.isPositive)
        var policy = Rules.policy
        policy.access.rewritesUnauthenticated = true
        #expect(try trial("$Nno", authenticated: nil, policy: policy).reply.isPermanent)
        policy.access.rewriteShowsChannel = true
        #expect(
            try trial("$Nno", pattern: "tcp_intranet|*|*|*|*", policy: policy).reply.isPermanent)
    }

    @Test("$N refuses the message, with its text or the original's")
    func refuses() throws {
        #expect(try trial("$NNot$ you").reply == Reply(550, "5.7.1", "Not you"))
        #expect(try trial("$N").reply == Reply(550, "5.7.1", "Invalid originator address used"))
        #expect(try trial("$N").settlement.verdicts.first?.rule == "mappings:3")
    }

    @Test("$J and $K replace the envelope sender, $T the Sender field, $Z the From field")
    func replaces() throws {
        let trial = try trial("$J$3|$T$3|$Zstaff@example.test", text: text)
        #expect(trial.settlement.entries.map(\.sender) == [.address(Rules.mailbox("ann@example.test"))])
        #expect(trial.delivered.contains("\r\nSender: <ann@example.test>\r\nFrom: <staff@example.test>\r\n"))
        #expect(!trial.delivered.contains("bob@example.test\r\n"))
        #expect(!trial.delivered.contains("Ann"))
    }

    @Test("$Y alone lets the message be")
    func accepts() throws {
        #expect(try trial("$Y", text: text).delivered.hasSuffix(text))
    }

    @Test(
        "a From field of any form is one probe of four fields",
        arguments: [
            "a|b@c.test", "x", "<>", "", "a@b.test, c@d.test", "group: a@b.test;", "\"a|b\"@c.test",
            "\u{FC}@c.test",
        ])
    func hostileFrom(from: String) throws {
        let trial = try trial("$Nno", text: "From: \(from)\r\n\r\n", pattern: "*|*|*|ann@example.test")
        #expect(trial.reply.isPermanent)
        let about = try #require(
            trial.driven.trail.entries.first { $0.about.hasPrefix("AUTH_REWRITE") }?.about)
        #expect(about.split(separator: "|", omittingEmptySubsequences: false).count == 4)
        #expect(about.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }
}
