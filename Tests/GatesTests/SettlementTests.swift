// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("RFC 5321 §4.1.1.4: many verdicts, one reply")
struct SettlementTests {
    private let edition = Edition.unchanged(octets: 10)

    private func judged(
        _ address: String, _ verdict: Verdict, channel: String = "inside",
        copies: [Settlement.Copy] = [], keepsCopy: Bool = true
    ) -> Settlement.Judged {
        Settlement.Judged(
            recipient: Rules.recipient(address, channel: channel), verdict: verdict,
            keepsCopy: keepsCopy, copies: copies)
    }

    private func fold(_ verdicts: Settlement.Judged..., mixed: Policy.MixedReject = .hold) -> Settlement {
        Settlement.fold(verdicts, edition: edition, mixed: mixed)
    }

    private let no = Reply(550, "5.7.1", "no")
    private let later = Reply(451, "4.3.0", "later")

    @Test("one deferral defers everyone, so that a retry reaches nobody twice")
    func deferral() {
        let settlement = fold(
            judged("a@example.test", .relay), judged("b@example.test", .reject(no)),
            judged("c@example.test", .retryLater(later)), judged("d@example.test", .hold("x")))
        #expect(settlement.reply == later)
        #expect(settlement.entries.isEmpty)
        #expect(settlement.editions.isEmpty)
        #expect(settlement.verdicts.count == 4)
    }

    @Test("if everyone rejects, the first rejection is the reply, and nothing is owed")
    func allReject() {
        let settlement = fold(
            judged("a@example.test", .reject(Reply(554, "5.7.1", "first"))),
            judged("b@example.test", .reject(no)))
        #expect(settlement.reply == Reply(554, "5.7.1", "first"))
        #expect(settlement.entries.isEmpty)
    }

    @Test("if some reject, the message is accepted, and their copies are held")
    func mixedHold() {
        let settlement = fold(judged("a@example.test", .relay), judged("b@example.test", .reject(no)))
        #expect(settlement.reply.code == 250)
        #expect(
            settlement.entries
                == [
                    Settlement.Entry(
                        recipients: [Rules.mailbox("a@example.test")], debt: .deliver(channel: "inside"),
                        edition: 0),
                    Settlement.Entry(
                        recipients: [Rules.mailbox("b@example.test")],
                        debt: .hold(
                            channel: "inside", reason: "rejected while others accept: 550 5.7.1 no"),
                        edition: 0),
                ])
    }

    @Test("or discarded, where the operator says so")
    func mixedDiscard() {
        let settlement = fold(
            judged("a@example.test", .relay), judged("b@example.test", .reject(no)), mixed: .discard)
        #expect(settlement.entries.map(\.recipients) == [[Rules.mailbox("a@example.test")]])
    }

    @Test("a rejection beside a discard is a mixed one too")
    func rejectAndDiscard() {
        let settlement = fold(judged("a@example.test", .discard), judged("b@example.test", .reject(no)))
        #expect(settlement.reply.code == 250)
        #expect(settlement.entries.count == 1)
    }

    @Test("if everyone discards, the message is accepted and nothing is owed")
    func discard() {
        let settlement = fold(judged("a@example.test", .discard), judged("b@example.test", .discard))
        #expect(settlement.reply == Reply(250, "2.0.0", "Message accepted"))
        #expect(settlement.entries.isEmpty)
        #expect(settlement.editions.isEmpty)
    }

    @Test("recipients that are owed the same share an entry, in the order in which they came")
    func grouping() {
        let settlement = fold(
            judged("a@example.test", .relay), judged("b@partner.test", .relay, channel: "partner"),
            judged("c@example.test", .relay), judged("d@example.test", .hold("x")),
            judged("e@example.test", .hold("y")), judged("f@example.test", .hold("x")))
        #expect(
            settlement.entries.map { $0.recipients.map(\.localPart) }
                == [["a", "c"], ["b"], ["d", "f"], ["e"]])
        #expect(settlement.editions == [edition])
        #expect(settlement.entries.allSatisfy { $0.edition == 0 })
    }

    @Test("nobody is owed the same message by the same way twice")
    func once() {
        let settlement = fold(
            judged("a@example.test", .relay), judged("a@EXAMPLE.test", .relay),
            judged(
                "b@example.test", .relay,
                copies: [
                    Settlement.Copy(
                        address: Rules.mailbox("a@example.test"), debt: .deliver(channel: "inside"),
                        edition: 0)
                ], keepsCopy: false))
        #expect(settlement.entries.map(\.recipients) == [[Rules.mailbox("a@example.test")]])
    }

    @Test("a redirected message is owed to its new address, and to its old one only as a copy")
    func redirects() {
        let copy = Settlement.Copy(
            address: Rules.mailbox("n@partner.test"), debt: .deliver(channel: "partner"), edition: 0)
        let moved = fold(judged("a@example.test", .relay, copies: [copy], keepsCopy: false))
        #expect(moved.entries.map(\.debt) == [.deliver(channel: "partner")])
        let copied = fold(judged("a@example.test", .relay, copies: [copy]))
        #expect(copied.entries.map(\.debt) == [.deliver(channel: "inside"), .deliver(channel: "partner")])
        let held = fold(judged("a@example.test", .hold("x"), copies: [copy]))
        #expect(held.entries.map(\.debt) == [.hold(channel: "inside", reason: "x")])
    }

    @Test("without anyone to judge for, nothing is accepted")
    func nobody() {
        #expect(fold().reply.isPermanent)
        #expect(fold().entries.isEmpty)
    }
}
