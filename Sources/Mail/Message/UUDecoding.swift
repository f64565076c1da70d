// SPDX-License-Identifier: MIT

/// uuencode as POSIX describes it: a line `begin MODE NAME`, lines that each begin with their length, and a
/// line `end`. After `begin-base64 MODE NAME` the lines are base64 up to `====`.
package struct UUDecoding: Sendable {
    private enum State {
        case beforeBegin
        case lines
        case base64(Base64Decoding)
        /// A line of no octets was there, `end` must follow.
        case empty
        case ended
    }

    private var state = State.beforeBegin
    package private(set) var defects: [MessageDefect] = []
    /// A line whose end hasn't come yet.
    private var line: [UInt8] = []
    /// The rest of the line in progress is too long to be one of these.
    private var isSkipping = false

    /// Octets of one line. 63 octets, the most that a length can say, take 85; the first line has a file
    /// name in it.
    private static let lineOctetsMax = 1_024

    init() {}

    /// Decodes what stands in `bytes` from the line `begin` on; what follows the line `end` isn't read. The
    /// result has at most `octetsMax` octets. `brokenUUEncode` stands for all that is wrong with it.
    package static func decode(_ bytes: UnsafeRawBufferPointer, octetsMax: Int) -> TransferDecoding {
        .decode(bytes, .uuencode, octetsMax: octetsMax)
    }

    /// Octets of input that may be taken at once.
    static let pieceOctets = 16_384

    /// What `count` more octets can decode to, at most: a line may say 63 octets and have none, since blanks
    /// at its end get lost on the way.
    func octetsMax(after count: Int) -> Int { (count + 2) * 63 + line.count }

    /// False where the room ended.
    mutating func take(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ output: inout DecodedOutput) -> Bool {
        var start = 0
        while start < bytes.count {
            if case .ended = state { return true }
            let found = LineReader.firstIndex(of: ASCII.lf, in: bytes, from: start, upTo: bytes.count)
            let end = found ?? bytes.count
            if found != nil, line.isEmpty, !isSkipping, end - start <= Self.lineOctetsMax {
                guard takeLine(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), &output) else {
                    return false
                }
            } else {
                hold(bytes[start..<end])
                if found != nil, !takeHeldLine(&output) { return false }
            }
            start = end + 1
        }
        guard isLast else { return true }
        if !line.isEmpty, !takeHeldLine(&output) { return false }
        if case .ended = state { return true }
        defects.note(.brokenUUEncode)
        guard case .base64(let decoding) = state else { return true }
        return finish(decoding, &output)
    }

    private mutating func finish(_ decoding: Base64Decoding, _ output: inout DecodedOutput) -> Bool {
        var decoding = decoding
        let isWhole = decoding.take(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, &output)
        defects.note(contentsOf: decoding.defects)
        return isWhole
    }

    private mutating func hold(_ bytes: Slice<UnsafeRawBufferPointer>) {
        guard !isSkipping else { return }
        if line.count + bytes.count > Self.lineOctetsMax {
            isSkipping = true
            line = []
            if case .beforeBegin = state { return }
            defects.note(.brokenUUEncode)
        } else {
            line += bytes
        }
    }

    private mutating func takeHeldLine(_ output: inout DecodedOutput) -> Bool {
        let held = line
        line = []
        if isSkipping {
            isSkipping = false
            return true
        }
        return held.withUnsafeBytes { takeLine($0, &output) }
    }

    /// Takes a line without its LF.
    private mutating func takeLine(_ line: UnsafeRawBufferPointer, _ output: inout DecodedOutput) -> Bool {
        let content = UnsafeRawBufferPointer(
            rebasing: line.last == ASCII.cr ? line.dropLast() : line[...])
        switch state {
        case .beforeBegin:
            if Self.isBegin(content, "begin ") { state = .lines }
            if Self.isBegin(content, "begin-base64 ") { state = .base64(.init()) }
        case .base64(var decoding):
            if content.starts(with: "====".utf8) {
                state = .ended
                return finish(decoding, &output)
            }
            let isWhole = decoding.take(content, isLast: false, &output)
            state = .base64(decoding)
            return isWhole
        case .empty:
            state = .ended
            if !Self.isEnd(content) { defects.note(.brokenUUEncode) }
        case .lines:
            return takeData(content, &output)
        case .ended: break
        }
        return true
    }

    /// `begin`, an octal mode of three or four digits, a blank, a name.
    private static func isBegin(_ line: UnsafeRawBufferPointer, _ word: String) -> Bool {
        guard line.starts(with: word.utf8) else { return false }
        let rest = line.dropFirst(word.utf8.count)
        let mode = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "7") }
        return (3...4).contains(mode.count) && rest.count > mode.count + 1
            && rest[mode.endIndex] == ASCII.space
    }

    private static func isEnd(_ line: UnsafeRawBufferPointer) -> Bool {
        line.starts(with: "end".utf8) && line.dropFirst(3).allSatisfy(ASCII.isBlank)
    }

    private mutating func takeData(_ line: UnsafeRawBufferPointer, _ output: inout DecodedOutput) -> Bool {
        guard let first = line.first, first >= 0x20, first <= 0x60 else {
            // An `end` without the line of no octets before it, or no line of these at all.
            defects.note(.brokenUUEncode)
            if Self.isEnd(line) { state = .ended }
            return true
        }
        let octets = Int((first - 0x20) & 0x3F)
        guard octets > 0 else {
            state = .empty
            return true
        }
        var left = octets
        var index = 1
        while left > 0 {
            var group: UInt32 = 0
            for place in index..<(index + 4) {
                let letter = place < line.count ? line[place] : 0x20
                if letter < 0x20 || letter > 0x60 { defects.note(.brokenUUEncode) }
                group = group << 6 | UInt32((letter &- 0x20) & 0x3F)
            }
            guard output.put(group: group, octets: min(3, left)) else { return false }
            left -= 3
            index += 4
        }
        // Some write a checksum, or fill the last group up; whatever is more isn't what the length says.
        if index + 1 < line.count, !line[index...].allSatisfy({ $0 == ASCII.space || $0 == 0x60 }) {
            defects.note(.brokenUUEncode)
        }
        return true
    }
}
