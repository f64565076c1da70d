// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

/// What is known of one transaction, as its case will tell it. A class, because it is handed on as a whole
/// and must not be copied field by field for every message.
final class Transaction {
    /// The case's id.
    let id: String
    /// Pinned at MAIL FROM (promise P2).
    let ruleset: Ruleset
    let session: SessionFacts
    let sender: SenderFacts
    let senderJudgement: Judgement<Decision>
    private(set) var recipients: [TransactionRecord.RecipientRecord] = []
    /// Those that were admitted, as the content gate gets them.
    private(set) var admitted: [ContentFacts.Recipient] = []

    init(
        id: String, ruleset: Ruleset, session: SessionFacts, sender: SenderFacts,
        senderJudgement: Judgement<Decision>
    ) {
        self.id = id
        self.ruleset = ruleset
        self.session = session
        self.sender = sender
        self.senderJudgement = senderJudgement
    }

    func add(_ recipient: Address, _ judgement: Judgement<Decision>) {
        recipients.append(TransactionRecord.RecipientRecord(recipient: recipient, judgement: judgement))
        guard case .admit(let marks) = judgement.outcome else { return }
        admitted.append(
            ContentFacts.Recipient(
                original: recipient, address: marks.recipient ?? recipient,
                channel: marks.destinationChannel ?? ruleset.policy.outsideChannel,
                holdReason: marks.holdReason ?? senderHoldReason))
    }

    private var senderHoldReason: String? {
        if case .admit(let marks) = senderJudgement.outcome { marks.holdReason } else { nil }
    }

    func record(content: ContentRecord?) -> TransactionRecord {
        var record = TransactionRecord(
            ruleset: ruleset.hash, session: session, sender: sender, senderJudgement: senderJudgement)
        record.recipients = recipients
        record.content = content
        return record
    }

    /// How it ends where no content was judged: refused if every recipient was, else abandoned.
    var fateWithoutContent: CaseRecord.Fate {
        guard admitted.isEmpty, !recipients.isEmpty else { return .abandoned }
        let isPermanent = recipients.contains { $0.judgement.outcome.rejection?.isPermanent == true }
        return isPermanent ? .reject : .defer
    }
}
