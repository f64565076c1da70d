// SPDX-License-Identifier: MIT

internal import MappingTables

/// What callouts read and write: arguments from templates, texts from strangers.
enum CalloutText {
    /// Octets of a text from outside that go into a reply, at most.
    static let octetsMax = 200

    /// Text from outside as template text: nothing in it is a flag, a field or a separator of arguments.
    static func quoting(_ text: String) -> String {
        let plain = text.utf8.prefix(octetsMax).map { byte in
            byte == UInt8(ascii: "|")
                ? UInt8(ascii: "_") : (0x20...0x7E).contains(byte) ? byte : UInt8(ascii: "?")
        }
        return TemplateText.quoting(String(decoding: plain, as: UTF8.self))
    }

    /// `template` with `%` and `letter` replaced by `text`, quoted.
    static func replacing(_ letter: UInt8, by text: String, in template: String) -> String {
        let quoted = Array(quoting(text).utf8)
        var expanded: [UInt8] = []
        var rest = Array(template.utf8)[...]
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "%"), rest.first == letter {
                rest.removeFirst()
                expanded += quoted
            } else {
                expanded.append(octet)
            }
        }
        return String(decoding: expanded, as: UTF8.self)
    }

    /// `most` fields at most; the last holds whatever separators are left.
    static func split(_ text: String, at separator: UInt8, most: Int) -> [String] {
        text.utf8.split(separator: separator, maxSplits: most - 1, omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
    }
}
