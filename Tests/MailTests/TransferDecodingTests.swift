// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

private func decode(
    _ text: String, _ encoding: TransferEncoding, octetsMax: Int = 1_000
) -> (text: String, defects: [MessageDefect]) {
    let decoded = Array(text.utf8).withUnsafeBytes {
        TransferDecoding.decode($0, encoding, octetsMax: octetsMax)
    }
    return (String(decoding: decoded.octets, as: UTF8.self), decoded.defects)
}

@Suite("RFC 2045 §6.8: base64")
struct Base64DecodingTests {
    @Test(
        "the vectors of RFC 4648 §10",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ])
    func vectors(encoded: String, decoded: String) {
        let result = decode(encoded, .base64)
        #expect(result.text == decoded)
        #expect(result.defects.isEmpty)
    }

    @Test("line ends and blanks mean nothing")
    func blanks() {
        let result = decode("Zm9v\r\nYm\n Fy\t\r\n", .base64)
        #expect(result.text == "foobar")
        #expect(result.defects.isEmpty)
    }

    @Test("characters outside the alphabet are skipped, and named")
    func junk() {
        let result = decode("Zm*9v-Ym_Fy\0", .base64)
        #expect(result.text == "foobar")
        #expect(result.defects == [.junkInBase64])
    }

    @Test("data after the padding is decoded too, and named")
    func afterPadding() {
        let result = decode("Zg==Zm9v", .base64)
        #expect(result.text == "ffoo")
        #expect(result.defects == [.junkInBase64])
    }

    @Test("missing padding loses nothing, a lone last letter is dropped; both are named")
    func truncated() {
        #expect(decode("Zm8", .base64) == ("fo", [.truncatedBase64]))
        #expect(decode("Zm9vZ", .base64) == ("foo", [.truncatedBase64]))
    }

    @Test("padding where none belongs is named")
    func strayPadding() {
        #expect(decode("=Zm9v", .base64) == ("foo", [.junkInBase64]))
        #expect(decode("Z===", .base64) == ("", [.junkInBase64]))
    }

    @Test("beyond the limit the output ends, at every limit")
    func limit() {
        for limit in 0..<6 {
            let result = decode("Zm9vYmFy", .base64, octetsMax: limit)
            #expect(result.text == String("foobar".prefix(limit)))
            #expect(result.defects == [.decodedTooLong])
        }
        #expect(decode("Zm9vYmFy", .base64, octetsMax: 6) == ("foobar", []))
    }

    @Test("every octet survives", arguments: [TransferEncoding.base64])
    func allOctets(encoding: TransferEncoding) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let octets = (0..<255).map { UInt8($0) }
        var encoded: [UInt8] = []
        for group in stride(from: 0, to: 255, by: 3) {
            let value = Int(octets[group]) << 16 | Int(octets[group + 1]) << 8 | Int(octets[group + 2])
            for shift in [18, 12, 6, 0] { encoded.append(alphabet[value >> shift & 63]) }
        }
        let decoded = encoded.withUnsafeBytes { TransferDecoding.decode($0, encoding, octetsMax: 1_000) }
        #expect(decoded.octets == octets)
    }
}

@Suite("RFC 2045 §6.7: quoted-printable")
struct QuotedPrintableDecodingTests {
    @Test("an octet is = and two digits, in either case")
    func octets() {
        #expect(decode("a=3Db=3db=C3=BC", .quotedPrintable) == ("a=b=bü", []))
    }

    @Test("a soft line break vanishes, with blanks before its end, which are named, or without")
    func softBreak() {
        #expect(decode("one=\r\n two=\r\nthree=\nfour=", .quotedPrintable) == ("one twothreefour", []))
        #expect(decode("two= \t\r\nthree", .quotedPrintable) == ("twothree", [.badQuotedPrintable]))
    }

    @Test("blanks at the end of a line were added on the way, go, and are named; encoded ones stay")
    func trailingBlanks() {
        #expect(
            decode("one \t\r\ntwo=20\r\nthree \nfour ", .quotedPrintable) == (
                "one\r\ntwo \r\nthree\nfour", [.badQuotedPrintable]
            ))
        #expect(decode("two=20\r\n", .quotedPrintable) == ("two \r\n", []))
        #expect(decode("a =\r\nb", .quotedPrintable) == ("a b", []))
        #expect(decode(" \r\n", .quotedPrintable) == ("\r\n", [.badQuotedPrintable]))
    }

    @Test(
        "= without two digits stays as it is, and is named",
        arguments: ["a=ZZb", "a=4", "a==41", "=x\r\n", "50%=off"])
    func broken(text: String) {
        let result = decode(text, .quotedPrintable)
        #expect(result.defects == [.badQuotedPrintable])
        #expect(result.text == (text == "a==41" ? "a=A" : text))
    }

    @Test("octets that should be encoded stay, and are named")
    func raw() {
        #expect(decode("ü", .quotedPrintable) == ("ü", [.badQuotedPrintable]))
        #expect(decode("\0", .quotedPrintable) == ("\0", [.badQuotedPrintable]))
    }

    @Test("beyond the limit the output ends")
    func limit() {
        #expect(decode("abc=41", .quotedPrintable, octetsMax: 3) == ("abc", [.decodedTooLong]))
        #expect(decode("abc=41", .quotedPrintable, octetsMax: 4) == ("abcA", []))
        #expect(decode("abc", .quotedPrintable, octetsMax: 0) == ("", [.decodedTooLong]))
    }

    @Test(
        "7bit, 8bit and binary are what they are", arguments: [TransferEncoding.sevenBit, .eightBit, .binary])
    func identity(encoding: TransferEncoding) {
        #expect(decode("a=41 \r\n", encoding) == ("a=41 \r\n", []))
        #expect(decode("abc", encoding, octetsMax: 2) == ("ab", [.decodedTooLong]))
    }
}

@Suite("RFC 2045 §6.1: Content-Transfer-Encoding")
struct TransferEncodingTests {
    @Test(
        "names compare without case; comments and quotes don't hide them",
        arguments: [
            ("BASE64", TransferEncoding.base64), ("(x) Quoted-Printable (y)", .quotedPrintable),
            ("\"base64\"", .base64),
            ("7BIT", .sevenBit), ("8bit", .eightBit), ("binary", .binary),
        ])
    func names(body: String, encoding: TransferEncoding) {
        #expect(TransferEncoding.parse(Array(body.utf8)) == encoding)
    }

    @Test("anything else is no encoding", arguments: ["", "base-64", "x-uuencode", "(base64)"])
    func unknown(body: String) {
        #expect(TransferEncoding.parse(Array(body.utf8)) == nil)
    }
}
