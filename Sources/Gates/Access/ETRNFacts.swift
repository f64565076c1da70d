// SPDX-License-Identifier: MIT

/// What ETRN asked for (RFC 1985 §5).
package struct ETRNFacts: Codable, Hashable, Sendable {
    /// As the client wrote it: a node, `@domain` for all below it, `#queue`.
    package var claimedSystem: String

    package init(claimedSystem: String) { self.claimedSystem = claimedSystem }

    /// The name without its sign, in lower case.
    package var fullName: String {
        let first = claimedSystem.utf8.first
        let isSigned = first == UInt8(ascii: "@") || first == UInt8(ascii: "#")
        return (isSigned ? String(claimedSystem.dropFirst()) : claimedSystem).lowercased()
    }
}
