// SPDX-License-Identifier: MIT

internal import Mail

/// One header field that a rule wants added: `Name: body`. A rule may have put into it what a stranger sent,
/// so it can be one field and no more, whatever it holds.
enum HeaderLine {
    /// Octets of a field's name: all that are in use are shorter.
    static let nameOctetsMax = 76
    /// Octets of a field's body. Even where it can't be folded its line stays below the 998 octets of RFC
    /// 5322 §2.1.1.
    static let bodyOctetsMax = 900
    /// Columns after which a line is folded (RFC 5322 §2.1.1).
    private static let columnsMax = 78

    /// `Name: body` in printable ASCII, for a record. Nil where what stands before the colon is no field name
    /// (RFC 5322 §2.2), or where there is no colon.
    static func read(_ text: String) -> String? {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let name = PlainText.trimmed(text[..<colon])
        guard (1...nameOctetsMax).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
        else { return nil }
        let body = PlainText.line(text[text.utf8.index(after: colon)...], octetsMax: bodyOctetsMax)
        return "\(name): \(PlainText.trimmed(body))"
    }

    /// `text` as it goes into a message, folded at its blanks (RFC 5322 §2.2.3), with its line end. Empty
    /// where it isn't what `read` gives: a record that is judged again is not trusted to hold only that.
    static func octets(_ text: String) -> [UInt8] {
        guard let text = read(text) else { return [] }
        var folded: [UInt8] = []
        var column = 0
        for word in text.utf8.split(separator: 0x20, omittingEmptySubsequences: false) {
            if folded.isEmpty {
                folded += word
                column = word.count
                continue
            }
            // A line must hold more than blanks, and the name's own line something of the body.
            if column + 1 + word.count > columnsMax, !word.isEmpty, folded.last != 0x20,
                folded.last != UInt8(ascii: ":")
            {
                folded += [0x0D, 0x0A]
                column = 0
            }
            folded.append(0x20)
            folded += word
            column += 1 + word.count
        }
        return folded + [0x0D, 0x0A]
    }
}
