// SPDX-License-Identifier: MIT
import Mail

@testable import Gates

/// A client's visit without sockets: the gates in their order, every answer written down.
struct Recorder {
    var ruleset: Ruleset
    var id = "A1-1.1"
    var atMs: Int64 = 1_792_976_000_000
    var client = "192.0.2.7"
    var helo = "client.example"
    var sender: String? = "alice@sender.example"
    var recipients = ["bob@example.test"]
    /// Nil: the client goes away after RCPT.
    var text: String? = House.clean
    var level = CaseLevel.full
    var poison: String?
    var talkedFirst = false
    /// `NOTIFY=NEVER` for each recipient.
    var wantsNoNotices = false
    var tls: String?
    var authenticated: Address?

    init(_ ruleset: Ruleset) { self.ruleset = ruleset }

    func record(world: ((Question) -> Answer)? = nil) -> CaseRecord {
        let world = world ?? House.world(text ?? "")
        let peer = Peer(
            clientAddress: House.address(client), clientPort: 4711,
            serverAddress: House.address("198.51.100.1"), serverPort: 25)
        let connection = Self.judge(
            ConnectionGate(ruleset: ruleset, peer: peer, talkedFirst: talkedFirst), world)
        var record = CaseRecord(
            id: id, atMs: atMs, peer: peer, connectionRuleset: ruleset.hash, connection: connection,
            fate: .abandoned)
        if talkedFirst { record.talkedFirst = true }
        guard case .admit(let marks) = connection.outcome else {
            record.fate = Self.fate(connection.outcome)
            return record
        }
        let session = SessionFacts(
            peer: peer, helo: helo, isExtended: true, tls: tls,
            sourceChannel: ruleset.policy.session.sourceChannel(
                from: marks.sourceChannel ?? "", isEncrypted: tls != nil,
                isAuthenticated: authenticated != nil), authenticated: authenticated)
        let facts = SenderFacts(
            sender: sender.flatMap { Address($0) }, declaredOctets: nil, isEightBit: false)
        transaction(&record, session, facts, marks, world)
        return record
    }

    private func transaction(
        _ record: inout CaseRecord, _ session: SessionFacts, _ sender: SenderFacts, _ connection: Marks,
        _ world: (Question) -> Answer
    ) {
        let judged = Self.judge(SenderGate(ruleset: ruleset, session: session, sender: sender), world)
        var transaction = TransactionRecord(
            ruleset: ruleset.hash, session: session, sender: sender, senderJudgement: judged)
        defer { record.transaction = transaction }
        guard case .admit(let own) = judged.outcome else {
            record.fate = Self.fate(judged.outcome)
            return
        }
        let marks = connection.forMessage(sender: own)
        var admitted: [ContentFacts.Recipient] = []
        for address in recipients.compactMap({ Address($0) }) {
            var facts = RecipientFacts(address)
            facts.wantsNoNotices = wantsNoNotices
            let gate = RecipientGate(
                ruleset: ruleset, session: session, sender: sender, recipient: facts, senderMarks: marks)
            let judgement = Self.judge(gate, world)
            transaction.recipients.append(.init(facts: facts, judgement: judgement))
            guard case .admit(let own) = judgement.outcome else {
                record.fate = Self.fate(judgement.outcome)
                continue
            }
            var recipient = ContentFacts.Recipient(
                original: address, sender: marks, admitted: own, policy: ruleset.policy)
            recipient.options = DeliveryOptions(sender, facts, for: recipient.address)
            admitted.append(recipient)
        }
        guard !admitted.isEmpty else { return }
        record.fate = .abandoned
        guard let text else { return }
        content(
            &record, &transaction,
            ContentFacts(
                session: session, sender: sender,
                recipients: ruleset.policy.session.holding(admitted, from: session.sourceChannel), caseID: id,
                poison: poison),
            Array(text.utf8), world)
    }

    private func content(
        _ record: inout CaseRecord, _ transaction: inout TransactionRecord, _ facts: ContentFacts,
        _ bytes: [UInt8], _ world: (Question) -> Answer
    ) {
        let judgement = Self.judge(
            ContentGate(ruleset: ruleset, facts: facts, bytes: MessageBytes(bytes)), world)
        transaction.content = ContentRecord(
            facts: facts, octets: bytes.count, sha256: String(repeating: "5", count: 64),
            headerBytes: level == .headers ? Base64Text(bytes) : nil,
            bytes: level == .full ? Base64Text(bytes) : nil, judgement: judgement)
        let settlement = judgement.outcome
        let isDelivered = settlement.entries.contains {
            if case .deliver = $0.debt { true } else { false }
        }
        if settlement.reply.isTransient {
            record.fate = .defer
        } else if settlement.reply.isPermanent {
            record.fate = .reject
        } else {
            record.fate = isDelivered ? .accept : settlement.entries.isEmpty ? .discard : .hold
        }
    }

    private static func fate(_ decision: Decision) -> CaseRecord.Fate {
        decision.rejection?.isPermanent == true ? .reject : .defer
    }

    private static func judge<Gate: Evaluation>(
        _ start: Gate, _ world: (Question) -> Answer
    ) -> Judgement<Gate.Outcome> where Gate.Outcome: Codable & Hashable {
        var gate = start
        var exchanges: [Exchange] = []
        var answers: [Answer] = []
        while true {
            switch gate.next(answers) {
            case .done(let outcome, let trail):
                return Judgement(exchanges: exchanges, outcome: outcome, trail: trail)
            case .ask(let questions):
                answers = questions.map(world)
                exchanges += zip(questions, answers).map { Exchange(question: $0, answer: $1) }
            }
        }
    }
}

extension House {
    static let clean = "Subject: hello\r\nFrom: alice@sender.example\r\n\r\nGood morning.\r\n"

    /// For texts of the tests' own.
    static func address(_ text: String) -> IPAddress {
        guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
        return address
    }

    /// The fates that a gateway is there for, each with its case.
    static func fates(_ ruleset: Ruleset) -> [String: CaseRecord] {
        var clean = Recorder(ruleset)
        clean.id = "A1-1.1"
        var infected = Recorder(ruleset)
        infected.id = "A1-2.1"
        infected.text = "Subject: invoice\r\n\r\nEICAR\r\n"
        var listed = Recorder(ruleset)
        listed.id = "A1-3.0"
        listed.client = "192.0.2.9"
        var relaying = Recorder(ruleset)
        relaying.id = "A1-4.1"
        relaying.recipients = ["postmaster@elsewhere.example"]
        var sidelined = Recorder(ruleset)
        sidelined.id = "A1-5.1"
        sidelined.text = "Subject: lottery\r\n\r\nYou won.\r\n"
        var watched = Recorder(ruleset)
        watched.id = "A1-6.1"
        watched.sender = "watched@sender.example"
        return [
            "clean": clean.record(), "infected": infected.record(), "listed": listed.record(),
            "relaying": relaying.record(), "sidelined": sidelined.record(), "watched": watched.record(),
        ]
    }
}
