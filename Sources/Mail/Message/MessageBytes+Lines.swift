// SPDX-License-Identifier: MIT

extension MessageBytes {
    /// Whether a line in `range` begins with `octets`, which hold no line end. A line begins behind an LF and
    /// where the range does. Linear in the range, and nothing is copied.
    package func hasLine(beginning octets: [UInt8], in range: Range<Int>) -> Bool {
        withBytes { bytes in
            let end = min(range.upperBound, bytes.count)
            var start = max(range.lowerBound, 0)
            while start < end {
                if start + octets.count <= end, LineReader.matches(octets, in: bytes, at: start) {
                    return true
                }
                guard let lf = LineReader.firstIndex(of: ASCII.lf, in: bytes, from: start, upTo: end) else {
                    return false
                }
                start = lf + 1
            }
            return false
        }
    }
}
