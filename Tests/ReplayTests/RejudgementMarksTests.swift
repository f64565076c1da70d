// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Testing

@testable import Gates
@testable import Replay

@Suite("Judging again what tables marked")
struct RejudgementMarksTests {
    private let mappings = """
        FROM_ACCESS

          *|list@*|*   $Jbounces@example.test|$T[list]|$AX-List:$ yes|$Mwatch@example.test$Y
          *|junk@*|*   $V$Y
          *|gone@*|*   $Z$Y

        FORWARD

          old@*        new@$0$Y$H

        SEND_ACCESS

          *|*|*|new@*  $Gmoved$Y

        """

    private func record(from sender: String, to recipient: String = "bob@example.test") throws -> CaseRecord {
        var recorder = Recorder(try House.ruleset(mappings))
        recorder.sender = sender
        recorder.recipients = [recipient]
        return recorder.record()
    }

    /// As from the case log, not from memory.
    private func again(_ record: CaseRecord, _ rules: String) throws -> Rejudgement {
        let read = try JSONDecoder().decode(CaseRecord.self, from: Data(FactsEncoder().encode(record)))
        #expect(read == record)
        let ruleset = try House.ruleset(rules)
        return Rejudgement.judge(read, connection: ruleset, message: ruleset)
    }

    @Test("gives the same decision and trail, byte for byte")
    func identical() throws {
        for (sender, fate) in [
            ("list@sender.example", Rejudgement.Fate.accept), ("junk@sender.example", .discard),
            ("gone@sender.example", .discard), ("alice@sender.example", .accept),
        ] {
            for recipient in ["bob@example.test", "old@example.test"] {
                let record = try record(from: sender, to: recipient)
                let judged = try again(record, mappings)
                #expect(judged.isIdentical(to: record), "\(sender) \(recipient)")
                #expect(judged.end == .settled(fate), "\(sender) \(recipient)")
            }
        }
    }

    @Test("a table that throws away what was relayed changes the case, and is named for it")
    func disposal() throws {
        let record = try record(from: "alice@sender.example")
        let judged = try again(record, mappings.replacing("  *|gone@*|*   $Z$Y", with: "  *   $Z$Y"))
        #expect(judged.end == .settled(.discard))
        #expect(judged.decidingRule == "mappings:5")
    }

    @Test("another sender, another recipient and a copy more are changes")
    func marks() throws {
        var report = ReplayReport()
        let list = try record(from: "list@sender.example")
        report.add(list, try again(list, mappings.replacing("bounces@", with: "other@")))
        report.add(list, try again(list, mappings.replacing("watch@", with: "audit@")))
        let old = try record(from: "alice@sender.example", to: "old@example.test")
        let elsewhere = mappings.replacing("new@$0$Y$H", with: "new@$0$Y$H$I")
        report.add(old, try again(old, elsewhere))
        #expect(report.unchanged == 0)
        #expect(report.changed.reduce(0) { $0 + $1.count } == 3)
    }

    @Test("where AUTH is no longer offered, whoever had authenticated is judged as a stranger")
    func authentication() throws {
        let rules = "ORIG_MAIL_ACCESS\n\n  *   $C$:A$Y$E\n  *   $NWho$ are$ you\n"
        let ruleset = try House.ruleset(rules)
        var record = Recorder(ruleset).record()
        record.authentication = Judgement(
            exchanges: [], outcome: .admit(Marks()), trail: Trail())
        record.transaction?.session.authenticated = Address(localPart: "ann", domain: "example.test")
        #expect(try again(record, rules).recipients.first?.outcome.rejection == nil)
        let closed = "PORT_ACCESS\n\n  *   $C$;A$N554$ no$E\n\n\(rules)"
        #expect(try again(record, closed).recipients.first?.outcome.rejection?.isPermanent == true)
    }

    @Test("what RCPT said is recorded, and judged again as it was")
    func recipientFacts() throws {
        let rules = "SEND_ACCESS\n\n  *   $C$:S$NNo$ receipts$E\n"
        var record = Recorder(try House.ruleset(rules)).record()
        #expect(try again(record, rules).recipients.first?.outcome.rejection == nil)
        record.transaction?.recipients[0].facts.notices = [.success]
        #expect(try again(record, rules).recipients.first?.outcome.rejection?.isPermanent == true)
    }

    @Test("an explanation says what was marked, and who the client was")
    func explained() throws {
        var record = try record(from: "list@sender.example")
        record.authentication = Judgement(
            exchanges: [], outcome: .admit(Marks()), trail: Trail())
        record.transaction?.session.authenticated = Address(localPart: "ann", domain: "example.test")
        let text = CaseExplanation(record).lines.joined(separator: "\n")
        #expect(text.contains("MAIL FROM:<list@sender.example> as ann@example.test."))
        #expect(text.contains("from <bounces@example.test> from here on, with a copy for watch@example.test"))
        let junk = CaseExplanation(try self.record(from: "junk@sender.example")).lines
        #expect(junk.first == "Case A1-1.1: accepted and discarded, by mappings:4")
        #expect(junk.contains("  => admitted, marked discard"))
    }
}
