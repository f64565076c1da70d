// SPDX-License-Identifier: MIT

/// Text that rules hand on, made fit for one line: of a log, of a header, of a reply. Rules put together what
/// they were written with and what strangers sent, and none of that may end a line or begin another.
enum PlainText {
    /// `text` as printable ASCII: a tab becomes a blank, anything else that isn't becomes `?`. At most
    /// `octetsMax` octets.
    static func line(_ text: some StringProtocol, octetsMax: Int) -> String {
        String(
            decoding: text.utf8.prefix(octetsMax).map { octet in
                octet == 0x09 ? 0x20 : (0x20...0x7E).contains(octet) ? octet : UInt8(ascii: "?")
            }, as: UTF8.self)
    }

    /// `text` without blanks at either end.
    static func trimmed(_ text: some StringProtocol) -> String {
        var octets = Array(text.utf8)[...]
        while let first = octets.first, first == 0x20 || first == 0x09 { octets.removeFirst() }
        while let last = octets.last, last == 0x20 || last == 0x09 { octets.removeLast() }
        return String(decoding: octets, as: UTF8.self)
    }

    /// The parts of `text` between commas, blanks around them taken off; at most `most`.
    static func list(_ text: String, most: Int) -> [String] {
        text.utf8.split(separator: UInt8(ascii: ","), maxSplits: most, omittingEmptySubsequences: false)
            .prefix(most).map { trimmed(Substring($0)) }
    }

    /// The text for excerpts in trails: what doesn't belong in a line of ours stays out, and length too.
    static func excerpt(_ text: String) -> String { line(text, octetsMax: 80) }
}
