// SPDX-License-Identifier: MIT

/// One entry of a queued message: what is owed to some of its recipients. As text: `65f0c1a300001-1000.0`.
package struct EntryID: Hashable, Sendable {
    package let message: MessageID
    /// From 0 in the order of the commit; `splitIndexMin` and above for entries that were split off later.
    package let index: Int

    /// The first index of entries that were split off.
    static let splitIndexMin = 1000
    /// Stands in the log for a message's effects, so that they are known to be done. No entry has it.
    static let effectsIndex = 999

    static func effects(of message: MessageID) -> EntryID {
        EntryID(message: message, index: effectsIndex)
    }

    package init(message: MessageID, index: Int) {
        self.message = message
        self.index = index
    }

    /// Nil unless `text` is what `description` gives.
    package init?(_ text: some StringProtocol) {
        guard let dot = text.lastIndex(of: "."), let message = MessageID(text[..<dot]) else { return nil }
        let digits = text[text.index(after: dot)...]
        guard (1...6).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.utf8.count == 1 || digits.utf8.first != 0x30, let index = Int(digits)
        else { return nil }
        self.init(message: message, index: index)
    }
}

extension EntryID: CustomStringConvertible {
    package var description: String { "\(message).\(index)" }
}

extension EntryID: Comparable {
    package static func < (one: EntryID, other: EntryID) -> Bool {
        (one.message, one.index) < (other.message, other.index)
    }
}

extension EntryID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = EntryID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no entry id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
