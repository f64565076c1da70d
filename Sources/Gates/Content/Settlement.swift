// SPDX-License-Identifier: MIT

package import Mail

/// The one reply to a message, and what follows from it.
package struct Settlement: Codable, Hashable, Sendable {
    package struct Entry: Codable, Hashable, Sendable {
        package var recipients: [Address]
        package var debt: Debt
        /// Index into `editions`.
        package var edition: Int
        /// The sender of these copies; nil is the one that the client named.
        package var sender: EnvelopeSender?
        /// What is wished of their delivery; nil: nothing in particular.
        package var options: DeliveryOptions?

        package init(
            recipients: [Address], debt: Debt, edition: Int, sender: EnvelopeSender? = nil,
            options: DeliveryOptions? = nil
        ) {
            self.recipients = recipients
            self.debt = debt
            self.edition = edition
            self.sender = sender
            self.options = options
        }
    }

    /// Without the case's id, which whoever sends it appends.
    package var reply: Reply
    package var editions: [Edition]
    /// What the queue owes once the reply is a 250; empty when nothing is.
    package var entries: [Entry]
    package var verdicts: [Judged]
    /// What is to be remembered once the message is committed.
    package var effects: [Effect]
    /// Scripts that failed or couldn't be run, each with whom for and why: for the log. Nil where none did.
    package var scriptFailures: [String]?

    package init(
        reply: Reply, editions: [Edition], entries: [Entry], verdicts: [Judged], effects: [Effect] = []
    ) {
        self.reply = reply
        self.editions = editions
        self.entries = entries
        self.verdicts = verdicts
        self.effects = effects
    }

    package struct Judged: Hashable, Sendable {
        package var recipient: ContentFacts.Recipient
        package var verdict: Verdict
        /// The recipient gets the message itself, where the verdict is to relay it: nothing else has it
        /// instead.
        package var keepsCopy: Bool
        /// What scripts want sent or held instead of the recipient's own copy, or beside it. Only where the
        /// verdict is to relay or to discard.
        package var copies: [Copy]
        /// Where the rule stands that led to the verdict, as in `Trail.Entry.rule`; nil where no rule did.
        package var rule: String?
        /// Index into the settlement's editions: which form of the message it gets.
        package var edition: Int
        /// Copies for others (`$M`, `capture`) and messages of our own (answers, notifications, reports),
        /// whatever becomes of this one, unless it is refused.
        package var besides: [Copy]
        /// The sender of its copy; nil is the one that the client named.
        package var sender: EnvelopeSender?
        /// What is wished of the delivery of its copy, with the recipient's conversion tags as tables and
        /// scripts left them.
        package var options = DeliveryOptions()

        package init(
            recipient: ContentFacts.Recipient, verdict: Verdict, keepsCopy: Bool = true, copies: [Copy] = [],
            rule: String? = nil, edition: Int = 0, besides: [Copy] = [], sender: EnvelopeSender? = nil
        ) {
            self.recipient = recipient
            self.verdict = verdict
            self.keepsCopy = keepsCopy
            self.copies = copies
            self.rule = rule
            self.edition = edition
            self.besides = besides
            self.sender = sender
        }
    }

    /// One more copy, or a message of our own.
    package struct Copy: Codable, Hashable, Sendable {
        package var address: Address
        package var debt: Debt
        /// Index into the settlement's editions.
        package var edition: Int
        /// Nil is the sender of the recipient's own copy.
        package var sender: EnvelopeSender?
        /// What is wished of its delivery; nil: nothing in particular.
        package var options: DeliveryOptions?

        package init(
            address: Address, debt: Debt, edition: Int, sender: EnvelopeSender? = nil,
            options: DeliveryOptions? = nil
        ) {
            self.address = address
            self.debt = debt
            self.edition = edition
            self.sender = sender
            self.options = options
        }
    }

    /// Folds many verdicts into one reply. Each recipient was judged alone, yet the final reply speaks for
    /// all of them (RFC 5321 §4.1.1.4). The rules, strongest first:
    ///
    /// 1. One `retryLater` defers the whole message. Nothing is queued, so the client's next try reaches
    ///    nobody twice.
    /// 2. If everyone rejects, the first rejection is the reply, and nothing is queued.
    /// 3. If some reject, the message is accepted. Where the sender is known to be who he says, `besides` has
    ///    a report to him; else `mixed` decides, held or discarded: a report to a forged sender is worse than
    ///    none.
    ///
    /// Nobody to judge for is an error of whoever asks, and never answered 250.
    package static func fold(_ verdicts: [Judged], edition: Edition, mixed: Policy.MixedReject) -> Settlement
    {
        fold(verdicts, editions: [edition], mixed: mixed)
    }

    /// The same where recipients get different editions: `Judged.edition` says which of `editions`. Those
    /// that nobody gets are left out.
    package static func fold(
        _ verdicts: [Judged], editions: [Edition], mixed: Policy.MixedReject
    ) -> Settlement {
        let deferral = verdicts.lazy.compactMap {
            if case .retryLater(let reply) = $0.verdict { reply } else { nil }
        }
        if let reply = deferral.first {
            return Settlement(reply: reply, editions: [], entries: [], verdicts: verdicts)
        }
        let rejections = verdicts.compactMap {
            if case .reject(let reply) = $0.verdict { reply } else { nil }
        }
        if rejections.count == verdicts.count, let first = rejections.first {
            return Settlement(reply: first, editions: [], entries: [], verdicts: verdicts)
        }
        guard !verdicts.isEmpty else {
            return Settlement(
                reply: Reply(554, "5.5.1", "No valid recipients"), editions: [], entries: [], verdicts: [])
        }
        var debts = DebtList()
        for judged in verdicts { debts.add(judged, mixed: mixed) }
        return debts.settlement(
            Reply(250, "2.0.0", "Message accepted"), editions: editions, verdicts: verdicts)
    }

    /// Entries in the order in which their first recipient came, each address once per debt, edition,
    /// sender and wishes.
    private struct DebtList {
        var entries: [Entry] = []

        mutating func add(_ judged: Judged, mixed: Policy.MixedReject) {
            let recipient = judged.recipient
            switch judged.verdict {
            case .relay:
                if judged.keepsCopy { add(.deliver(channel: recipient.channel), judged) }
                for copy in judged.copies { add(copy, judged) }
            case .hold(let reason):
                add(.hold(channel: recipient.channel, reason: reason), judged)
            case .reject(let reply):
                // Whoever is told of it needn't be asked what becomes of it.
                guard judged.besides.isEmpty, mixed == .hold else { break }
                add(
                    .hold(channel: recipient.channel, reason: "rejected while others accept: \(reply.text)"),
                    judged)
            case .discard:
                for copy in judged.copies { add(copy, judged) }
            case .retryLater: break
            }
            for copy in judged.besides { add(copy, judged) }
        }

        private mutating func add(_ debt: Debt, _ judged: Judged) {
            add(
                Copy(
                    address: judged.recipient.address, debt: debt, edition: judged.edition,
                    sender: judged.sender, options: judged.options), judged)
        }

        private mutating func add(_ copy: Copy, _ judged: Judged) {
            let sender = copy.sender ?? judged.sender
            let options = copy.options.flatMap { $0.isEmpty ? nil : $0 }
            let shared = options?.shared ?? DeliveryOptions()
            let index = entries.firstIndex {
                $0.debt == copy.debt && $0.edition == copy.edition && $0.sender == sender
                    && $0.options?.shared ?? DeliveryOptions() == shared
            }
            guard let index else {
                entries.append(
                    Entry(
                        recipients: [copy.address], debt: copy.debt, edition: copy.edition, sender: sender,
                        options: options))
                return
            }
            if let options {
                var common = entries[index].options ?? DeliveryOptions()
                common.add(originalRecipientsOf: options)
                entries[index].options = common
            }
            if !entries[index].recipients.contains(copy.address) {
                entries[index].recipients.append(copy.address)
            }
        }

        /// Editions that no entry wants take no room in the queue, so the rest move up.
        func settlement(_ reply: Reply, editions: [Edition], verdicts: [Judged]) -> Settlement {
            var places: [Int: Int] = [:]
            var kept: [Edition] = []
            var entries = entries
            for index in entries.indices where editions.indices.contains(entries[index].edition) {
                let edition = entries[index].edition
                if places[edition] == nil {
                    places[edition] = kept.count
                    kept.append(editions[edition])
                }
                entries[index].edition = places[edition] ?? 0
            }
            return Settlement(reply: reply, editions: kept, entries: entries, verdicts: verdicts)
        }
    }
}

