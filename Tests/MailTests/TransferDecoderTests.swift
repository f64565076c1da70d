// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

/// Base64 octet by octet, as RFC 2045 §6.8 and our defects have it: what the fast way is compared with.
private func carefully(_ bytes: [UInt8]) -> (octets: [UInt8], defects: Set<MessageDefect>) {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var octets: [UInt8] = []
    var defects: Set<MessageDefect> = []
    var sextets: [Int] = []
    var isPadded = false
    func flush() {
        let bits = sextets.reduce(0) { $0 << 6 | $1 } << (6 * (4 - sextets.count))
        if sextets.count >= 2 {
            octets += [16, 8, 0].prefix(sextets.count - 1).map { UInt8(bits >> $0 & 0xFF) }
        }
        sextets = []
    }
    for byte in bytes {
        if let value = letters.firstIndex(of: byte) {
            if isPadded { defects.insert(.junkInBase64) }
            isPadded = false
            sextets.append(value)
            if sextets.count == 4 { flush() }
        } else if byte == UInt8(ascii: "=") {
            if !isPadded {
                if sextets.count < 2 { defects.insert(.junkInBase64) }
                flush()
            }
            isPadded = true
        } else if ![0x0D, 0x0A, 0x20, 0x09].contains(byte) {
            defects.insert(.junkInBase64)
        }
    }
    if !sextets.isEmpty { defects.insert(.truncatedBase64) }
    flush()
    return (octets, defects)
}

@Suite("Decoding piece by piece")
struct TransferDecoderTests {
    private func whole(
        _ bytes: [UInt8], _ encoding: TransferEncoding, octetsMax: Int = 100_000
    ) -> TransferDecoding {
        bytes.withUnsafeBytes { TransferDecoding.decode($0, encoding, octetsMax: octetsMax) }
    }

    private func pieces(
        _ bytes: [UInt8], _ encoding: TransferEncoding, octetsMax: Int = 100_000, length: () -> Int
    ) -> TransferDecoding {
        var decoder = TransferDecoder(encoding, octetsMax: octetsMax)
        var octets: [UInt8] = []
        var start = 0
        bytes.withUnsafeBytes { bytes in
            while start < bytes.count {
                let end = min(bytes.count, start + length())
                decoder.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), to: &octets)
                start = end
            }
        }
        decoder.finish(&octets)
        return TransferDecoding(octets: octets, defects: decoder.defects)
    }

    /// A body with much that is right in it, and anything else.
    private func body(_ lot: inout Lot, _ encoding: TransferEncoding) -> [UInt8] {
        var words: [String]
        switch encoding {
        case .base64: words = ["Zm9v", "YmFyYmF6cXV4", "Zg==", "=", "A", "*", "\r\n", "\r\n", " ", "+/+/"]
        case .quotedPrintable:
            words = ["text", "=3D", "=", "=\r\n", "= \t\r\n", " ", "\t ", "\r\n", "\r", "\n", "=4", "=é"]
        case .sevenBit, .eightBit, .binary: words = ["a", "\r\n", "é"]
        }
        words.append(String(repeating: words[0], count: 30))
        return (0..<lot.next(below: 40)).flatMap { _ in Array(words[lot.next(below: words.count)].utf8) }
    }

    @Test(
        "is decoding in one piece, however the pieces are cut",
        arguments: TransferEncoding.allCases)
    func cuts(encoding: TransferEncoding) {
        var lot = Lot(seed: 1)
        for _ in 0..<400 {
            let body = body(&lot, encoding)
            let octetsMax = lot.next(below: 2) == 0 ? 100_000 : lot.next(below: 60)
            let whole = whole(body, encoding, octetsMax: octetsMax)
            #expect(whole.octets.count <= octetsMax)
            for _ in 0..<4 {
                let longest = 1 + lot.next(below: 20)
                let cut = pieces(body, encoding, octetsMax: octetsMax) { 1 + lot.next(below: longest) }
                #expect(cut.octets == whole.octets, "\(String(decoding: body, as: UTF8.self)) \(octetsMax)")
                #expect(Set(cut.defects) == Set(whole.defects), "\(String(decoding: body, as: UTF8.self))")
            }
        }
    }

    @Test("base64 decoded in bulk is base64 decoded octet by octet, with the same defects")
    func bulk() {
        var lot = Lot(seed: 2)
        for round in 0..<2_000 {
            var body = body(&lot, .base64)
            // Clean lines with one octet of them changed, at times.
            if round % 2 == 0 {
                body = (0..<5).flatMap { _ in
                    (0..<76).map { _ in UInt8(ascii: "A") + UInt8(lot.next(below: 26)) } + [0x0D, 0x0A]
                }
                body[lot.next(below: body.count)] = UInt8(truncatingIfNeeded: lot.next(below: 256))
            }
            let expected = carefully(body)
            let decoded = whole(body, .base64)
            #expect(decoded.octets == expected.octets, "\(String(decoding: body, as: UTF8.self))")
            #expect(Set(decoded.defects) == expected.defects, "\(String(decoding: body, as: UTF8.self))")
        }
    }

    @Test("every octet at every place of a group is what it is octet by octet")
    func everyOctet() {
        for place in 0..<8 {
            for octet in UInt8.min...UInt8.max {
                var body = Array("QUJDREVGR0hJSktMTU5PUFFS".utf8)
                body[8 + place] = octet
                let decoded = whole(body, .base64)
                let expected = carefully(body)
                #expect(decoded.octets == expected.octets)
                #expect(Set(decoded.defects) == expected.defects)
            }
        }
    }

    @Test("blanks without an end are held back for a while, then kept")
    func manyBlanks() {
        let body = Array("a".utf8) + [UInt8](repeating: 0x20, count: 10_000) + Array("\r\nb".utf8)
        let whole = whole(body, .quotedPrintable)
        // 2 x 4,096 of them stay.
        #expect(whole.octets.count == 1 + 8_192 + 2 + 1)
        #expect(pieces(body, .quotedPrintable) { 1_000 }.octets == whole.octets)
        let soft = Array("a=".utf8) + [UInt8](repeating: 0x20, count: 5_000) + Array("\r\nb".utf8)
        #expect(self.whole(soft, .quotedPrintable).defects == [.badQuotedPrintable])
    }
}
