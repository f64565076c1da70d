// SPDX-License-Identifier: MIT

/// The filters of a listing: `*` stands for any run of octets, `?` for one; letters of either case are alike.
struct Glob: Sendable {
    /// Octets of a pattern, at most; longer ones are refused with the request.
    static let patternOctetsMax = 256

    private let pattern: [UInt8]

    init(_ pattern: String) { self.pattern = pattern.utf8.map(Self.folded) }

    /// Goes back to the last `*` only, so the work is at most the product of both lengths.
    func matches(_ text: String) -> Bool {
        let text = text.utf8.map(Self.folded)
        var at = 0
        var next = 0
        var star: (pattern: Int, text: Int)?
        while next < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, next)
                at += 1
            } else if at < pattern.count, pattern[at] == text[next] || pattern[at] == UInt8(ascii: "?") {
                at += 1
                next += 1
            } else if let (starAt, textAt) = star {
                star = (starAt, textAt + 1)
                at = starAt + 1
                next = textAt + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
