// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("Charsets")
struct CharsetDecodingTests {
    @Test(
        "each charset has its own euro, or none",
        arguments: [
            ("utf-8", [0xE2, 0x82, 0xAC], "€"),
            ("ISO-8859-15", [0xA4], "€"),
            ("iso-8859-1", [0xA4], "¤"),
            ("Windows-1252", [0x80], "€"),
            ("utf-16be", [0x20, 0xAC], "€"),
            ("utf-16le", [0xAC, 0x20], "€"),
        ] as [(String, [UInt8], String)])
    func euro(charset: String, octets: [UInt8], text: String) {
        #expect(CharsetDecoding.knows(charset))
        #expect(CharsetDecoding.text(octets, charset: charset) == text)
    }

    @Test("ISO-8859-1 is the first 256 code points, ISO-8859-15 all but eight of them")
    func latin() {
        let all = (UInt8.min...UInt8.max).map { $0 }
        let latin1 = CharsetDecoding.text(all, charset: "latin1").unicodeScalars.map(\.value)
        #expect(latin1 == (0...255).map { UInt32($0) })
        let latin9 = CharsetDecoding.text(all, charset: "iso-8859-15").unicodeScalars.map(\.value)
        #expect(zip(latin1, latin9).filter { $0 != $1 }.count == 8)
    }

    @Test("the five empty places of Windows-1252 are replaced")
    func windows() {
        let text = CharsetDecoding.text((0x80...0x9F).map { UInt8($0) }, charset: "cp1252")
        #expect(text.unicodeScalars.filter { $0.value == 0xFFFD }.count == 5)
        #expect(text.hasPrefix("€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ"))
    }

    @Test("UTF-16 is big-endian unless its mark says otherwise, and the mark is no text")
    func utf16() {
        #expect(CharsetDecoding.text([0x00, 0x41], charset: "utf-16") == "A")
        #expect(CharsetDecoding.text([0xFE, 0xFF, 0x00, 0x41], charset: "utf-16") == "A")
        #expect(CharsetDecoding.text([0xFF, 0xFE, 0x41, 0x00], charset: "utf-16") == "A")
        #expect(CharsetDecoding.text([0xFF, 0xFE], charset: "utf-16") == "")
        #expect(CharsetDecoding.text([0xD8, 0x3D, 0xDE, 0x00], charset: "utf-16be") == "😀")
    }

    @Test("lone surrogates and odd octets are replaced")
    func brokenUTF16() {
        #expect(CharsetDecoding.text([0xD8, 0x3D, 0x00, 0x41], charset: "utf-16be") == "\u{FFFD}A")
        #expect(CharsetDecoding.text([0x00, 0x41, 0x00], charset: "utf-16be") == "A\u{FFFD}")
    }

    @Test(
        "an unknown, empty or missing charset is UTF-8 with replacement", arguments: [nil, "", "x-unknown"])
    func unknown(charset: String?) {
        #expect(CharsetDecoding.text([0xC3, 0xBC, 0xFF], charset: charset) == "ü\u{FFFD}")
        if let charset { #expect(!CharsetDecoding.knows(charset)) }
    }
}
