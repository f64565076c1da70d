// SPDX-License-Identifier: MIT

internal import Cryptography
internal import DurableQueue
internal import Gates
internal import Mail
internal import NIOCore

/// One message between the end of its content and its reply.
final class Attempt {
    let transaction: Transaction
    let body: MessageBytes
    /// SHA-256 of the received bytes.
    let digest: [UInt8]
    let key: AttemptTable.Key
    /// What it has of the worker's memory for content.
    let memoryOctets: Int
    /// When its content was whole: wall clock, milliseconds since 1970.
    let arrivedMs: Int64
    /// The same by a clock that never jumps, for durations.
    let started: NIODeadline
    /// Its place in the attempt table; nil where the message isn't looked into.
    var ticket: Int?
    /// Why it isn't looked into.
    var poison: String?
    /// The attempt table remembers something against it.
    var isSuspected = false

    init(
        transaction: Transaction, body: MessageBytes, digest: [UInt8], memoryOctets: Int, arrivedMs: Int64,
        started: NIODeadline
    ) {
        self.transaction = transaction
        self.body = body
        self.digest = digest
        self.memoryOctets = memoryOctets
        self.arrivedMs = arrivedMs
        self.started = started
        key = Self.key(transaction, digest: digest)
    }

    /// What a client that comes again sends again: sender, recipients and body.
    static func key(_ transaction: Transaction, digest: [UInt8]) -> AttemptTable.Key {
        var bytes = digest
        bytes.reserveCapacity(512)
        if let sender = transaction.sender.sender { append(sender, to: &bytes) }
        for recipient in transaction.admitted { append(recipient.original, to: &bytes) }
        return AttemptTable.Key(digest: Digest.sha256(bytes))
    }

    /// Each with octets around it that no address holds, so that two lists never read the same.
    private static func append(_ address: Address, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: address.localPart.utf8)
        bytes.append(1)
        bytes.append(contentsOf: address.domain.utf8)
        bytes.append(0)
    }

    /// What the queue gets. Nil where the trail can't be written down, which would make a held message
    /// unexplainable.
    func commit(_ judgement: Judgement<Settlement>) -> Commit? {
        // The encoder refuses only what no trail holds.
        guard let note = try? FactsEncoder().encode(judgement.trail) else { return nil }
        let settlement = judgement.outcome
        return Commit(
            caseID: transaction.id,
            envelope: Envelope(
                sender: transaction.sender.sender, recipients: [], isEightBit: transaction.sender.isEightBit),
            arrived: arrivedMs / 1_000, note: note, editions: settlement.editions,
            entries: settlement.entries.map {
                CommitEntry(
                    recipients: $0.recipients, debt: $0.debt, edition: $0.edition, sender: $0.sender,
                    options: $0.options)
            }, body: body, effects: settlement.effects)
    }

    func record(_ facts: ContentFacts, _ judgement: Judgement<Settlement>, level: CaseLevel) -> ContentRecord
    {
        ContentRecord(
            facts: facts, octets: body.count, sha256: Digest.hexadecimal(digest),
            headerBytes: level == .headers ? Base64Text(body.bytes(in: 0..<headerEnd)) : nil,
            bytes: level == .full ? Base64Text(body.bytes(in: 0..<body.count)) : nil, judgement: judgement)
    }

    /// Octets of header that a case keeps, at most.
    private static let headerOctetsMax = 65_536

    /// Where the first empty line ends, within the limit. Content has no line feed but after a carriage
    /// return.
    private var headerEnd: Int {
        body.withBytes { bytes in
            let end = min(bytes.count, Self.headerOctetsMax)
            var start = 0
            for index in 0..<end where bytes[index] == 0x0A {
                if index - start <= 1 { return index + 1 }
                start = index + 1
            }
            return end
        }
    }
}

/// A settlement's end in one word.
enum Fate {
    static func of(_ settlement: Settlement) -> CaseRecord.Fate {
        if settlement.reply.isTransient { return .defer }
        if settlement.reply.isPermanent { return .reject }
        var isHeld = false
        for entry in settlement.entries {
            switch entry.debt {
            case .deliver: return .accept
            case .hold: isHeld = true
            }
        }
        return isHeld ? .hold : .discard
    }

    static func word(_ verdict: Verdict) -> String {
        switch verdict {
        case .relay: "relay"
        case .hold: "hold"
        case .reject: "reject"
        case .discard: "discard"
        case .retryLater: "retry later"
        }
    }
}
