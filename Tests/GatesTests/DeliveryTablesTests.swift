// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("2.5 Outbound and queue-side tables")
struct DeliveryTablesTests {
    // MARK: IP_ACCESS

    private let address = AddressFacts(
        channel: "inside", number: 2, count: 3, address: Rules.address("192.0.2.9"), host: "mx.example.test")

    private func connect(_ template: String) throws -> Driven<AddressFinding> {
        let ruleset = try Rules.make("IP_ACCESS\n\n  *|*|*|*|*  \(template)\n")
        return drive(AddressGate(ruleset: ruleset, facts: address))
    }

    @Test("IP_ACCESS sees channel, number of the address, how many there are, the address, the host")
    func addressProbe() {
        #expect(
            AccessTable.addressProbe(address, AccessPolicy()) == "inside|2|3|192.0.2.9|mx.example.test")
    }

    @Test("$N refuses, $I skips, $A connects elsewhere, and anything else connects")
    func addressFlags() throws {
        #expect(try connect("$NNot$ there").outcome == .refuse("Not there"))
        #expect(try connect("$I").outcome == .skip)
        #expect(try connect("$A192.0.2.77").outcome == .replace(Rules.address("192.0.2.77")))
        #expect(try connect("$A2001:db8::1").outcome == .replace(Rules.address("2001:db8::1")))
        #expect(try connect("$Y").outcome == .connect)
        #expect(drive(AddressGate(ruleset: try Rules.make(), facts: address)).outcome == .connect)
    }

    @Test("a replacement that is no address is not connected to, nor is the address itself")
    func badReplacement() throws {
        let judged = try connect("$Amx.elsewhere.example")
        #expect(judged.outcome == .skip)
        #expect(judged.results.last?.contains("is no address") == true)
    }

    @Test("a table that ran into a limit refuses nothing for good")
    func addressOverrun() throws {
        let ruleset = try Rules.make("IP_ACCESS\n\n  *  $|IP_ACCESS;$0|$Y\n")
        #expect(drive(AddressGate(ruleset: ruleset, facts: address)).outcome == .skip)
    }

    // MARK: DEQUEUE_ACCESS

    private let entry = DequeueFacts(
        channel: "inside", file: "7.1", secondsInQueue: 90, sender: Rules.mailbox("alice@sender.example"),
        authParameter: "ann@example.test", authenticated: Rules.mailbox("ann@example.test"), priority: 0,
        domain: "example.test", conversionTags: ["a"], retries: 4)

    private func dequeue(_ template: String, isReading: Bool = false) throws -> DequeueFinding {
        let ruleset = try Rules.make("DEQUEUE_ACCESS\n\n  *  \(template)\n")
        return drive(DequeueGate(ruleset: ruleset, facts: entry, isReading: isReading)).outcome
    }

    @Test("DEQUEUE_ACCESS sees eight fields, and by option tags and retries")
    func dequeueProbe() {
        let probe = "inside|7.1|90|alice@sender.example|ann@example.test|ann@example.test|0|example.test"
        #expect(AccessTable.dequeueProbe(entry, AccessPolicy()) == probe)
        #expect(
            AccessTable.dequeueProbe(entry, AccessPolicy(conversionTags: [.dequeue], showsRetries: true))
                == "\(probe)|a|4")
        let unknown = DequeueFacts(channel: "c", file: "f", secondsInQueue: nil, sender: nil, domain: "d")
        #expect(AccessTable.dequeueProbe(unknown, AccessPolicy()) == "c|f|-1||||0|d")
    }

    @Test("$N postpones, $S says for how long, and anything else tries")
    func dequeueFlags() throws {
        #expect(
            try dequeue("$N$S600|Night$ only")
                == .postpone(seconds: 600, reason: "DEQUEUE_ACCESS mappings:3: Night only"))
        #expect(try dequeue("$N") == .postpone(seconds: nil, reason: "DEQUEUE_ACCESS mappings:3"))
        #expect(try dequeue("$Y") == .attempt)
        #expect(try dequeue("$S600") == .attempt)
        #expect(drive(DequeueGate(ruleset: try Rules.make(), facts: entry)).outcome == .attempt)
    }

    @Test("a wait is at least a second, and no longer than mail waits at all")
    func dequeueWait() throws {
        #expect(
            try dequeue("$N$S0") == .postpone(seconds: 1, reason: "DEQUEUE_ACCESS mappings:3"))
        #expect(
            try dequeue("$N$S999999999999")
                == .postpone(seconds: DequeueGate.waitSecondsMax, reason: "DEQUEUE_ACCESS mappings:3"))
        #expect(try dequeue("$N$Ssoon") == .postpone(seconds: nil, reason: "DEQUEUE_ACCESS mappings:3"))
    }

    @Test("input flag R is set where somebody only looks")
    func reading() throws {
        #expect(try dequeue("$:R$N", isReading: true) != .attempt)
        #expect(try dequeue("$:R$N") == .attempt)
    }

    // MARK: ETRN_ACCESS

    private func etrn(_ template: String, node: String = "branch.example.test") throws -> Decision {
        let ruleset = try Rules.make("ETRN_ACCESS\n\n  *|*|*|*|*|*|*|*  \(template)\n")
        return drive(ETRNGate(ruleset: ruleset, session: Rules.session(), node: node)).outcome
    }

    @Test("ETRN: $N and $F answer 459 4.5.0, $S tries, $D names another channel")
    func etrnFlags() throws {
        #expect(try etrn("$NNot$ you").rejection == Reply(459, "4.5.0", "Not you"))
        #expect(try etrn("$F").rejection == Reply(459, "4.5.0", "Not allowed"))
        #expect(try etrn("$S") == .admit(Marks()))
        #expect(try etrn("$S$Dpartner") == .admit(Marks(destinationChannel: "partner")))
        #expect(
            drive(ETRNGate(ruleset: try Rules.make(), session: Rules.session(), node: "x")).outcome
                == .admit(Marks()))
    }
}

