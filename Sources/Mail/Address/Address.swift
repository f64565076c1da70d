// SPDX-License-Identifier: MIT

/// A mailbox as the envelope names it: `local-part@domain` (RFC 5321 §4.1.2).
///
/// Printable ASCII only: SMTPUTF8 is not offered, so the grammar refuses the rest before an address is made.
/// The
/// local part keeps the quoting it came with and its case; the domain keeps its case but compares without it.
package struct Address: Codable, Sendable, CustomStringConvertible {
    /// As received, quotes included; never empty.
    package let localPart: String
    /// A domain name or an address literal in brackets; empty only for a bare `postmaster`.
    package let domain: String

    /// Octets of a whole address, at most (RFC 5321 §4.5.3.1.3: a path is 256 with its brackets).
    package static let octetsMax = 254

    package init(localPart: String, domain: String) {
        self.localPart = localPart
        self.domain = domain
    }

    /// Splits `text` at its last `@`. Nil where either half is empty (a bare `postmaster` excepted), where
    /// anything but printable ASCII occurs, or beyond `octetsMax`. It doesn't check the grammar: SMTPProtocol
    /// does.
    package init?(_ text: String) {
        // A space may stand in a quoted local part, and nowhere else.
        let least: UInt8 = text.utf8.first == UInt8(ascii: "\"") ? 0x20 : 0x21
        guard text.utf8.count <= Self.octetsMax, text.utf8.allSatisfy({ $0 >= least && $0 < 0x7F }) else {
            return nil
        }
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else {
            guard text.lowercased() == "postmaster" else { return nil }
            self.init(localPart: text, domain: "")
            return
        }
        let local = String(text[..<at])
        let domain = String(text[text.utf8.index(after: at)...])
        guard !local.isEmpty, !domain.isEmpty else { return nil }
        self.init(localPart: local, domain: domain)
    }

    package var description: String { domain.isEmpty ? localPart : "\(localPart)@\(domain)" }

    /// The domain as look-ups and comparisons use it.
    package var foldedDomain: String { domain.lowercased() }

    /// `postmaster`, in any case (RFC 5321 §4.5.1).
    package var isPostmaster: Bool { localPart.lowercased() == "postmaster" }
}

extension Address: Hashable {
    package static func == (one: Address, other: Address) -> Bool {
        one.localPart == other.localPart && one.foldedDomain == other.foldedDomain
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(localPart)
        hasher.combine(foldedDomain)
    }
}
