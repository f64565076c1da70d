// SPDX-License-Identifier: MIT

internal import Mail

/// A reverse-path or forward-path (RFC 5321 §4.1.2), read.
enum Path: Hashable, Sendable {
    /// `<>`
    case null
    /// `<user@example.org>`, or `<postmaster>` alone. A source route was there or not; it is ignored
    /// (appendix C).
    case mailbox(Address)
    /// What is wrong with it, for the peer.
    case malformed(String)

    /// Reads from `<` to `>`. The scanner stands behind the `>` afterwards, unless the path is malformed.
    static func parse(_ scanner: inout LineScanner) -> Path {
        let start = scanner.position
        guard scanner.take(UInt8(ascii: "<")) else { return .malformed("the address must stand in <>") }
        if scanner.take(UInt8(ascii: ">")) { return .null }
        if scanner.next == UInt8(ascii: "@"), let reason = skipRoute(&scanner) { return .malformed(reason) }

        let local: String
        if scanner.next == UInt8(ascii: "\"") {
            guard let quoted = quotedString(&scanner) else {
                return .malformed("the quoted local part has no end")
            }
            local = quoted
        } else {
            guard let dotted = dotString(&scanner) else { return .malformed("the local part is malformed") }
            local = dotted
        }
        if scanner.take(UInt8(ascii: ">")) {
            let address = Address(localPart: local, domain: "")
            return address.isPostmaster ? .mailbox(address) : .malformed("the address has no domain")
        }
        guard scanner.take(UInt8(ascii: "@")) else { return .malformed("the local part is malformed") }
        guard let domain = scanner.next == UInt8(ascii: "[") ? literal(&scanner) : domainName(&scanner) else {
            return .malformed("the domain is malformed")
        }
        guard scanner.take(UInt8(ascii: ">")) else { return .malformed("the domain is malformed") }
        guard scanner.position - start <= SMTPLimits.pathOctetsMax,
            local.utf8.count + 1 + domain.utf8.count <= Address.octetsMax
        else { return .malformed("the address is too long") }
        return .mailbox(Address(localPart: local, domain: domain))
    }

    /// Whether `address` can be written between `<` and `>` and is read back as itself: nothing else may
    /// reach the wire, wherever it came from.
    static func canCarry(_ address: Address) -> Bool {
        let text = "<\(address)>"
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
        var scanner = LineScanner(Array(text.utf8))
        return parse(&scanner) == .mailbox(address) && scanner.isAtEnd
    }

    /// `@one,@two:` (appendix C of RFC 5321: accepted, and ignored). Nil when read, else what is wrong.
    private static func skipRoute(_ scanner: inout LineScanner) -> String? {
        repeat {
            guard scanner.take(UInt8(ascii: "@")), domainName(&scanner) != nil else {
                return "the source route is malformed"
            }
        } while scanner.take(UInt8(ascii: ","))
        return scanner.take(UInt8(ascii: ":")) ? nil : "the source route is malformed"
    }

    private static func dotString(_ scanner: inout LineScanner) -> String? {
        let start = scanner.position
        repeat {
            guard !scanner.take(while: \.isAtomText).isEmpty else { return nil }
        } while scanner.take(Octet.dot)
        return scanner.text(start..<scanner.position)
    }

    /// With its quotes and backslashes: they belong to the address as it was said.
    private static func quotedString(_ scanner: inout LineScanner) -> String? {
        let start = scanner.position
        guard scanner.take(UInt8(ascii: "\"")) else { return nil }
        while let byte = scanner.takeAny() {
            switch byte {
            case UInt8(ascii: "\""): return scanner.text(start..<scanner.position)
            case UInt8(ascii: "\\"): guard scanner.takeAny() != nil else { return nil }
            default: continue
            }
        }
        return nil
    }

    /// Labels of letters, digits, `-` and `_` (which RFC 5321 does not have and the world does), at most 63
    /// octets each, no `-` at either end of one; 255 octets in all (§4.5.3.1.2).
    private static func domainName(_ scanner: inout LineScanner) -> String? {
        let start = scanner.position
        repeat {
            let label = scanner.take {
                $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
            let octets = scanner.slice(label)
            guard (1...63).contains(label.count), octets.first != UInt8(ascii: "-"),
                octets.last != UInt8(ascii: "-")
            else { return nil }
        } while scanner.take(Octet.dot)
        guard scanner.position - start <= 255 else { return nil }
        return scanner.text(start..<scanner.position)
    }

    /// `[192.0.2.1]` or `[IPv6:2001:db8::1]` (§4.1.3). No other tag has ever been registered.
    private static func literal(_ scanner: inout LineScanner) -> String? {
        let start = scanner.position
        guard scanner.take(UInt8(ascii: "[")) else { return nil }
        let isIPv6 = scanner.take(word: "IPV6:")
        let body = scanner.take { $0.isLetterOrDigit || $0 == UInt8(ascii: ":") || $0 == Octet.dot }
        let text = scanner.text(body)
        guard scanner.take(UInt8(ascii: "]")), isIPv6 == text.utf8.contains(UInt8(ascii: ":")),
            IPAddress(text) != nil
        else { return nil }
        return scanner.text(start..<scanner.position)
    }
}
