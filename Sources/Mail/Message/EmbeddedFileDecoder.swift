// SPDX-License-Identifier: MIT

/// Decodes a file in a text line by line, so that memory is bounded by the piece, not by the file. Anything
/// can be decoded; what is broken is skipped, with a defect.
package struct EmbeddedFileDecoder: IteratorProtocol {
    private let file: EmbeddedFile
    private let bytes: MessageBytes
    private var position: Int
    private let end: Int
    private var octetsLeft: Int
    private var checksum = Checksum()
    private var isFinished = false
    /// The last octet of a cut line was `=`.
    private var isEscaped = false
    /// What is wrong with the file. Complete once `next` has answered nil.
    package private(set) var defects: [MessageDefect]

    /// Octets of a piece, about: what a read from a file has too.
    private static let pieceOctetsMax = 65_536

    init(_ file: EmbeddedFile, in bytes: MessageBytes, octetsMax: Int) {
        self.file = file
        self.bytes = bytes
        let range = file.dataRange.clamped(to: 0..<bytes.count)
        position = range.lowerBound
        end = range.upperBound
        octetsLeft = max(0, octetsMax)
        defects = file.defects
    }

    /// Some octets of the file, never none; nil at its end.
    package mutating func next() -> [UInt8]? {
        guard !isFinished else { return nil }
        var piece: [UInt8] = []
        bytes.withBytes { buffer in
            while position < end, piece.count < Self.pieceOctetsMax {
                let lf = LineReader.firstIndex(of: ASCII.lf, in: buffer, from: position, upTo: end)
                // A line of megabytes is cut, which doesn't matter to yEnc.
                var lineEnd = lf ?? end
                var next = lf.map { $0 + 1 } ?? end
                if file.kind == .yEnc, lineEnd - position > Self.pieceOctetsMax {
                    lineEnd = position + Self.pieceOctetsMax
                    next = lineEnd
                }
                let line = UnsafeRawBufferPointer(rebasing: buffer[position..<lineEnd])
                switch file.kind {
                case .uuencode: Self.uudecode(line, into: &piece)
                case .yEnc:
                    yDecode(line, into: &piece)
                    if next > lineEnd { isEscaped = false }
                }
                position = next
            }
        }
        if piece.count > octetsLeft {
            piece.removeLast(piece.count - octetsLeft)
            defects.note(.decodedTooLong)
            position = end
            isFinished = true
        }
        octetsLeft -= piece.count
        checksum.add(piece)
        if position >= end, !isFinished {
            isFinished = true
            if let declared = file.declaredChecksum, declared != checksum.value {
                defects.note(.embeddedChecksumMismatch)
            }
        }
        return piece.isEmpty ? nil : piece
    }

    /// What a line of uuencode says about itself.
    enum UULine: Equatable {
        /// So many octets; whether the line has the length that they need.
        case data(octets: Int, isWhole: Bool)
        /// A line without octets, which stands before `end`.
        case none
        /// Something else.
        case alien
    }

    /// `line` has no line end, but for a CR perhaps.
    static func uuLine(_ line: UnsafeRawBufferPointer) -> UULine {
        let line = withoutReturn(line)
        guard let first = line.first else { return .none }
        guard line.allSatisfy({ (0x20...0x60).contains($0) }) else { return .alien }
        let octets = Int((first &- 0x20) & 0x3F)
        guard octets > 0 else {
            return line.dropFirst().allSatisfy { $0 == 0x20 || $0 == 0x60 } ? .none : .alien
        }
        // Whole groups, or only the characters that carry something.
        let characters = line.count - 1
        let isWhole = characters == (octets + 2) / 3 * 4 || characters == (octets * 4 + 2) / 3
        return .data(octets: octets, isWhole: isWhole)
    }

    /// Characters that are missing at a line's end were blanks once, that is zeros.
    private static func uudecode(_ line: UnsafeRawBufferPointer, into piece: inout [UInt8]) {
        guard case .data(let octets, _) = uuLine(line) else { return }
        let line = withoutReturn(line)
        var left = octets
        var index = 1
        while left > 0 {
            var group: UInt32 = 0
            for place in index..<(index + 4) {
                let value = place < line.count ? (line[place] &- 0x20) & 0x3F : 0
                group = group << 6 | UInt32(value)
            }
            index += 4
            for shift in [UInt32(16), 8, 0].prefix(left) {
                piece.append(UInt8(truncatingIfNeeded: group >> shift))
            }
            left -= 3
        }
    }

    private static func withoutReturn(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        line.last == ASCII.cr ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
    }

    /// Each octet is 42 more than it should be; after `=` it is 64 more again.
    private mutating func yDecode(_ line: UnsafeRawBufferPointer, into piece: inout [UInt8]) {
        for byte in line where byte != ASCII.cr {
            if isEscaped {
                piece.append(byte &- 106)
                isEscaped = false
            } else if byte == ASCII.equals {
                isEscaped = true
            } else {
                piece.append(byte &- 42)
            }
        }
    }

    /// CRC-32 as in ISO/IEC 3309, which yEnc uses.
    struct Checksum {
        private var register: UInt32 = 0xFFFF_FFFF

        private static let table: [UInt32] = (0..<256).map { index in
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
            return value
        }

        mutating func add(_ octets: [UInt8]) {
            var register = register
            Self.table.withUnsafeBufferPointer { table in
                for octet in octets {
                    register = register >> 8 ^ table[Int(UInt8(truncatingIfNeeded: register) ^ octet)]
                }
            }
            self.register = register
        }

        var value: UInt32 { register ^ 0xFFFF_FFFF }
    }
}
