// SPDX-License-Identifier: MIT

internal import Mail

/// Reads an address that a rule made, as strictly as one that a client sent: rules put addresses together
/// from parts of others, and what comes out goes into `MAIL FROM:<...>` and into headers.
enum EnvelopeAddress {
    /// What `text` stands for.
    enum Reading: Equatable, Sendable {
        /// `<>`, or nothing.
        case null
        case mailbox(Address)
        case malformed
    }

    /// With or without the angle brackets (RFC 5321 §4.1.2).
    static func read(_ text: String) -> Reading {
        var text = PlainText.trimmed(text)
        if text.utf8.first == UInt8(ascii: "<"), text.utf8.last == UInt8(ascii: ">") {
            text = String(text.dropFirst().dropLast())
        }
        if text.isEmpty { return .null }
        guard let address = Address(text), !address.domain.isEmpty, isLocalPart(address.localPart),
            isDomain(address.domain)
        else { return .malformed }
        return .mailbox(address)
    }

    /// A dot-string, or a quoted string whose quotes close.
    private static func isLocalPart(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        guard octets.first != UInt8(ascii: "\"") else { return isQuoted(octets.dropFirst()) }
        let special = Array("\"(),:;<>@[\\] ".utf8)
        let atoms = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return atoms.allSatisfy { atom in !atom.isEmpty && atom.allSatisfy { !special.contains($0) } }
    }

    /// From behind the first quote on.
    private static func isQuoted(_ octets: ArraySlice<UInt8>) -> Bool {
        var rest = octets
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "\""): return rest.isEmpty
            case UInt8(ascii: "\\"): guard rest.popFirst() != nil else { return false }
            default: continue
            }
        }
        return false
    }

    private static func isDomain(_ text: String) -> Bool {
        guard text.utf8.first == UInt8(ascii: "[") else {
            return DNSQuestion(name: text, type: .a) != nil && text.utf8.last != UInt8(ascii: ".")
        }
        guard text.utf8.last == UInt8(ascii: "]") else { return false }
        let body = String(text.dropFirst().dropLast())
        let isIPv6 = body.lowercased().hasPrefix("ipv6:")
        let bare = isIPv6 ? String(body.dropFirst(5)) : body
        return IPAddress(bare) != nil && isIPv6 == bare.utf8.contains(UInt8(ascii: ":"))
    }
}
