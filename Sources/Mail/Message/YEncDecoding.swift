// SPDX-License-Identifier: MIT

/// yEnc: a line `=ybegin line=128 size=SIZE name=NAME`, perhaps one `=ypart begin=FROM end=TO`, lines in
/// which each octet stands 42 above its value, and a line `=yend size=SIZE crc32=CHECKSUM`.
package enum YEncDecoding {
    /// Octets of a line that begins with `=y`: a file name and some numbers.
    private static let keywordLineOctetsMax = 2_048

    /// Decodes what stands in `bytes` from the line `=ybegin` on; what follows the line `=yend` isn't read.
    /// The result has at most `octetsMax` octets. `brokenYEnc` stands for all that is wrong with it: no
    /// beginning, no end, or a size or checksum of the last line that isn't the data's.
    package static func decode(_ bytes: UnsafeRawBufferPointer, octetsMax: Int) -> TransferDecoding {
        let octetsMax = max(0, octetsMax)
        var defects: [MessageDefect] = []
        var octets: [UInt8] = []
        octets.reserveCapacity(min(octetsMax, bytes.count))
        var reader = LineReader(bytes, from: 0)
        var hasBegun = false
        var last: LineReader.Line?
        while let line = reader.next() {
            let content = bytes[line.start..<line.contentEnd]
            guard hasBegun else {
                hasBegun = content.starts(with: "=ybegin ".utf8)
                continue
            }
            if content.starts(with: "=yend ".utf8) {
                last = line
                break
            }
            if content.starts(with: "=ypart ".utf8) { continue }
            guard takeLine(content, octetsMax: octetsMax, &octets, &defects) else {
                defects.note(.decodedTooLong)
                return TransferDecoding(octets: octets, defects: defects)
            }
        }
        if let last, check(bytes[last.start..<last.contentEnd], octets) {
            return TransferDecoding(octets: octets, defects: defects)
        }
        defects.note(.brokenYEnc)
        return TransferDecoding(octets: octets, defects: defects)
    }

    /// False where the room ended.
    private static func takeLine(
        _ line: Slice<UnsafeRawBufferPointer>, octetsMax: Int, _ octets: inout [UInt8],
        _ defects: inout [MessageDefect]
    ) -> Bool {
        var isEscaped = false
        for octet in line {
            if !isEscaped, octet == ASCII.equals {
                isEscaped = true
                continue
            }
            guard octets.count < octetsMax else { return false }
            octets.append(isEscaped ? octet &- 106 : octet &- 42)
            isEscaped = false
        }
        if isEscaped { defects.note(.brokenYEnc) }
        return true
    }

    /// Whether the last line's size, and its checksum if there is one, are those of `octets`.
    private static func check(_ line: Slice<UnsafeRawBufferPointer>, _ octets: [UInt8]) -> Bool {
        guard line.count <= keywordLineOctetsMax else { return false }
        var size: Int?
        var checksum: UInt32?
        var partChecksum: UInt32?
        for word in line.split(separator: ASCII.space) {
            guard let equals = word.firstIndex(of: ASCII.equals) else { continue }
            let value = String(decoding: word[word.index(after: equals)...], as: UTF8.self)
            switch ASCII.lowered(word[..<equals]) {
            case "size": size = Int(value)
            case "crc32": checksum = UInt32(value, radix: 16)
            case "pcrc32": partChecksum = UInt32(value, radix: 16)
            default: break
            }
        }
        guard size == octets.count else { return false }
        // Of a part of a file the other checksum is the whole file's.
        guard let wanted = partChecksum ?? checksum else { return true }
        return wanted == crc32(octets)
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ value >> 1 }
    }

    /// CRC-32 as ISO 3309 and zip have it.
    static func crc32(_ octets: [UInt8]) -> UInt32 {
        crcTable.withUnsafeBufferPointer { table in
            ~octets.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
        }
    }
}
