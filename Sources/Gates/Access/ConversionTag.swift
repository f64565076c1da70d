// SPDX-License-Identifier: MIT

/// A word that rules mark a message with, for later rules to see in their probes (`$G`).
enum ConversionTag {
    /// Octets of one tag.
    static let octetsMax = 64

    /// Printable ASCII without blank, comma, bar or quote: what stands between tags in a probe can't stand in
    /// one.
    static func isTag(_ text: String) -> Bool {
        (1...octetsMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { octet in
                (0x21...0x7E).contains(octet) && octet != UInt8(ascii: ",") && octet != UInt8(ascii: "|")
                    && octet != UInt8(ascii: "\"")
            }
    }
}
