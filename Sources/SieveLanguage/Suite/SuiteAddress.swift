// SPDX-License-Identifier: MIT

internal import Mail

/// Addresses as test files set them: paths (RFC 5321 §4.1.2) with or without their brackets, with a source
/// route, and bare local parts.
enum SuiteAddress {
    /// Nil for the null reverse-path, and for what is no path: nothing matches it.
    static func read(_ octets: [UInt8]) -> Address? {
        var text = Execution.trimmed(octets)[...]
        if text.first == UInt8(ascii: "<") {
            guard text.last == UInt8(ascii: ">"), text.count > 1 else { return nil }
            text = text.dropFirst().dropLast()
        }
        if text.first == UInt8(ascii: "@") {
            guard let colon = text.firstIndex(of: UInt8(ascii: ":")), isRoute(text[..<colon]) else {
                return nil
            }
            text = text[text.index(after: colon)...]
        }
        guard let end = localPartEnd(text), end > text.startIndex else { return nil }
        let local = String(decoding: text[..<end], as: UTF8.self)
        if end == text.endIndex { return Address(localPart: local, domain: "") }
        let domain = text[(end + 1)...]
        guard text[end] == UInt8(ascii: "@"), isDomain(domain) else { return nil }
        return Address("\(local)@\(String(decoding: domain, as: UTF8.self))")
    }

    /// `@one.example,@two.example`
    private static func isRoute(_ text: ArraySlice<UInt8>) -> Bool {
        text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy {
            $0.first == UInt8(ascii: "@") && isDomain($0.dropFirst())
        }
    }

    /// Behind a quoted string, or behind letters and dots in any order; nil for what is neither.
    private static func localPartEnd(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.first == UInt8(ascii: "\"") else {
            return text.firstIndex { !RedirectCommand.isAtomText($0) && $0 != UInt8(ascii: ".") }
                ?? text.endIndex
        }
        var isEscaped = false
        for (index, octet) in zip(text.indices, text).dropFirst() {
            guard octet >= 0x20, octet < 0x7F else { return nil }
            if isEscaped {
                isEscaped = false
            } else if octet == UInt8(ascii: "\\") {
                isEscaped = true
            } else if octet == UInt8(ascii: "\"") {
                return index + 1
            }
        }
        return nil
    }

    /// Labels of letters, digits, hyphens and underscores, or an address literal.
    private static func isDomain(_ text: ArraySlice<UInt8>) -> Bool {
        if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") {
            return text.dropFirst().dropLast().allSatisfy {
                $0 > 0x20 && $0 < 0x7F && !"[]<>@".utf8.contains($0)
            }
        }
        return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0.allSatisfy { Lexer.continuesIdentifier($0) || $0 == UInt8(ascii: "-") }
        }
    }
}
