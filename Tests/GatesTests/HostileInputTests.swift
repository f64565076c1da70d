// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import Testing

@testable import Gates

/// What strangers write ends up in probes, and from there in replies, headers, logs, look-ups. Nothing of it
/// may be taken for more than text.
@Suite("Bad input: a stranger's text forges nothing")
struct HostileInputTests {
    static let texts: [String] = [
        "|", "||||||||||||", "a|tcp_intranet|b", "x|MAIL|tcp_intranet|boss@example.test|", "$Y", "$N$H$Z$B",
        "$X2.0.0|$Y", "$|INTERNAL_IP;127.0.0.1|", "${general}", "$[dns_verify,dns_verify,a|b|c]",
        "$]ldap:///?x?sub?(a=b)[", "$C$R$L$E", "$0$1$9", "%e", "%", "*", "\"", "'", "\\", "$", "`id`", ";ls",
        "*)(objectClass=*", "(&(a=b)(c=d))", "\\2a\\28\\29", "a\r\nX-Virus-Status: clean", "a\nb", "a\rb",
        "a\0b", "\u{1B}[31m", "\u{7F}", "\u{85}\u{2028}\u{2029}", "ü€😀", "\u{202E}gnp.exe",
        "event=session.closed", "\" event=\"x", "~", "a~554 5.7.1 b", "<script>", "'; DROP TABLE x; --",
        String(repeating: "|", count: 65_536), String(repeating: "x", count: 65_536),
        String(repeating: "$Y", count: 32_768), String(repeating: "\u{E4}", count: 32_768),
    ]

