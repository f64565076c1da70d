// SPDX-License-Identifier: MIT

/// A table that counts attempts, or keeps a value for each key, for all workers.
package struct MeterSettings: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable { case throttle, greylist, simple }

    /// What a key may be.
    package enum KeyKind: String, Codable, Hashable, Sendable, CaseIterable {
        /// Any text, compared octet for octet.
        case string
        case ipv4
        /// IPv4 or IPv6.
        case ip
    }

    /// How the original stored a table. Here both are the same; the key is read so that it can be brought
    /// along.
    package enum Storage: String, Codable, Hashable, Sendable, CaseIterable { case hash, splay }

    package var name: String
    package var kind: Kind
    package var keyKind: KeyKind
    /// Beyond it the least recently used one goes.
    package var entriesMax: Int
    /// Of a throttle: uses within `quotaSeconds` that aren't over.
    package var quota: Int
    package var quotaSeconds: Int
    /// Of a greylist: how long the first attempt is to wait.
    package var blockSeconds: Int
    /// And how long after the first attempt a further one counts as the same.
    package var resubmitSeconds: Int
    /// And for how long one that passed passes again, counted from its last attempt.
    package var inactivitySeconds: Int

    package init(
        name: String, kind: Kind, keyKind: KeyKind, entriesMax: Int, quota: Int, quotaSeconds: Int,
        blockSeconds: Int, resubmitSeconds: Int, inactivitySeconds: Int
    ) {
        self.name = name
        self.kind = kind
        self.keyKind = keyKind
        self.entriesMax = entriesMax
        self.quota = quota
        self.quotaSeconds = quotaSeconds
        self.blockSeconds = blockSeconds
        self.resubmitSeconds = resubmitSeconds
        self.inactivitySeconds = inactivitySeconds
    }
}
