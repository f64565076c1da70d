// SPDX-License-Identifier: MIT

/// Whom reports about a message go to, where "nobody" must be told from "not said": some
/// copies of a message go out under another sender than the one that the client named.
package enum EnvelopeSender: Codable, Hashable, Sendable {
    /// The null reverse-path, `<>`.
    case null
    case address(Address)

    package init(_ address: Address?) { self = address.map(Self.address) ?? .null }

    /// Nil is the null reverse-path.
    package var address: Address? {
        if case .address(let address) = self { address } else { nil }
    }
}
