// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

/// What the C library converts, or what we rewrite for it.
@Suite("Charsets of the world")
struct CharsetTests {
    @Test(
        "a text in each charset that mail carries reads as it was written",
        arguments: [
            ("koi8-r", "Привет, мир", [0xF0, 0xD2, 0xC9, 0xD7, 0xC5, 0xD4, 0x2C, 0x20, 0xCD, 0xC9, 0xD2]),
            ("KOI8-U", "Їжак", [0xB7, 0xD6, 0xC1, 0xCB]),
            ("windows-1251", "Привет", [0xCF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2]),
            ("iso-8859-5", "Привет", [0xBF, 0xE0, 0xD8, 0xD2, 0xD5, 0xE2]),
            (
                "iso-8859-2", "Žluťoučký kůň",
                [0xAE, 0x6C, 0x75, 0xBB, 0x6F, 0x75, 0xE8, 0x6B, 0xFD, 0x20, 0x6B, 0xF9, 0xF2]
            ),
            ("windows-1250", "Žluťoučký", [0x8E, 0x6C, 0x75, 0x9D, 0x6F, 0x75, 0xE8, 0x6B, 0xFD]),
            ("iso-8859-7", "Καλημέρα", [0xCA, 0xE1, 0xEB, 0xE7, 0xEC, 0xDD, 0xF1, 0xE1]),
            ("windows-1253", "Καλημέρα", [0xCA, 0xE1, 0xEB, 0xE7, 0xEC, 0xDD, 0xF1, 0xE1]),
            ("iso-8859-9", "İstanbul ğ", [0xDD, 0x73, 0x74, 0x61, 0x6E, 0x62, 0x75, 0x6C, 0x20, 0xF0]),
            ("windows-1254", "İstanbul ğ", [0xDD, 0x73, 0x74, 0x61, 0x6E, 0x62, 0x75, 0x6C, 0x20, 0xF0]),
            ("iso-8859-8-i", "שלום", [0xF9, 0xEC, 0xE5, 0xED]),
            ("windows-1255", "שלום", [0xF9, 0xEC, 0xE5, 0xED]),
            ("iso-8859-6", "مرحبا", [0xE5, 0xD1, 0xCD, 0xC8, 0xC7]),
            ("windows-1256", "مرحبا", [0xE3, 0xD1, 0xCD, 0xC8, 0xC7]),
            ("iso-8859-13", "Rīga", [0x52, 0xEE, 0x67, 0x61]),
            ("windows-1257", "Rīga", [0x52, 0xEE, 0x67, 0x61]),
            ("windows-874", "สวัสดี", [0xCA, 0xC7, 0xD1, 0xCA, 0xB4, 0xD5]),
            ("tis-620", "สวัสดี", [0xCA, 0xC7, 0xD1, 0xCA, 0xB4, 0xD5]),
            ("iso-8859-4", "Rīga", [0x52, 0xEF, 0x67, 0x61]),
            ("iso-8859-10", "Ísland", [0xCD, 0x73, 0x6C, 0x61, 0x6E, 0x64]),
            ("iso-8859-14", "ŵ", [0xF0]),
            (
                "iso-8859-16", "București ș",
                [0x42, 0x75, 0x63, 0x75, 0x72, 0x65, 0xBA, 0x74, 0x69, 0x20, 0xBA]
            ),
            ("iso-8859-3", "ĝis", [0xF8, 0x69, 0x73]),
            ("GB2312", "你好", [0xC4, 0xE3, 0xBA, 0xC3]),
            ("gbk", "你好囧", [0xC4, 0xE3, 0xBA, 0xC3, 0x87, 0xE5]),
            ("gb18030", "你好😀", [0xC4, 0xE3, 0xBA, 0xC3, 0x94, 0x39, 0xFC, 0x36]),
            ("big5", "你好", [0xA7, 0x41, 0xA6, 0x6E]),
            ("big5-hkscs", "你好", [0xA7, 0x41, 0xA6, 0x6E]),
            ("shift_jis", "こんにちは", [0x82, 0xB1, 0x82, 0xF1, 0x82, 0xC9, 0x82, 0xBF, 0x82, 0xCD]),
            (
                "windows-31j", "①こんにちは",
                [0x87, 0x40, 0x82, 0xB1, 0x82, 0xF1, 0x82, 0xC9, 0x82, 0xBF, 0x82, 0xCD]
            ),
            ("euc-jp", "こんにちは", [0xA4, 0xB3, 0xA4, 0xF3, 0xA4, 0xCB, 0xA4, 0xC1, 0xA4, 0xCF]),
            (
                "iso-2022-jp", "こんにちは, world",
                [
                    0x1B, 0x24, 0x42, 0x24, 0x33, 0x24, 0x73, 0x24, 0x4B, 0x24, 0x41, 0x24, 0x4F, 0x1B, 0x28,
                    0x42, 0x2C, 0x20, 0x77, 0x6F, 0x72, 0x6C, 0x64,
                ]
            ),
            ("euc-kr", "안녕하세요", [0xBE, 0xC8, 0xB3, 0xE7, 0xC7, 0xCF, 0xBC, 0xBC, 0xBF, 0xE4]),
            ("ks_c_5601-1987", "똠방각하", [0x8C, 0x63, 0xB9, 0xE6, 0xB0, 0xA2, 0xC7, 0xCF]),
            ("iso-2022-kr", "안녕", [0x1B, 0x24, 0x29, 0x43, 0x0E, 0x3E, 0x48, 0x33, 0x67, 0x0F]),
            ("johab", "안녕", [0xB4, 0x65, 0x91, 0x77]),
            ("hz-gb-2312", "你好", [0x7E, 0x7B, 0x44, 0x63, 0x3A, 0x43, 0x7E, 0x7D]),
            (
                "utf-7", "Hi Mom -☺-! 1+1",
                [
                    0x48, 0x69, 0x20, 0x4D, 0x6F, 0x6D, 0x20, 0x2D, 0x2B, 0x4A, 0x6A, 0x6F, 0x2D, 0x2D, 0x21,
                    0x20, 0x31, 0x2B, 0x2D, 0x31,
                ]
            ),
            ("utf-32be", "ü😀", [0x00, 0x00, 0x00, 0xFC, 0x00, 0x01, 0xF6, 0x00]),
            ("utf-32le", "ü😀", [0xFC, 0x00, 0x00, 0x00, 0x00, 0xF6, 0x01, 0x00]),
            ("utf-16", "ü😀", [0xFF, 0xFE, 0xFC, 0x00, 0x3D, 0xD8, 0x00, 0xDE]),
            ("macintosh", "üé", [0x9F, 0x8E]),
            ("cp437", "Ñandú", [0xA5, 0x61, 0x6E, 0x64, 0xA3]),
            ("cp850", "Ñandú", [0xA5, 0x61, 0x6E, 0x64, 0xA3]),
            ("cp852", "Žluť", [0xA6, 0x6C, 0x75, 0x9C]),
            ("cp866", "Привет", [0x8F, 0xE0, 0xA8, 0xA2, 0xA5, 0xE2]),
            ("x-mac-cyrillic", "Привет", [0x8F, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2]),
            ("windows-1258", "Việt", [0x56, 0x69, 0xEA, 0xF2, 0x74]),
            ("iso-2022-jp-ms", "①", [0x1B, 0x24, 0x42, 0x2D, 0x21, 0x1B, 0x28, 0x42]),
            ("cp50221", "ｱa", [0x1B, 0x28, 0x49, 0x31, 0x1B, 0x28, 0x42, 0x61]),
            (
                "iso-2022-jp-2", "你a안",
                [
                    0x1B, 0x24, 0x41, 0x44, 0x63, 0x1B, 0x28, 0x42, 0x61, 0x1B, 0x24, 0x28, 0x43, 0x3E, 0x48,
                ]
            ),
            ("unicode-1-1-utf-7", "+☺", [0x2B, 0x2D, 0x2B, 0x4A, 0x6A, 0x6F]),
        ] as [(String, String, [UInt8])])
    func reads(charset: String, text: String, octets: [UInt8]) {
        #expect(CharsetDecoding.knows(charset))
        #expect(CharsetDecoding.text(octets, charset: charset) == text)
        #expect(CharsetDecoding.text(octets, charset: charset.uppercased()) == text)
    }

