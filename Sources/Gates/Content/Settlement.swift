// SPDX-License-Identifier: MIT

package import Mail

/// The one reply to a message, and what follows from it.
package struct Settlement: Codable, Hashable, Sendable {
    package struct Entry: Codable, Hashable, Sendable {
        package var recipients: [Address]
        package var debt: Debt
        /// Index into `editions`.
        package var edition: Int
    }

    /// Without the case's id, which whoever sends it appends.
    package var reply: Reply
    package var editions: [Edition]
    /// What the queue owes once the reply is a 250; empty when nothing is.
    package var entries: [Entry]
    package var verdicts: [Judged]

    package struct Judged: Codable, Hashable, Sendable {
        package var recipient: ContentFacts.Recipient
        package var verdict: Verdict
        /// Recipients that a script added.
        package var redirects: [Redirect]
        /// The script wants the message itself too, beside what it redirected.
        package var keepsCopy: Bool
        /// Where the rule stands that led to the verdict, as in `Trail.Entry.rule`; nil where no rule did.
        package var rule: String?
    }

    package struct Redirect: Codable, Hashable, Sendable {
        package var address: Address
        package var channel: String
    }

    /// Folds many verdicts into one reply. Each recipient was judged alone, yet the final reply speaks for
    /// all of them (RFC 5321 §4.1.1.4). The rules, strongest first:
    ///
    /// 1. One `retryLater` defers the whole message. Nothing is queued, so the client's next try reaches
    ///    nobody twice.
    /// 2. If everyone rejects, the first rejection is the reply, and nothing is queued.
    /// 3. If some reject, the message is accepted, and for those that reject `mixed` decides: held, or
    ///    discarded. No report goes out (a report to a forged sender is worse than none).
    ///
    /// Nobody to judge for is an error of whoever asks, and never answered 250.
    package static func fold(_ verdicts: [Judged], edition: Edition, mixed: Policy.MixedReject) -> Settlement
    {
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
        for judged in verdicts {
            let recipient = judged.recipient
            switch judged.verdict {
            case .relay:
                if judged.redirects.isEmpty || judged.keepsCopy {
                    debts.add(recipient.address, .deliver(channel: recipient.channel))
                }
                for redirect in judged.redirects {
                    debts.add(redirect.address, .deliver(channel: redirect.channel))
                }
            case .hold(let reason):
                debts.add(recipient.address, .hold(channel: recipient.channel, reason: reason))
            case .reject(let reply):
                guard mixed == .hold else { continue }
                debts.add(
                    recipient.address,
                    .hold(channel: recipient.channel, reason: "rejected while others accept: \(reply.text)"))
            case .discard, .retryLater:
                continue
            }
        }
        return Settlement(
            reply: Reply(250, "2.0.0", "Message accepted"), editions: debts.entries.isEmpty ? [] : [edition],
            entries: debts.entries, verdicts: verdicts)
    }

    /// Entries in the order in which their first recipient came, each address once per debt.
    private struct DebtList {
        var entries: [Entry] = []

        mutating func add(_ address: Address, _ debt: Debt) {
            guard let index = entries.firstIndex(where: { $0.debt == debt }) else {
                entries.append(Entry(recipients: [address], debt: debt, edition: 0))
                return
            }
            if !entries[index].recipients.contains(address) { entries[index].recipients.append(address) }
        }
    }
}