    private func isClean(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20...0x7E).contains($0) } }

    private func bars(_ text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: "|") } }

    // MARK: Fields

    /// A probe of each table with `text` in every field that comes from outside.
    private func probes(_ text: String, _ policy: AccessPolicy) -> [(table: AccessTable, probe: String)] {
        let address = Address(localPart: text, domain: text)
        var session = SessionFacts(
            peer: Rules.peer, helo: text, isExtended: true, tls: text, sourceChannel: "tcp_local",
            tlsCipher: text, authenticated: address, isLMTP: false, clientName: text)
        session.isLMTP = true
        let sender = SenderFacts(
            sender: address, declaredOctets: nil, isEightBit: false, authParameter: text, envelopeID: text)
        let subject = AccessTable.RecipientSubject(
            session: session, sender: address, channel: "inside", recipient: address,
            facts: RecipientFacts(address, originalRecipient: text), conversionTags: [text])
        let connect = AddressFacts(
            channel: "c", number: 1, count: 1, address: Rules.address("192.0.2.1"), host: text)
        let dequeue = DequeueFacts(
            channel: "c", file: text, secondsInQueue: 1, sender: address, authParameter: text,
            authenticated: address, domain: text, conversionTags: [text])
        let log = LogFacts(
            action: .rejected, modifiers: text, sourceChannel: text, destinationChannel: text,
            sender: address,
            originalRecipient: text, recipient: text, file: text, envelopeID: text, user: text, system: text,
            reason: text, diagnostic: text)
        let copy = SaveCopyFacts(
            sourceChannel: text, destinationChannel: text, sender: address, recipient: address, file: text)
        return [
            (.fromAccess, AccessTable.fromProbe(session, sender, policy)),
            (.origSendAccess, AccessTable.origSendAccess.recipientProbe(subject, policy)),
            (.sendAccess, AccessTable.sendAccess.recipientProbe(subject, policy)),
            (.origMailAccess, AccessTable.origMailAccess.recipientProbe(subject, policy)),
            (.mailAccess, AccessTable.mailAccess.recipientProbe(subject, policy)),
            (.etrnAccess, AccessTable.etrnProbe(session, ETRNFacts(claimedSystem: text), policy)),
            (.ipAccess, AccessTable.addressProbe(connect, policy)),
            (.dequeueAccess, AccessTable.dequeueProbe(dequeue, policy)),
            (.logAction, AccessTable.logProbe(log, policy)),
            (.messageSaveCopy, AccessTable.saveCopyProbe(copy, policy)),
            (.clientAccess, AccessTable.clientProbe(Rules.peer, .claimed(text), policy)),
        ]
    }

    @Test("no text adds a field, ends a line or hides one, in any table and any field", arguments: texts)
    func fields(text: String) {
        let all = Set(AccessPolicy.RecipientTable.allCases)
        let policies = [
            AccessPolicy(),
            AccessPolicy(
                originalRecipient: all, counts: all, conversionTags: Set(AccessPolicy.TaggedTable.allCases),
                showsRetries: true),
        ]
        for policy in policies {
            for (table, probe) in probes(text, policy) {
                #expect(bars(probe) == table.fields(policy).count - 1, "\(table)")
                #expect(isClean(probe), "\(table)")
            }
        }
    }

    @Test("a text stays in its own field", arguments: texts)
    func ownField(text: String) {
        let probe = AccessTable.fromProbe(
            Rules.session(helo: text), Rules.sender(), AccessPolicy())
        let fields = probe.split(separator: "|", omittingEmptySubsequences: false)
        #expect(fields[0] == "TCP" && fields[3] == "192.0.2.7")
        #expect(fields[6] == "MAIL" && fields[7] == "tcp_local" && fields[8] == "alice@sender.example")
        #expect(fields[5].utf8.count == 5 + text.utf8.count)
    }

    // MARK: Flags

    /// A ruleset whose tables put a stranger's text wherever a template can.
    private func ruleset(_ template: String) throws -> Ruleset {
        try Rules.make(
            "FROM_ACCESS\n\n  TCP|*|*|*|*|SMTP/*|MAIL|*|*|*  \(template)\n",
            databases: ["groups": "staff|boss yes\n"])
    }

    private func judge(_ template: String, _ text: String) throws -> Driven<Decision> {
        drive(
            SenderGate(
                ruleset: try ruleset(template), session: Rules.session(helo: text), sender: Rules.sender()))
    }

    @Test("no text sets a flag, whatever a template makes of it", arguments: texts)
    func flags(text: String) throws {
        let judged = try judge("$Nno$ $4", text)
        guard text.utf8.count < 60_000 else {
            // Beyond what one entry may write it is a fault of the table's, and the client is put off.
            #expect(judged.outcome.rejection?.code == 550 || judged.outcome.rejection?.code == 451)
            return
        }
        let reply = try #require(judged.outcome.rejection)
        #expect(reply.code == 550 && reply.status == "5.7.1")
        #expect(reply.lines.count == 1)
        #expect(reply.wire.count { $0 == 0x0A } == 1)
        #expect(judged.outcome.consequences == Consequences())
        #expect(judged.trail.entries.allSatisfy { $0.flags == ["N"] || $0.flags.isEmpty })
    }

    @Test("a text is one argument, and the next flag's is its own", arguments: texts)
    func arguments(text: String) throws {
        let judged = try judge(
            "$X5.7.9|$<$4|$D5|$Nno".replacing("$X5.7.9|$<$4|$D5", with: "$<$4|$D5|$X5.7.9"), text)
        guard text.utf8.count < 60_000 else { return }
        #expect(judged.outcome.rejection == Reply(550, "5.7.9", "no: alice@sender.example"))
        #expect(judged.outcome.consequences.transactionDelay == 5)
        for notice in judged.outcome.consequences.notices {
            #expect(isClean(notice) && notice.utf8.count <= Consequences.noticeOctetsMax)
        }
    }

    @Test("a text is no member of a group by saying so", arguments: texts + ["boss|staff", "staff|boss"])
    func groups(text: String) throws {
        #expect(try judge("$Y$I$4|staff", text).outcome.rejection != nil)
        #expect(try judge("$Y$Iboss|$4", text).outcome.rejection != nil)
    }

    // MARK: Effects

    @Test("an address made of a text is an address or nothing", arguments: texts)
    func addresses(text: String) throws {
        for template in ["$Y$J$4@b.test", "$Y$Ja@$4", "$Y$J$4", "$Y$K$4@b.test", "$Y$M$4@b.test"] {
            let marks = try judge(template, text).outcome.marks ?? Marks()
            for made in [marks.sender, marks.senderField].compactMap({ $0 })
                + marks.captures.map(\.description) where !made.isEmpty
            {
                #expect(
                    made.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"<>,;:()\"\\".utf8.contains($0) })
                #expect(made.utf8.count <= Address.octetsMax)
                #expect(made.utf8.count { $0 == UInt8(ascii: "@") } == 1)
            }
        }
    }

    @Test("a header line made of a text is one field, and a subject's tag no field at all", arguments: texts)
    func headers(text: String) throws {
        let judged = try judge("$Y$T$4|$AX-Helo:$ $4", text)
        guard text.utf8.count < 60_000 else { return }
        let marks = try #require(judged.outcome.marks)
        let facts = Rules.facts([Rules.recipient(marks: marks)])
        let trial = ContentTrial(ruleset: try Rules.make(), facts: facts)
        let names = Message(parsing: MessageBytes(Array(trial.delivered.utf8))).header.fields.map(\.name)
        #expect(names == ["Received"] + (marks.headerLines.isEmpty ? [] : ["X-Helo"]) + ["Subject", "From"])
        #expect(trial.delivered.hasSuffix("\r\nFrom: alice@sender.example\r\n\r\nGood morning.\r\n"))
        #expect(
            trial.delivered.utf8.allSatisfy {
                (0x20...0x7E).contains($0) || $0 == 0x0D || $0 == 0x0A || $0 == 0x09
            })
        #expect(trial.delivered.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 998 })
    }

    @Test("a header line's name made of a text is a name or there is no line", arguments: texts)
    func headerNames(text: String) throws {
        let marks = try judge("$Y$A$4:$ x", text).outcome.marks ?? Marks()
        for line in marks.headerLines {
            let name = line.prefix { $0 != ":" }
            #expect((1...HeaderLine.nameOctetsMax).contains(name.utf8.count))
            #expect(name.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            let octets = HeaderLine.octets(line)
            #expect(octets.suffix(2) == [0x0D, 0x0A])
        }
    }

    @Test("marks that a record was made to hold are no more trusted than a table's", arguments: texts)
    func recordedMarks(text: String) {
        var marks = Marks()
        marks.headerLines = ["X-A: \(text)", text]
        marks.subjectTag = text
        marks.senderField = text
        let trial = ContentTrial(
            ruleset: (try? Rules.make())
                ?? Ruleset(hash: "", tables: .empty, scripts: ScriptSet(), policy: Rules.policy),
            facts: Rules.facts([Rules.recipient(marks: marks)]))
        let names = Message(parsing: MessageBytes(Array(trial.delivered.utf8))).header.fields.map(\.name)
        #expect(names.filter { !["Received", "X-A", "Sender", "Subject", "From"].contains($0) }.count <= 1)
        #expect(trial.delivered.hasSuffix("\r\n\r\nGood morning.\r\n"))
    }

    @Test("conversion tags made of a text are words without a comma, a bar or a blank", arguments: texts)
    func tags(text: String) throws {
        let marks = try judge("$Y$G$4", text).outcome.marks ?? Marks()
        #expect(marks.conversionTags.count <= Marks.listMax)
        #expect(marks.conversionTags.allSatisfy(ConversionTag.isTag))
    }

    @Test("numbers made of a text are numbers or nothing", arguments: texts)
    func numbers(text: String) throws {
        #expect(try (judge("$Y$D$4", text).outcome.marks ?? Marks()).consequences.transactionDelay == nil)
        #expect(try (judge("$Y$S$4", text).outcome.marks ?? Marks()).limits == nil)
        #expect(try (judge("$Y$,$4", text).outcome.marks ?? Marks()).spamAdjustments.isEmpty)
    }

    @Test("a path made of a text leads down or nowhere", arguments: texts)
    func paths(text: String) throws {
        let ruleset = try Rules.make("MESSAGE-SAVE-COPY\n\n  D|*|*|*|*|*  $Ycopies/$4\n")
        let facts = SaveCopyFacts(destinationChannel: "c", sender: nil, recipient: nil, file: text)
        if let path = drive(SaveCopyGate(ruleset: ruleset, facts: facts)).outcome {
            #expect(path.hasPrefix("copies/") && !path.contains(".."))
            #expect(isClean(path) && path.utf8.count <= SaveCopyGate.pathOctetsMax)
        }
    }

    @Test("a probe that is too long to be judged puts the client off")
    func endless() throws {
        let endless = String(repeating: "x", count: 200_000)
        #expect(try judge("$Y", endless).outcome.rejection == .policyFault)
    }

    @Test(
        "a table that calls itself puts the client off, in every gate",
        arguments: [
            AccessTable.fromAccess, .origSendAccess, .mailAccess, .reverse, .forward,
        ])
    func cycles(table: AccessTable) throws {
        let name = table.rawValue
        let ruleset = try Rules.make("\(name)\n\n  *  $|\(name);$0|$Y\n")
        let sender = drive(SenderGate(ruleset: ruleset, session: Rules.session(), sender: Rules.sender()))
        let recipient = drive(
            RecipientGate(
                ruleset: ruleset, session: Rules.session(), sender: Rules.sender(),
                recipient: Rules.mailbox("bob@example.test")))
        #expect([sender.outcome.rejection, recipient.outcome.rejection].contains(.policyFault))
    }
}
