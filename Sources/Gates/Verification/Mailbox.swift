// SPDX-License-Identifier: MIT

internal import Mail
internal import MappingTables

/// A recipient as those who know recipients write it: without the quotes that its local part may have come
/// in, lower case.
package struct Mailbox: Hashable, Sendable {
    let localPart: String
    let domain: String

    var address: String { "\(localPart)@\(domain)" }

    /// The forms under which `recipient` may be known: as it is, and without its detail.
    static func candidates(_ recipient: Address, separator: String?) -> [Mailbox] {
        let local = unquoted(recipient.localPart).lowercased()
        let whole = Mailbox(localPart: local, domain: recipient.foldedDomain)
        guard let base = base(of: local, separator) else { return [whole] }
        return [whole, Mailbox(localPart: base, domain: recipient.foldedDomain)]
    }

    /// The same as envelopes write them: case and quotes as they came.
    static func envelopeCandidates(_ recipient: Address, separator: String?) -> [Address] {
        guard let base = base(of: recipient.localPart, separator),
            recipient.localPart.utf8.first != UInt8(ascii: "\"")
        else { return [recipient] }
        return [recipient, Address(localPart: base, domain: recipient.domain)]
    }

    /// What stands before the first separator; nil where there is none, or nothing before it.
    private static func base(of local: String, _ separator: String?) -> String? {
        guard let mark = separator?.utf8.first, let end = local.utf8.firstIndex(of: mark),
            end > local.startIndex
        else { return nil }
        return String(local[..<end])
    }

    /// `"john doe"` as `john doe` (RFC 5321 §4.1.2).
    private static func unquoted(_ local: String) -> String {
        let octets = Array(local.utf8)
        guard octets.count >= 2, octets.first == UInt8(ascii: "\""), octets.last == UInt8(ascii: "\"") else {
            return local
        }
        var plain: [UInt8] = []
        var isQuoted = false
        for octet in octets.dropFirst().dropLast() {
            if octet == UInt8(ascii: "\\"), !isQuoted {
                isQuoted = true
            } else {
                plain.append(octet)
                isQuoted = false
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// `template` with `%a` address, `%u` local part, `%d` domain, each quoted, and `%%` a percent sign.
    func filter(_ template: String) -> String {
        var filter = ""
        var rest = template.utf8[...]
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            filter += String(Substring(rest[..<percent]))
            rest = rest[rest.index(after: percent)...]
            switch rest.popFirst() {
            case UInt8(ascii: "a")?: filter += DirectoryText.filterValue(address)
            case UInt8(ascii: "u")?: filter += DirectoryText.filterValue(localPart)
            case UInt8(ascii: "d")?: filter += DirectoryText.filterValue(domain)
            case UInt8(ascii: "%")?: filter += "%"
            default: break  // `check` refuses any other.
            }
        }
        return filter + String(Substring(rest))
    }

    /// Why `template` is no filter with places for a recipient; nil where it is one.
    package static func mistake(inFilter template: String) -> String? {
        let octets = Array(template.utf8)
        guard octets.first == UInt8(ascii: "("), octets.last == UInt8(ascii: ")") else {
            return "it must begin with \"(\" and end with \")\" (RFC 4515 §3)"
        }
        var depth = 0
        var isNamed = false
        var index = 0
        while index < octets.count {
            switch octets[index] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth < 0 || depth == 0 && index < octets.count - 1 {
                    return "its parentheses don't match"
                }
            case UInt8(ascii: "%"):
                index += 1
                switch index < octets.count ? octets[index] : 0 {
                case UInt8(ascii: "a"), UInt8(ascii: "u"): isNamed = true
                case UInt8(ascii: "d"), UInt8(ascii: "%"): break
                default: return "after \"%\" stands one of a (address), u (local part), d (domain), %"
                }
            case 0..<0x20, 0x7F: return "it holds a control character"
            default: break
            }
            index += 1
        }
        if depth != 0 { return "its parentheses don't match" }
        return isNamed ? nil : "it names neither %a nor %u, so that every recipient would be found"
    }
}
