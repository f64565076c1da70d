// SPDX-License-Identifier: MIT

/// Where the wildcard fields of a match stand in the target, `$0` first. A trivial value: nothing is
/// allocated for it, and no reference counted.
struct MatchedFields: Sendable {
    /// Start and end of each, in the upper and the lower half.
    private var ranges = InlineArray<10, UInt64>(repeating: 0)
    private(set) var count = 0

    init() {}

    /// So many empty ones, at most `Pattern.fieldsMax`.
    init(count: Int) { self.count = min(count, Pattern.fieldsMax) }

    subscript(field: Int) -> Range<Int> {
        get {
            precondition(field < count, "fields are numbered below their count")
            return Int(ranges[field] >> 32)..<Int(ranges[field] & 0xFFFF_FFFF)
        }
        set {
            precondition(field < count, "fields are numbered below their count")
            ranges[field] = UInt64(newValue.lowerBound) << 32 | UInt64(newValue.upperBound)
        }
    }

    /// What stands there in `octets`.
    func texts(of octets: [UInt8]) -> [String] {
        (0..<count).map { String(decoding: octets[self[$0]], as: UTF8.self) }
    }
}