@Suite("2.6 Other tables")
struct OtherTablesTests {
    // MARK: SPF_LOCAL

    @Test("SPF_LOCAL: the domain's record with $Y, DNS without it")
    func spf() throws {
        let ruleset = try Rules.make(
            "SPF_LOCAL\n\n  a.test  v=spf1$ ip4:192.0.2.0/24$ -all$Y\n  b.test  v=spf1$ -all\n"
                + "  c.test  $N\n")
        let record = { (domain: String) in drive(LocalSPFRecord(domain: domain, ruleset: ruleset)).outcome }
        #expect(record("a.test") == .record("v=spf1 ip4:192.0.2.0/24 -all"))
        #expect(record("A.TEST") == .record("v=spf1 ip4:192.0.2.0/24 -all"))
        #expect(record("b.test") == .none)
        #expect(record("c.test") == .none)
        #expect(record("d.test") == .none)
        #expect(drive(LocalSPFRecord(domain: "a.test", ruleset: try Rules.make())).outcome == .none)
    }

    @Test("a table that ran into a limit is no table that says nothing")
    func spfOverrun() throws {
        let ruleset = try Rules.make("SPF_LOCAL\n\n  *  $|SPF_LOCAL;$0|$Y\n")
        #expect(drive(LocalSPFRecord(domain: "a.test", ruleset: ruleset)).outcome == .unknown)
    }

    // MARK: LOG_ACTION