    @Test("this machine has every conversion that we have a name for")
    func available() {
        #expect(CharsetDecoding.unavailable().isEmpty)
        #expect(Charset.systemNames.count > 50)
    }

    @Test(
        "a name that could mean more than a charset is unknown, and never reaches the C library",
        arguments: [
            "koi8-r//translit", "koi8-r//", "//ignore", "utf-8,koi8-r", "char", "wchar_t", "../koi8-r",
            "internal", "iso-2022-cn-ext", "iso-2022-jp-3", "ibm1390", "euc-kr\0", " euc-kr",
        ])
    func refused(charset: String) {
        #expect(!CharsetDecoding.knows(charset))
        #expect(CharsetDecoding.text([0x41, 0xFF], charset: charset) == "A\u{FFFD}")
    }

    @Test(
        "an octet without a meaning is replaced, and what follows it is read",
        arguments: [
            ("euc-kr", [0xFF, 0x41], "\u{FFFD}A"),
            ("gb18030", [0x41, 0xFF, 0xC4, 0xE3], "A\u{FFFD}你"),
            ("shift_jis", [0x82, 0xB1, 0x82], "こ\u{FFFD}"),
            ("iso-8859-7", [0xFF, 0x41], "\u{FFFD}A"),
            ("big5-hkscs", [0x88, 0x62, 0xFF], "\u{CA}\u{304}\u{FFFD}"),
            ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x24, 0x0A, 0x41], "\u{FFFD}\nA"),
            ("iso-2022-jp", [0x1B, 0x41, 0xE9, 0x1B], "\u{FFFD}A\u{FFFD}\u{FFFD}"),
            ("iso-2022-jp", [0x1B, 0x28, 0x51, 0x41], "\u{FFFD}"),
            ("iso-2022-kr", [0x1B, 0x41, 0x80], "\u{FFFD}A\u{FFFD}"),
            ("hz-gb-2312", [0x7E, 0x41, 0x7E], "\u{FFFD}A~"),
            ("utf-7", [0x2B, 0x4A, 0x6A, 0x80, 0x2B], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("utf-7", [0x2B, 0x32, 0x41, 0x41, 0x2D], "\u{FFFD}"),
            ("utf-32be", [0x00, 0x11, 0x00, 0x00, 0x41], "\u{FFFD}\u{FFFD}"),
            ("utf-32", [0xFF, 0xFE, 0x00, 0x00, 0x41, 0x00, 0x00, 0x00], "A"),
        ] as [(String, [UInt8], String)])
    func undecodable(charset: String, octets: [UInt8], text: String) {
        #expect(CharsetDecoding.text(octets, charset: charset) == text)
    }

    @Test("a text of nothing but broken octets costs no more than its length, and stays text")
    func broken() {
        let octets = [UInt8](repeating: 0xFF, count: 70_000) + [0x41]
        let text = CharsetDecoding.text(octets, charset: "euc-kr")
        #expect(text.unicodeScalars.count == 70_001)
        #expect(text.hasSuffix("\u{FFFD}A"))
    }

    @Test("a text that changes its language all the time is read for a thousand changes, and stays text")
    func manyLanguages() {
        let korean: [UInt8] = [0x1B, 0x24, 0x28, 0x43, 0x3E, 0x48]
        let japanese: [UInt8] = [0x1B, 0x24, 0x42, 0x24, 0x33]
        let octets = (0..<5_000).flatMap { _ in korean + japanese }
        let text = CharsetDecoding.text(octets, charset: "iso-2022-jp-2")
        #expect(text.hasPrefix("안こ안こ"))
        #expect(text.contains("\u{FFFD}"))
        #expect(text.unicodeScalars.count <= octets.count)
    }

    @Test("a long text is read whole, wherever the C library's output is full")
    func long() {
        let octets = [UInt8](repeating: 0xC4, count: 1) + [0xE3]
        let many = (0..<20_001).flatMap { _ in octets }
        let text = CharsetDecoding.text(many, charset: "gbk")
        #expect(text.unicodeScalars.count == 20_001)
        #expect(text.unicodeScalars.allSatisfy { $0 == "你" })
    }

    @Test("any octets in any charset are text, of at most three octets for each, and one more at the end")
    func anyOctets() {
        var lot = Lot(seed: 7)
        for name in Charset.systemNames + ["iso-2022-jp", "iso-2022-kr", "hz", "utf-7", "utf-16", "utf-32"] {
            for count in [0, 1, 2, 3, 5, 50, 333] {
                let octets = (0..<count).map { _ in
                    lot.next(below: 3) == 0 ? 0x1B : UInt8(truncatingIfNeeded: lot.next(below: 256))
                }
                let text = CharsetDecoding.text(octets, charset: name)
                #expect(text.utf8.count <= 3 * count + 3, "\(name) \(octets)")
            }
        }
    }

    @Test("many threads convert at once")
    func threads() async {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    (0..<200).allSatisfy { _ in
                        CharsetDecoding.text([0xF0, 0xD2], charset: "koi8-r") == "Пр"
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
