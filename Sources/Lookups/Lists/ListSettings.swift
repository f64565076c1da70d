// SPDX-License-Identifier: MIT

/// A DNS list that is tested: `[dns_list.NAME]`.
package struct ListSettings: Hashable, Sendable {
    /// What the list holds.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Addresses: `127.0.0.2` must be listed, `127.0.0.1` must not (RFC 5782 §5).
        case address
        /// Domains: `TEST` must be listed, `INVALID` must not (the same section).
        case domain
    }

    package var name: String
    /// Lower case, without a trailing dot.
    package var zone: String
    package var kind: Kind

    package init(name: String, zone: String, kind: Kind) {
        self.name = name
        self.zone = zone
        self.kind = kind
    }
}
