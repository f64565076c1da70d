// SPDX-License-Identifier: MIT

/// Quoted-printable (RFC 2045 §6.7).
struct QuotedPrintableDecoding: Sendable {
    private(set) var defects: [MessageDefect] = []
    /// The end of the input so far that can't be judged yet: `=`, blanks, a CR.
    private var held: [UInt8] = []

    /// Blanks in a row of which it is still asked whether a line end follows; a longer run stays. Lines have
    /// 76 octets by RFC 2045, and what is undecided is kept between two pieces.
    private static let blanksMax = 4_096

    /// What `count` more octets can decode to, at most.
    func octetsMax(after count: Int) -> Int { held.count + count }

    /// False where the room ended.
    mutating func take(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ output: inout DecodedOutput) -> Bool {
        guard !held.isEmpty else { return takeHolding(bytes, isLast: isLast, &output) }
        let joined = held + bytes
        held = []
        return joined.withUnsafeBytes { takeHolding($0, isLast: isLast, &output) }
    }

    private mutating func takeHolding(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, _ output: inout DecodedOutput
    ) -> Bool {
        let (end, isWhole) = Self.isOrdinary.withUnsafeBufferPointer {
            take(bytes, isLast: isLast, ordinary: $0, &output)
        }
        held += bytes[end...]
        return isWhole
    }

    /// Printable, and neither a blank nor `=`: stands for itself wherever it is.
    private static let isOrdinary: [Bool] = (0..<256).map {
        $0 > 0x20 && $0 < 0x7F && $0 != Int(ASCII.equals)
    }

    /// Decodes as far as can be judged; says where it stopped, and false where the room ended.
    private mutating func take(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, ordinary: UnsafeBufferPointer<Bool>,
        _ output: inout DecodedOutput
    ) -> (end: Int, isWhole: Bool) {
        var index = 0
        while index < bytes.count {
            var end = index
            while end < bytes.count, ordinary[Int(bytes[end])] { end += 1 }
            if end > index {
                guard output.put(bytes, index..<end) else { return (bytes.count, false) }
                index = end
                continue
            }
            let byte = bytes[index]
            switch byte {
            case ASCII.equals:
                guard let escape = escape(bytes, at: index, isLast: isLast) else { return (index, true) }
                if let octet = escape.octet, !output.put(octet) { return (bytes.count, false) }
                index = escape.end
            case ASCII.space, ASCII.tab:
                let run = Self.blanks(bytes, from: index)
                guard let next = Self.lineEnd(bytes, at: run.end, isLast: isLast) else {
                    return (index, true)
                }
                // Blanks before a line end were added on the way and go (RFC 2045 §6.7 rule 3).
                if next.isLineEnd, run.isWhole {
                    defects.note(.badQuotedPrintable)
                } else if !output.put(bytes, index..<run.end) {
                    return (bytes.count, false)
                }
                index = run.end
            case ASCII.cr, ASCII.lf:
                guard output.put(byte) else { return (bytes.count, false) }
                index += 1
            default:
                defects.note(.badQuotedPrintable)
                guard output.put(byte) else { return (bytes.count, false) }
                index += 1
            }
        }
        return (index, true)
    }

    /// What the `=` at `index` means, and where what follows starts; without an octet it was a soft line
    /// break. Nil where more input must come first.
    private mutating func escape(
        _ bytes: UnsafeRawBufferPointer, at index: Int, isLast: Bool
    ) -> (octet: UInt8?, end: Int)? {
        if index + 1 < bytes.count, let high = ASCII.hexValue(bytes[index + 1]) {
            guard index + 2 < bytes.count || isLast else { return nil }
            if index + 2 < bytes.count, let low = ASCII.hexValue(bytes[index + 2]) {
                return (high << 4 | low, index + 3)
            }
        } else {
            let run = Self.blanks(bytes, from: index + 1)
            guard let next = Self.lineEnd(bytes, at: run.end, isLast: isLast) else { return nil }
            if next.isLineEnd, run.isWhole {
                if run.end > index + 1 { defects.note(.badQuotedPrintable) }
                return (nil, next.end)
            }
        }
        defects.note(.badQuotedPrintable)
        return (ASCII.equals, index + 1)
    }

    /// Where the blanks at `start` end; not whole if there are more than are looked at.
    private static func blanks(
        _ bytes: UnsafeRawBufferPointer, from start: Int
    ) -> (end: Int, isWhole: Bool) {
        var end = start
        while end < bytes.count, ASCII.isBlank(bytes[end]) {
            guard end - start < blanksMax else { return (end, false) }
            end += 1
        }
        return (end, true)
    }

    /// Whether a line ends at `index`, and where the next one starts. Nil where more input must come first.
    private static func lineEnd(
        _ bytes: UnsafeRawBufferPointer, at index: Int, isLast: Bool
    ) -> (isLineEnd: Bool, end: Int)? {
        guard index < bytes.count else { return isLast ? (true, index) : nil }
        if bytes[index] == ASCII.lf { return (true, index + 1) }
        guard bytes[index] == ASCII.cr else { return (false, index) }
        guard index + 1 < bytes.count else { return isLast ? (false, index) : nil }
        return bytes[index + 1] == ASCII.lf ? (true, index + 2) : (false, index)
    }
}
