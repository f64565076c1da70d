// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// The lines of one answer as they go over the socket.
struct AnswerLines {
    private(set) var bytes: [UInt8] = []
    private var count = 0
    private let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    mutating func append(_ line: some Encodable) {
        write(line)
        count += 1
    }

    /// All lines, with the last one.
    mutating func finished(isTruncated: Bool = false) -> [UInt8] {
        write(AnswerEnd(done: true, count: count, isTruncated: isTruncated ? true : nil))
        return bytes
    }

    static func error(_ text: String) -> [UInt8] {
        var lines = AnswerLines()
        lines.write(AnswerEnd(error: text))
        return lines.bytes
    }

    private mutating func write(_ line: some Encodable) {
        // Answers are strings, numbers and lists of them; a trail's numbers came from JSON.
        guard let encoded = try? encoder.encode(line) else { return }
        bytes += encoded
        bytes.append(UInt8(ascii: "\n"))
    }
}
