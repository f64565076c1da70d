// SPDX-License-Identifier: MIT

/// How much the queue may hold, and how long it tries.
package struct QueueSettings: Codable, Hashable, Sendable {
    /// Whether mail that should be held is deferred or rejected when `heldOctetsMax` is reached. Nothing is
    /// deleted.
    package enum HeldFull: String, Codable, Hashable, Sendable, CaseIterable { case `defer`, reject }

    /// Octets of mail in flight.
    package var spoolOctetsMax: Int
    /// Octets of mail still owed after its first attempts.
    package var owedOctetsMax: Int
    /// Octets of mail that waits for a person.
    package var heldOctetsMax: Int
    /// Octets that must stay free on the disk: below it MAIL FROM hears 452.
    package var reserveOctets: Int
    package var heldFull: HeldFull
    /// Seconds before each next attempt; the last is repeated. Never empty.
    package var retrySeconds: [Int]
    /// Seconds after which undelivered mail is held for the postmaster.
    package var expirySeconds: Int
    /// The folder below which copies are kept that `MESSAGE-SAVE-COPY` asks for, absolute; nil is `copies` in
    /// the state folder.
    package var copiesFolder: String?

    package init(
        spoolOctetsMax: Int, owedOctetsMax: Int, heldOctetsMax: Int, reserveOctets: Int, heldFull: HeldFull,
        retrySeconds: [Int], expirySeconds: Int
    ) {
        self.spoolOctetsMax = spoolOctetsMax
        self.owedOctetsMax = owedOctetsMax
        self.heldOctetsMax = heldOctetsMax
        self.reserveOctets = reserveOctets
        self.heldFull = heldFull
        self.retrySeconds = retrySeconds
        self.expirySeconds = expirySeconds
    }
}
