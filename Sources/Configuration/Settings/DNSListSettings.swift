// SPDX-License-Identifier: MIT

/// A DNS list as whoever asks it knows it: what its answers mean is the policy's (`DNSListsPolicy`).
package struct DNSListSettings: Codable, Hashable, Sendable {
    /// As in `[dns_list.NAME]`.
    package var name: String
    /// Lower case, no trailing dot.
    package var zone: String
    /// Names are looked up in it instead of addresses, so that its test entries are names too (RFC 5782 §5).
    package var isByName: Bool
    /// Its test entries are asked for each minute, and while they are wrong the list isn't believed.
    package var isSelfTested: Bool

    package init(name: String, zone: String, isByName: Bool, isSelfTested: Bool) {
        self.name = name
        self.zone = zone
        self.isByName = isByName
        self.isSelfTested = isSelfTested
    }
}