    @Test("LOG_ACTION sees a record's fields in the order of the log, all of them always")
    func logProbe() {
        let facts = LogFacts(
            action: .delivered, modifiers: "ES", sourceChannel: "tcp_local", destinationChannel: "inside",
            octets: 1_025, sender: Rules.mailbox("a@b.test"), originalRecipient: "rfc822;l@example.test",
            recipient: "bob@example.test", file: "7.1", envelopeID: "e", user: "ann", system: "192.0.2.7",
            reason: "why", diagnostic: "250 ok")
        #expect(
            AccessTable.logProbe(facts, AccessPolicy())
                == "tcp_local|inside|DES|2|a@b.test|rfc822;l@example.test|bob@example.test|7.1|e|ann"
                + "|192.0.2.7|why|250 ok")
        let bare = AccessTable.logProbe(LogFacts(action: .badCommand), AccessPolicy())
        #expect(bare == "||B|0|||||||||")
        #expect(
            bare.split(separator: "|", omittingEmptySubsequences: false).count == LogFacts.fieldNames.count)
    }

    @Test("$< of LOG_ACTION is for the system's log")
    func logNotice() throws {
        let ruleset = try Rules.make("LOG_ACTION\n\n  *|*|J*|*|*|*|*|*|*|*|*|*|*  $<rejected$ $6\n")
        let gate = LogGate(
            ruleset: ruleset, facts: LogFacts(action: .rejected, recipient: "bob@example.test"))
        #expect(drive(gate).outcome.notices == ["rejected bob@example.test"])
        #expect(
            drive(LogGate(ruleset: ruleset, facts: LogFacts(action: .delivered))).outcome.notices.isEmpty)
    }

    // MARK: MESSAGE-SAVE-COPY

    private let file = SaveCopyFacts(
        sourceChannel: "tcp_local", destinationChannel: "inside", sender: Rules.mailbox("a@b.test"),
        recipient: Rules.mailbox("bob@example.test"), file: "7.1")

    @Test("MESSAGE-SAVE-COPY sees D, both channels, sender, recipient, file")
    func saveProbe() {
        #expect(
            AccessTable.saveCopyProbe(file, AccessPolicy())
                == "D|tcp_local|inside|a@b.test|bob@example.test|7.1")
    }

    @Test("a copy's path is taken with $Y")
    func savePath() throws {
        let path = { (template: String) throws in
            drive(
                SaveCopyGate(
                    ruleset: try Rules.make("MESSAGE-SAVE-COPY\n\n  D|*|*|*|*|*  \(template)\n"),
                    facts: self.file)
            ).outcome
        }
        #expect(try path("$Yjournal/$4") == "journal/7.1")
        #expect(try path("journal/$4") == nil)
        #expect(try path("$Y$N") == nil)
    }

    @Test(
        "a path leads down and nowhere else",
        arguments: [
            "", "/etc/passwd", "../x", "a/../b", "a//b", "a/.hidden", "~x", "a b", "a\0b", "a\\b", "é",
            String(repeating: "a/", count: 9) + "a", String(repeating: "a", count: 256),
        ])
    func badPath(path: String) {
        #expect(SaveCopyGate.path(path) == nil)
        #expect(SaveCopyGate.path("a/b-c_d.e+f=g@h") == "a/b-c_d.e+f=g@h")
    }

    // MARK: REVERSE

    private func reverse(
        _ mappings: String, sender: String = "ann@inside.example", databases: [String: String] = [:]
    ) throws -> Driven<Decision> {
        let ruleset = try Rules.make(mappings, databases: databases)
        return drive(
            SenderGate(ruleset: ruleset, session: Rules.session(), sender: Rules.sender(sender)))
    }

    @Test("REVERSE replaces the envelope sender with $Y, and leaves it without")
    func reverseTable() throws {
        let table = "REVERSE\n\n  *@inside.example  $0@example.test$Y\n  x@y.test  z@y.test\n"
        #expect(try reverse(table).outcome.marks?.sender == "ann@example.test")
        #expect(try reverse(table, sender: "x@y.test").outcome.marks?.sender == nil)
        #expect(try reverse(table, sender: "b@c.test").outcome == .admit(Marks()))
    }

    @Test("the database reverse is asked before the table, and again for $D")
    func reverseDatabase() throws {
        let databases = [
            "reverse": "ann@inside.example anna@example.test\nbob@example.test bill@example.test\n"
        ]
        let table = "REVERSE\n\n  *@inside.example  $0@example.test$Y$D\n"
        #expect(try reverse(table, databases: databases).outcome.marks?.sender == "anna@example.test")
        #expect(
            try reverse(table, sender: "bob@inside.example", databases: databases).outcome.marks?.sender
                == "bill@example.test")
        #expect(
            try reverse(table, sender: "eve@inside.example", databases: databases).outcome.marks?.sender
                == "eve@example.test")
    }

    @Test("what is no address replaces none, and the trail says so")
    func reverseNonsense() throws {
        let judged = try reverse("REVERSE\n\n  *  no$ address$Y\n")
        #expect(judged.outcome == .admit(Marks()))
        #expect(judged.results.last?.contains("is no address") == true)
    }

    @Test("FROM_ACCESS sees the client's own sender, the recipient tables the replaced one")
    func reverseOrder() throws {
        let ruleset = try Rules.make(
            "FROM_ACCESS\n\n  *|ann@inside.example|*  $Y\n  *  $Nwrong\n\n"
                + "REVERSE\n\n  *@inside.example  $0@example.test$Y\n\n"
                + "ORIG_SEND_ACCESS\n\n  *|ann@example.test|*|*  $Y\n  *  $Nwrong\n")
        let sender = Rules.sender("ann@inside.example")
        let judged = drive(SenderGate(ruleset: ruleset, session: Rules.session(), sender: sender))
        let marks = try #require(judged.outcome.marks)
        let recipient = drive(
            RecipientGate(
                ruleset: ruleset, session: Rules.session(), sender: sender,
                recipient: RecipientFacts(Rules.mailbox("bob@example.test")), senderMarks: marks))
        #expect(recipient.outcome.rejection == nil)
    }

    @Test("by channels, REVERSE sees both of them for each recipient")
    func reverseByChannels() throws {
        var policy = Rules.policy
        policy.access.reverse = .channels
        let ruleset = try Rules.make(
            "REVERSE\n\n  tcp_local|partner|*  reports@example.test$Y\n", policy: policy)
        #expect(
            drive(SenderGate(ruleset: ruleset, session: Rules.session(), sender: Rules.sender())).outcome
                == .admit(Marks()))
        let judge = { (recipient: String) in
            drive(
                RecipientGate(
                    ruleset: ruleset, session: Rules.session(), sender: Rules.sender(),
                    recipient: Rules.mailbox(recipient))
            ).outcome.marks?.sender
        }
        #expect(judge("a@partner.test") == "reports@example.test")
        #expect(judge("a@example.test") == nil)
    }

    // MARK: FORWARD

    private func forward(
        _ mappings: String, to recipient: String = "bob@example.test", databases: [String: String] = [:],
        policy: Policy = Rules.policy
    ) throws -> Driven<Decision> {
        drive(
            RecipientGate(
                ruleset: try Rules.make(mappings, policy: policy, databases: databases),
                session: Rules.session(), sender: Rules.sender(), recipient: Rules.mailbox(recipient)))
    }

    @Test("FORWARD changes the recipient between the tables of the first and of the second pair")
    func forwardOrder() throws {
        let judged = try forward(
            "ORIG_SEND_ACCESS\n\n  *|*|inside|bob@example.test  $Y\n  *  $Nwrong\n\n"
                + "FORWARD\n\n  bob@example.test  rob@partner.test$Y\n\n"
                + "SEND_ACCESS\n\n  *|*|partner|rob@partner.test  $Y\n  *  $Nwrong\n")
        #expect(
            judged.outcome
                == .admit(
                    Marks(destinationChannel: "partner", recipient: Rules.mailbox("rob@partner.test"))))
    }

    @Test("without $Y, and with $N, the recipient stays")
    func forwardNot() throws {
        for template in ["rob@partner.test", "rob@partner.test$Y$N"] {
            let marks = try forward("FORWARD\n\n  *  \(template)\n").outcome.marks
            #expect(marks?.recipient == Rules.mailbox("bob@example.test"))
        }
    }

    @Test("what FORWARD gives is forwarded again, unless $H says that it is enough")
    func forwardAgain() throws {
        let table = "FORWARD\n\n  bob@*  rob@$0$Y\n  rob@*  job@$0$Y"
        #expect(try forward("\(table)\n").outcome.marks?.recipient?.localPart == "job")
        let once = "FORWARD\n\n  bob@*  rob@$0$Y$H\n  rob@*  job@$0$Y\n"
        #expect(try forward(once).outcome.marks?.recipient?.localPart == "rob")
    }

    @Test("a table that forwards in a circle, or without end, refuses the recipient")
    func forwardLoop() throws {
        let circle = try forward("FORWARD\n\n  bob@*  rob@$0$Y\n  rob@*  bob@$0$Y\n")
        #expect(circle.outcome.rejection == Reply(550, "5.4.6", "Forwarding loop: bob@example.test"))
        let endless = try forward("FORWARD\n\n  *@*  $0x@$1$Y\n")
        #expect(endless.outcome.rejection?.status == "5.4.6")
        #expect(try forward("FORWARD\n\n  *  $0$Y\n").outcome.rejection == nil)
    }

    @Test("the database forward is asked for what the table lets be")
    func forwardDatabase() throws {
        let databases = ["forward": "bob@example.test rob@partner.test\n"]
        #expect(
            try forward("", databases: databases).outcome.marks?.recipient
                == Rules.mailbox("rob@partner.test"))
        #expect(
            try forward("FORWARD\n\n  bob@*  bob@x.branch.test$Y$H\n", databases: databases).outcome.marks?
                .recipient == Rules.mailbox("bob@x.branch.test"))
    }

    @Test("$I holds what is forwarded")
    func forwardHold() throws {
        #expect(
            try forward("FORWARD\n\n  *  rob@partner.test$Y$I$H\n").outcome.marks?.holdReason
                == "FORWARD mappings:3 set $I")
    }

    @Test("forwarding opens no relay, and leads nowhere that has no way")
    func forwardRelay() throws {
        let table =
            "FORWARD\n\n  *@elsewhere.example  $0@example.test$Y\n  *@example.test  $0@far.example$Y\n"
        #expect(
            try forward(table, to: "a@elsewhere.example").outcome.rejection
                == Reply(550, "5.7.1", "Relaying not allowed: a@elsewhere.example"))
        #expect(try forward(table).outcome.rejection?.status == "5.1.2")
        var policy = Rules.policy
        policy.channels["tcp_local"]?.hasRoute = true
        #expect(
            try forward(table, policy: policy).outcome.marks?.recipient == Rules.mailbox("bob@far.example"))
    }

    @Test("by channels, FORWARD sees source channel and sender")
    func forwardByChannels() throws {
        var policy = Rules.policy
        policy.access.forward = .channels
        let table = "FORWARD\n\n  tcp_local|alice@*|bob@*  rob@$1$Y$H\n"
        #expect(
            try forward(table, policy: policy).outcome.marks?.recipient == Rules.mailbox("rob@example.test"))
    }
}
