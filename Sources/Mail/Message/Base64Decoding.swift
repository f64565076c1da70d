// SPDX-License-Identifier: MIT

/// Base64 as mail has it (RFC 2045 §6.8). Data after padding is decoded too: some readers stop there, others
/// don't, so a scanner must see it.
struct Base64Decoding: Sendable {
    /// Sextets of a group that isn't complete, the latest in the lowest bits.
    private var group: UInt32 = 0
    private var sextets = 0
    private var isPadded = false
    private(set) var defects: [MessageDefect] = []

    private static let junk: UInt8 = 255
    private static let blankMark: UInt8 = 254
    private static let padding: UInt8 = 253

    /// What each octet is in base64: 0 to 63, or one of the marks above.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: junk, count: 256)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in letters.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        for blank in [ASCII.cr, ASCII.lf, ASCII.space, ASCII.tab] { values[Int(blank)] = blankMark }
        values[Int(ASCII.equals)] = padding
        return values
    }()

    /// In a group's value: one of its four octets is no letter.
    private static let noLetter: UInt32 = 1 << 31

    /// The same for each of a group's four places in turn, 256 values each, shifted to its place and in the
    /// order in which they are stored; `noLetter` where there is none.
    private static let groupValues: [UInt32] = (0..<4).flatMap { place in
        values.map { $0 < 64 ? UInt32($0) << UInt32(18 - 6 * place) : noLetter }
    }

    /// What `count` more octets can decode to, at most.
    func octetsMax(after count: Int) -> Int { (sextets + count) / 4 * 3 + 3 }

    /// False where the room ended.
    mutating func take(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ output: inout DecodedOutput) -> Bool {
        let isWhole = Self.values.withUnsafeBufferPointer { values in
            Self.groupValues.withUnsafeBufferPointer { groupValues in
                take(bytes, values, groupValues, &output)
            }
        }
        guard isWhole, isLast else { return isWhole }
        if sextets > 0 { defects.note(.truncatedBase64) }
        return flush(&output)
    }

    private mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ values: UnsafeBufferPointer<UInt8>,
        _ groupValues: UnsafeBufferPointer<UInt32>, _ output: inout DecodedOutput
    ) -> Bool {
        var index = 0
        while index < bytes.count {
            if sextets == 0, !isPadded {
                index = Self.takeGroups(bytes, from: index, groupValues, &output)
                guard index < bytes.count else { break }
            }
            let value = values[Int(bytes[index])]
            index += 1
            if value < 64 {
                if isPadded {
                    defects.note(.junkInBase64)
                    isPadded = false
                }
                group = group << 6 | UInt32(value)
                sextets += 1
                guard sextets == 4 else { continue }
                guard output.put(group: group, octets: 3) else { return false }
                group = 0
                sextets = 0
            } else if value == Self.padding {
                guard !isPadded else { continue }
                isPadded = true
                if sextets < 2 { defects.note(.junkInBase64) }
                guard flush(&output) else { return false }
            } else if value == Self.junk {
                defects.note(.junkInBase64)
            }
        }
        return true
    }

    /// Decodes groups of four letters while there is nothing else, and room for them. Returns where it
    /// stopped.
    @inline(__always)
    private static func takeGroups(
        _ bytes: UnsafeRawBufferPointer, from start: Int, _ values: UnsafeBufferPointer<UInt32>,
        _ output: inout DecodedOutput
    ) -> Int {
        guard let input = bytes.baseAddress, let values = values.baseAddress else { return start }
        // Two groups at once, written as four octets each: two octets more than they have.
        var pairs = min((bytes.count - start) / 8, (output.room - 2) / 6)
        guard pairs > 0 else { return start }
        var from = input + start
        output.write { memory in
            var to = memory
            while pairs > 0 {
                let word = from.loadUnaligned(as: UInt64.self)
                let first = value(UInt32(truncatingIfNeeded: word), values)
                let second = value(UInt32(truncatingIfNeeded: word >> 32), values)
                guard (first | second) & noLetter == 0 else { break }
                to.storeBytes(of: (first << 8).bigEndian, as: UInt32.self)
                (to + 3).storeBytes(of: (second << 8).bigEndian, as: UInt32.self)
                from += 8
                to += 6
                pairs -= 1
            }
            return to - memory
        }
        return from - input
    }

    /// The 24 bits of four letters in the order of memory, or a number with `noLetter`.
    @inline(__always)
    private static func value(_ letters: UInt32, _ values: UnsafePointer<UInt32>) -> UInt32 {
        let letters = UInt32(littleEndian: letters)
        return values[Int(letters & 0xFF)] | values[256 + Int(letters >> 8 & 0xFF)]
            | values[512 + Int(letters >> 16 & 0xFF)] | values[768 + Int(letters >> 24)]
    }

    /// Writes what an incomplete group holds: 2 sextets are one octet, 3 are two.
    private mutating func flush(_ output: inout DecodedOutput) -> Bool {
        defer {
            group = 0
            sextets = 0
        }
        guard sextets >= 2 else { return true }
        return output.put(group: group << UInt32(6 * (4 - sextets)), octets: sextets - 1)
    }
}
