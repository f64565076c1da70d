// SPDX-License-Identifier: MIT

internal import Mail

/// RFC 5228 §4.2, RFC 3894: `redirect [:copy] <address: string>`
struct RedirectCommand: SieveCommand {
    static let usage = Usage(
        name: "redirect", tags: [.copy], positional: [.init(name: "address", kind: .string)])

    let address: Address
    let isCopy: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0) else { return nil }
        guard let address = Self.address(text.octets) else {
            compiler.mistakes.add(
                text.range, "\(MistakeList.quoted(text.octets)) is not an address that mail can be sent to",
                help: "write one address such as \"name@example.org\", in ASCII; a group or a list is none")
            return nil
        }
        self.address = address
        isCopy = arguments.has("copy")
    }

    /// RFC 5228 §2.4.2.3: `addr-spec` or `phrase "<" addr-spec ">"`, without routes and groups; and what an
    /// SMTP envelope can carry.
    static func address(_ text: [UInt8]) -> Address? {
        let list = AddressList.parse(text)
        guard list.defects.isEmpty, list.addresses.count == 1, let found = list.addresses.first,
            found.group == nil,
            isDomain(found.domain), !hasRouteOrEmptyElement(text)
        else { return nil }
        return Address("\(quotedIfNeeded(found.localPart))@\(found.domain)")
    }

    /// What the reader of header fields forgives, and an address of a script mustn't have.
    private static func hasRouteOrEmptyElement(_ text: [UInt8]) -> Bool {
        let visible = text.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D && $0 != 0x0A }
        let route = zip(visible, visible.dropFirst()).contains {
            $0 == UInt8(ascii: "<") && $1 == UInt8(ascii: "@")
        }
        return route || visible.first == UInt8(ascii: ",") || visible.last == UInt8(ascii: ",")
    }

    /// A dot-atom as it is, anything else as a quoted string (RFC 5321 §4.1.2).
    private static func quotedIfNeeded(_ local: String) -> String {
        let isAtom = local.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy {
                !$0.isEmpty && $0.allSatisfy(isAtomText)
            }
        guard !isAtom else { return local }
        var quoted = "\""
        for scalar in local.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// RFC 5322 §3.2.3.
    private static func isAtomText(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-/=?^_`{|}~".utf8.contains(octet)
        }
    }

    /// A domain name of at most 253 octets (RFC 5321 §2.3.5), or an address literal.
    private static func isDomain(_ domain: String) -> Bool {
        if domain.utf8.first == UInt8(ascii: "[") {
            let literal = domain.dropFirst().dropLast()
            let isIPv6 = literal.lowercased().hasPrefix("ipv6:")
            return domain.utf8.last == UInt8(ascii: "]")
                && IPAddress(String(isIPv6 ? literal.dropFirst(5) : literal)) != nil
        }
        guard domain.utf8.count <= 253 else { return false }
        return domain.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                && label.last != UInt8(ascii: "-")
                && label.allSatisfy {
                    isAtomText($0) && ($0 == UInt8(ascii: "-") || Lexer.continuesIdentifier($0))
                }
        }
    }
}
