// SPDX-License-Identifier: MIT

package import Mail

/// What RCPT TO said, and where in the transaction it stands. Recorded in the case: what has a default here
/// stands in a record only where it differs.
package struct RecipientFacts: Hashable, Sendable {
    /// `NOTIFY=` (RFC 3461 §4.1), but for `NEVER`, which is none of them.
    package enum Notice: String, Codable, Hashable, Sendable, CaseIterable {
        case success, failure, delay

        package var notify: DeliveryOptions.Notify {
            switch self {
            case .success: .success
            case .failure: .failure
            case .delay: .delay
            }
        }
    }

    package var recipient: Address
    /// `ORCPT=` (RFC 3461 §4.2), decoded: `rfc822;bob@example.net`. Nil where it wasn't given.
    package var originalRecipient: String?
    /// What `NOTIFY=` asked for, in the order of `Notice`; empty where it wasn't given, and for `NEVER`.
    package var notices: [Notice] = []
    /// `NOTIFY=NEVER`.
    package var wantsNoNotices = false
    /// RCPT TO commands of this transaction, this one included and whatever became of them.
    package var commandCount = 1
    /// Recipients that were admitted before this one.
    package var admittedCount = 0

    package init(
        _ recipient: Address, originalRecipient: String? = nil, notices: [Notice] = [], commandCount: Int = 1,
        admittedCount: Int = 0
    ) {
        self.recipient = recipient
        self.originalRecipient = originalRecipient
        self.notices = notices
        self.commandCount = commandCount
        self.admittedCount = admittedCount
    }
}

extension RecipientFacts: Codable {
    private enum Key: String, CodingKey {
        case recipient, originalRecipient, notices, wantsNoNotices, commandCount, admittedCount
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        recipient = try container.decode(Address.self, forKey: .recipient)
        originalRecipient = try container.decodeIfPresent(String.self, forKey: .originalRecipient)
        notices = try container.decodeIfPresent([Notice].self, forKey: .notices) ?? []
        wantsNoNotices = try container.decodeIfPresent(Bool.self, forKey: .wantsNoNotices) ?? false
        commandCount = try container.decodeIfPresent(Int.self, forKey: .commandCount) ?? 1
        admittedCount = try container.decodeIfPresent(Int.self, forKey: .admittedCount) ?? 0
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(recipient, forKey: .recipient)
        try container.encodeIfPresent(originalRecipient, forKey: .originalRecipient)
        if !notices.isEmpty { try container.encode(notices, forKey: .notices) }
        if wantsNoNotices { try container.encode(true, forKey: .wantsNoNotices) }
        if commandCount != 1 { try container.encode(commandCount, forKey: .commandCount) }
        if admittedCount != 0 { try container.encode(admittedCount, forKey: .admittedCount) }
    }
}
