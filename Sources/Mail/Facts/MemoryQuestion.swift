// SPDX-License-Identifier: MIT

/// Is something remembered: an id that `duplicate` saw, a sender that `vacation` answered? What is to be
/// remembered is an `Effect`, carried out once the message is committed.
package struct MemoryQuestion: Codable, Hashable, Sendable {
    package enum Purpose: String, Codable, Hashable, Sendable, CaseIterable {
        case duplicate, vacation, notify
    }

    package var purpose: Purpose
    /// Whose memory: a recipient's address in lower case, or a level's name.
    package var owner: String
    /// A digest or a text of at most 1,024 octets.
    package var key: String

    package init(purpose: Purpose, owner: String, key: String) {
        self.purpose = purpose
        self.owner = owner
        self.key = key
    }
}

/// Something that an evaluation wants done once, when its message is committed, and not at all if it isn't.
/// Keyed by the message's id, so that a repetition changes nothing.
package enum Effect: Codable, Hashable, Sendable {
    /// Remember this for so many seconds from the time of judging.
    case remember(MemoryQuestion, seconds: Int)
}