extension Settlement.Judged: Codable {
    private enum Key: String, CodingKey {
        case recipient, verdict, keepsCopy, copies, rule, edition, besides, sender, options
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        recipient = try container.decode(ContentFacts.Recipient.self, forKey: .recipient)
        verdict = try container.decode(Verdict.self, forKey: .verdict)
        keepsCopy = try container.decodeIfPresent(Bool.self, forKey: .keepsCopy) ?? true
        copies = try container.decodeIfPresent([Settlement.Copy].self, forKey: .copies) ?? []
        rule = try container.decodeIfPresent(String.self, forKey: .rule)
        edition = try container.decodeIfPresent(Int.self, forKey: .edition) ?? 0
        besides = try container.decodeIfPresent([Settlement.Copy].self, forKey: .besides) ?? []
        sender = try container.decodeIfPresent(EnvelopeSender.self, forKey: .sender)
        options = try container.decodeIfPresent(DeliveryOptions.self, forKey: .options) ?? DeliveryOptions()
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(recipient, forKey: .recipient)
        try container.encode(verdict, forKey: .verdict)
        if !keepsCopy { try container.encode(false, forKey: .keepsCopy) }
        if !copies.isEmpty { try container.encode(copies, forKey: .copies) }
        try container.encodeIfPresent(rule, forKey: .rule)
        if edition != 0 { try container.encode(edition, forKey: .edition) }
        if !besides.isEmpty { try container.encode(besides, forKey: .besides) }
        try container.encodeIfPresent(sender, forKey: .sender)
        if !options.isEmpty { try container.encode(options, forKey: .options) }
    }
}
