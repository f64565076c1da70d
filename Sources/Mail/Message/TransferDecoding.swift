// SPDX-License-Identifier: MIT

/// Undoes a transfer encoding (RFC 2045 §6.7, §6.8). Anything can be decoded; what is broken is skipped or
/// kept as it is, with a defect, and the output ends at a limit.
package struct TransferDecoding: Sendable {
    package private(set) var octets: [UInt8]
    package private(set) var defects: [MessageDefect] = []

    /// Decodes `bytes`; the result has at most `octetsMax` octets.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, _ encoding: TransferEncoding, octetsMax: Int
    ) -> TransferDecoding {
        let octetsMax = max(0, octetsMax)
        switch encoding {
        case .base64: return base64(bytes, octetsMax: octetsMax)
        case .quotedPrintable: return quotedPrintable(bytes, octetsMax: octetsMax)
        case .sevenBit, .eightBit, .binary:
            var decoded = TransferDecoding(octets: Array(bytes.prefix(octetsMax)))
            if bytes.count > octetsMax { decoded.defects.note(.decodedTooLong) }
            return decoded
        }
    }

    /// What each octet is in base64: 0 to 63, or one of the marks below.
    private static let base64Values: [UInt8] = {
        var values = [UInt8](repeating: junk, count: 256)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in letters.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        for blank in [ASCII.cr, ASCII.lf, ASCII.space, ASCII.tab] { values[Int(blank)] = blankMark }
        values[Int(ASCII.equals)] = padding
        return values
    }()
    private static let junk: UInt8 = 255
    private static let blankMark: UInt8 = 254
    private static let padding: UInt8 = 253

    /// Data after padding is decoded too: some readers stop there, others don't, so a scanner must see it.
    private static func base64(_ bytes: UnsafeRawBufferPointer, octetsMax: Int) -> TransferDecoding {
        var defects: [MessageDefect] = []
        let roomOctets = min(octetsMax, bytes.count / 4 * 3 + 3)
        let octets = [UInt8](unsafeUninitializedCapacity: roomOctets) { output, written in
            base64Values.withUnsafeBufferPointer { values in
                var group: UInt32 = 0
                var sextets = 0
                var isPadded = false
                for byte in bytes {
                    let value = values[Int(byte)]
                    if value < 64 {
                        if isPadded {
                            defects.note(.junkInBase64)
                            isPadded = false
                        }
                        group = group << 6 | UInt32(value)
                        sextets += 1
                        guard sextets == 4 else { continue }
                        guard put(group, octets: 3, into: output, &written) else {
                            return defects.note(.decodedTooLong)
                        }
                        group = 0
                        sextets = 0
                    } else if value == padding {
                        guard !isPadded else { continue }
                        isPadded = true
                        if sextets < 2 { defects.note(.junkInBase64) }
                        guard flush(&group, &sextets, into: output, &written) else {
                            return defects.note(.decodedTooLong)
                        }
                    } else if value == junk {
                        defects.note(.junkInBase64)
                    }
                }
                if sextets > 0 { defects.note(.truncatedBase64) }
                if !flush(&group, &sextets, into: output, &written) { defects.note(.decodedTooLong) }
            }
        }
        return TransferDecoding(octets: octets, defects: defects)
    }

    /// Writes what an incomplete group holds: 2 sextets are one octet, 3 are two.
    private static func flush(
        _ group: inout UInt32, _ sextets: inout Int, into output: UnsafeMutableBufferPointer<UInt8>,
        _ written: inout Int
    ) -> Bool {
        defer {
            group = 0
            sextets = 0
        }
        guard sextets >= 2 else { return true }
        return put(group << UInt32(6 * (4 - sextets)), octets: sextets - 1, into: output, &written)
    }

    /// Writes the first octets of a 24-bit group; false where the room ends.
    @inline(__always)
    private static func put(
        _ group: UInt32, octets: Int, into output: UnsafeMutableBufferPointer<UInt8>, _ written: inout Int
    ) -> Bool {
        var shift: UInt32 = 16
        for _ in 0..<octets {
            guard written < output.count else { return false }
            output.initializeElement(at: written, to: UInt8(truncatingIfNeeded: group >> shift))
            written += 1
            shift &-= 8
        }
        return true
    }

    private static func quotedPrintable(_ bytes: UnsafeRawBufferPointer, octetsMax: Int) -> TransferDecoding {
        var defects: [MessageDefect] = []
        let roomOctets = min(octetsMax, bytes.count)
        let octets = [UInt8](unsafeUninitializedCapacity: roomOctets) { output, written in
            // Blanks before a line end were added on the way and go (RFC 2045 §6.7 rule 3): what stands
            // before `kept` stays in any case.
            var kept = 0
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                var decoded = byte
                var width = 1
                switch byte {
                case ASCII.equals:
                    if let end = softBreakEnd(bytes, at: index) {
                        kept = written
                        index = end
                        continue
                    }
                    if let value = hexOctet(bytes, at: index + 1) {
                        decoded = value
                        width = 3
                    } else {
                        defects.note(.badQuotedPrintable)
                    }
                case ASCII.cr, ASCII.lf:
                    if byte == ASCII.lf || (index + 1 < bytes.count && bytes[index + 1] == ASCII.lf) {
                        written = kept
                    }
                case ASCII.space, ASCII.tab: break
                default:
                    if ASCII.isControl(byte) || byte > 0x7F { defects.note(.badQuotedPrintable) }
                }
                guard written < output.count else {
                    defects.note(.decodedTooLong)
                    break
                }
                output.initializeElement(at: written, to: decoded)
                written += 1
                index += width
                if width == 3 || !ASCII.isBlank(byte) { kept = written }
            }
            if index >= bytes.count { written = kept }
        }
        return TransferDecoding(octets: octets, defects: defects)
    }

    /// Where the next line starts, if the `=` at `index` ends its line; blanks may follow it.
    private static func softBreakEnd(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
        var end = index + 1
        while end < bytes.count, ASCII.isBlank(bytes[end]) { end += 1 }
        if end == bytes.count { return end }
        if bytes[end] == ASCII.cr, end + 1 < bytes.count, bytes[end + 1] == ASCII.lf { return end + 2 }
        return bytes[end] == ASCII.lf ? end + 1 : nil
    }

    /// The octet that the two hexadecimal digits at `index` stand for.
    static func hexOctet(_ bytes: UnsafeRawBufferPointer, at index: Int) -> UInt8? {
        guard index + 1 < bytes.count, let high = ASCII.hexValue(bytes[index]),
            let low = ASCII.hexValue(bytes[index + 1])
        else { return nil }
        return high << 4 | low
    }
}
