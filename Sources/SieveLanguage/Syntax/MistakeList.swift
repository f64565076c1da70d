// SPDX-License-Identifier: MIT

internal import Mail

/// What is wrong with a script so far. It knows offsets; lines and the file's name are added at the end.
struct MistakeList: Sendable {
    struct Mistake: Sendable {
        var range: Range<Int>
        var severity: Complaint.Severity
        var message: String
        var help: String
        var kind = Kind.other
    }

    enum Kind: Sendable {
        case other
        /// Characters that begin nothing.
        case stray
        /// A mistake of grammar behind which all is clear again.
        case mended
    }

    private var mistakes: [Mistake] = []
    private var isFull = false
    private(set) var hasErrors = false
    private let countMax: Int
    /// Above 0 while what is read needn't be understood.
    private var mutings = 0

    init(limits: SieveLimits) {
        countMax = limits.complaintsMax
    }

    mutating func add(
        _ range: Range<Int>, _ message: String, help: String, severity: Complaint.Severity = .error,
        kind: Kind = .other
    ) {
        guard mutings == 0 else { return }
        if severity == .error { hasErrors = true }
        guard mistakes.count < countMax else {
            isFull = true
            return
        }
        mistakes.append(
            Mistake(range: range, severity: severity, message: message, help: help, kind: kind))
    }

    /// Puts others behind these, as if they had been added here one by one.
    mutating func append(_ others: MistakeList) {
        if others.hasErrors { hasErrors = true }
        if others.isFull || mistakes.count + others.mistakes.count > countMax { isFull = true }
        mistakes += others.mistakes.prefix(max(0, countMax - mistakes.count))
    }

    /// Of a script that was only read so far: whether the test language stops there. If so, what is left are
    /// the mistakes as that language counts them, and test files compare the count: what was mended is not
    /// looked at any more, and stray characters count twice, by themselves and for the command that they
    /// break.
    mutating func endsAtGrammar() -> Bool {
        guard mistakes.contains(where: { $0.severity == .error && $0.kind != .mended }) else { return false }
        mistakes = mistakes.flatMap { mistake -> [Mistake] in
            switch mistake.kind {
            case .other: return [mistake]
            case .mended: return []
            case .stray:
                var second = mistake
                second.message = "the command can't be read on from here"
                return [mistake, second]
            }
        }
        return true
    }

    /// Until `unmute`, mistakes are none: the script never comes there.
    mutating func mute() { mutings += 1 }
    mutating func unmute() { mutings -= 1 }

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
