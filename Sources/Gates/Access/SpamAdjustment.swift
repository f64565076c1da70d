// SPDX-License-Identifier: MIT

/// The argument of `$,`, which is that of Sieve's `spamadjust`: a number, with or without sign and fraction.
enum SpamAdjustment {
    /// Octets of one: more digits than any score has.
    static let octetsMax = 16

    /// Nil where `text` is none.
    static func read(_ text: String) -> String? {
        let text = PlainText.trimmed(text)
        var rest = Array(text.utf8)[...]
        guard (1...octetsMax).contains(rest.count) else { return nil }
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ part in !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        return text
    }
}
