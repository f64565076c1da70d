// SPDX-License-Identifier: MIT

/// Makes the ids of sessions: unique over all workers and restarts, short enough to be read out over a
/// telephone.
///
/// `START` `SLOT` `-` `COUNT` in Crockford's base 32: when the worker started, in milliseconds since 2020,
/// then its slot and how many sessions it has had. A case is `session.transaction`.
package struct CaseNumber: Sendable {
    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let millisecondsOf2020: Int64 = 1_577_836_800_000

    private let prefix: String
    private var count: UInt64 = 0

    package init(startMs: Int64, slot: String) {
        prefix = Self.text(UInt64(clamping: startMs - Self.millisecondsOf2020)) + slot.uppercased() + "-"
    }

    package mutating func next() -> String {
        count += 1
        return prefix + Self.text(count)
    }

    private static func text(_ number: UInt64) -> String {
        var rest = number
        var text: [UInt8] = []
        repeat {
            text.append(digits[Int(rest & 31)])
            rest >>= 5
        } while rest > 0
        return String(decoding: text.reversed(), as: UTF8.self)
    }
}
