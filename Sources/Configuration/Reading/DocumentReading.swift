// SPDX-License-Identifier: MIT

internal import Mail

/// A value with its place, for complaints that only a later look can make (a channel that doesn't exist).
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var place: TOMLRegion
}

/// One document being read: collects what is wrong with it, and which keys were looked for.
///
/// A class, because the readers of all tables add to the same list. It lives on one thread, for one reading.
final class DocumentReading {
    let file: String
    let document: TOMLDocument
    private(set) var complaints: [Complaint] = []
    /// Every key that was looked for, `limits.message_size`, names that the operator chooses as `NAME`.
    private(set) var keysAsked: Set<String> = []
    private let lineLengths: [Int]

    init(file: String, document: TOMLDocument, source: [UInt8]) {
        self.file = file
        self.document = document
        lineLengths = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            line in
            line.reduce(0) { $0 + ($1 & 0xC0 == 0x80 || $1 == 0x0D ? 0 : 1) }
        }
    }

    func noteAsked(_ key: String) { keysAsked.insert(key) }

    func complain(
        at place: TOMLRegion, _ message: String, help: String, severity: Complaint.Severity = .error
    ) {
        complaints.append(
            Complaint(
                file: file, line: max(1, place.line), column: max(1, place.column), length: length(of: place),
                severity: severity, message: message, help: help))
    }

    /// A place of several lines is shown to the end of its first.
    private func length(of place: TOMLRegion) -> Int {
        if place.endLine == place.line { return max(1, place.endColumn - place.column) }
        guard lineLengths.indices.contains(place.line - 1) else { return 1 }
        return max(1, lineLengths[place.line - 1] - place.column + 1)
    }
}
