// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import SMTPProtocol

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
    /// What the connection's and the sender's gate marked the message with.
    let marks: Marks
    /// How long each reply of it waits, in 1/100 s.
    private(set) var delay = 0
    /// What a table set by `$U`.
    private(set) var debugLevel: Int?
    private var commandCount = 0
    private(set) var recipients: [TransactionRecord.RecipientRecord] = []
    /// Those that were admitted, as the content gate gets them.
    private(set) var admitted: [ContentFacts.Recipient] = []

    init(
        id: String, ruleset: Ruleset, session: SessionFacts, sender: SenderFacts,
        senderJudgement: Judgement<Decision>, connection: Marks = .none
    ) {
        self.id = id
        self.ruleset = ruleset
        self.session = session
        self.sender = sender
        self.senderJudgement = senderJudgement
        marks = connection.forMessage(sender: senderJudgement.outcome.marks ?? .none)
        follow(connection.consequences)
        follow(senderJudgement.outcome.consequences)
    }

    /// The next RCPT TO command.
    func facts(_ command: RecipientCommand) -> RecipientFacts {
        commandCount += 1
        return RecipientFacts(command, commandCount: commandCount, admittedCount: admitted.count)
    }

    func add(_ facts: RecipientFacts, _ judgement: Judgement<Decision>) {
        recipients.append(TransactionRecord.RecipientRecord(facts: facts, judgement: judgement))
        follow(judgement.outcome.consequences)
        guard case .admit(let own) = judgement.outcome else { return }
        var recipient = ContentFacts.Recipient(
            original: facts.recipient, sender: marks, admitted: own, policy: ruleset.policy)
        recipient.options = DeliveryOptions(sender, facts, for: recipient.address)
        admitted.append(recipient)
    }

    private func follow(_ consequences: Consequences) {
        delay = max(delay, consequences.transactionDelay ?? 0)
        debugLevel = consequences.debugLevel ?? debugLevel
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
