// SPDX-License-Identifier: MIT
internal import Mail

/// Where a half of an entry begins in its file.
struct TextPlace: Hashable, Sendable {
    /// From 1; nothing was noted where they are 0.
    var line = 0
    /// From 1, in characters.
    var column = 0
    /// It goes on in another line, so that only its beginning has a place.
    var isContinued = false

    init() {}

    init(of range: Range<Int>, in line: SourceLine) {
        let place = line.place(of: range)
        self.line = place.line
        column = place.column
        isContinued = line.joints.contains { range.contains($0) }
    }

    /// A complaint about a stretch of `text`, which begins here; about its beginning where that is all there
    /// is to point at.
    func complaint(
        _ range: Range<Int>, of text: String, in file: String, _ message: String, help: String,
        severity: Complaint.Severity
    ) -> Complaint {
        let octets = Array(text.utf8)
        let stretch = range.clamped(to: octets.indices)
        func characters(_ part: ArraySlice<UInt8>) -> Int { part.count { !$0.isUTF8Continuation } }
        return Complaint(
            file: file, line: max(line, 1),
            column: isContinued ? max(column, 1) : max(column, 1) + characters(octets[..<stretch.lowerBound]),
            length: isContinued ? 1 : max(1, characters(octets[stretch])), severity: severity,
            message: message, help: help)
    }
}
