// SPDX-License-Identifier: MIT

internal import Mail

/// What is wrong with a script so far. It knows offsets; lines and the file's name are added at the end.
struct MistakeList: Sendable {
    struct Mistake: Sendable {
        var range: Range<Int>
        var severity: Complaint.Severity
        var message: String
        var help: String
    }

    private var mistakes: [Mistake] = []
    private var isFull = false
    private(set) var hasErrors = false
    private let countMax: Int

    init(limits: SieveLimits) {
        countMax = limits.complaintsMax
    }

    mutating func add(
        _ range: Range<Int>, _ message: String, help: String, severity: Complaint.Severity = .error
    ) {
        if severity == .error { hasErrors = true }
        guard mistakes.count < countMax else {
            isFull = true
            return
        }
        mistakes.append(Mistake(range: range, severity: severity, message: message, help: help))
    }

    mutating func warn(_ range: Range<Int>, _ message: String, help: String) {
        add(range, message, help: help, severity: .warning)
    }

    /// In the order of the file.
    func complaints(file: String, map: SourceMap) -> [Complaint] {
        var complaints = mistakes.enumerated()
            .sorted { ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset) }
            .map { _, mistake in
                let place = map.place(of: mistake.range)
                return Complaint(
                    file: file, line: place.line, column: place.column, length: place.length,
                    severity: mistake.severity, message: mistake.message, help: mistake.help)
            }
        if isFull, let last = complaints.last {
            complaints.append(
                Complaint(
                    file: file, line: last.line, column: last.column, length: last.length,
                    message: "there are more than \(countMax) mistakes; the rest are not shown",
                    help: "mend these first"))
        }
        return complaints
    }

    /// `bytes` as a message shows them: in quotes, at most 40 characters, control characters replaced.
    static func quoted(_ bytes: some Sequence<UInt8>) -> String {
        let text = String(decoding: Array(bytes.prefix(200)), as: UTF8.self)
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if shown.count == 40 {
                shown.append(contentsOf: "...".unicodeScalars)
                break
            }
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            shown.append(isControl ? "?" : scalar)
        }
        return "\"\(String(shown))\""
    }

    static func quoted(_ text: String) -> String { quoted(text.utf8) }
}
