// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Lookups

@Suite("Record data off the wire, as text")
struct RecordTextTests {
    private func text(_ bytes: [UInt8], _ type: DNSQuestion.RecordType) -> String? {
        bytes.withUnsafeBytes { RecordText.text($0, type: type) }
    }

    private func name(_ labels: String...) -> [UInt8] {
        labels.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    @Test("addresses have their length, or are none")
    func addresses() {
        #expect(text([127, 0, 0, 2], .a) == "127.0.0.2")
        #expect(
            text([0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7], .aaaa) == "2001:db8::7")
        for length in [0, 3, 5, 15, 17] {
            #expect(text([UInt8](repeating: 1, count: length), .a) == nil)
            #expect(text([UInt8](repeating: 1, count: length), .aaaa) == nil)
        }
        #expect(text([UInt8](repeating: 1, count: 16), .a) == nil)
    }

    @Test("the strings of a TXT record are joined")
    func strings() {
        #expect(text([3] + Array("v=s".utf8) + [2] + Array("pf".utf8), .txt) == "v=spf")
        #expect(text([0], .txt) == "")
        #expect(text([0, 1, 0x61, 0], .txt) == "a")
        let long = [UInt8](repeating: 0x78, count: 255)
        #expect(text([255] + long + [255] + long, .txt)?.utf8.count == 510)
    }

    @Test("octets that aren't printable ASCII are escaped, and so is the backslash (RFC 1035 §5.1)")
    func escapes() {
        #expect(text([5, 0, 9, 0x7F, 0xFF, 0x5C], .txt) == #"\000\009\127\255\092"#)
        #expect(text([6] + Array("a\" ;.b".utf8), .txt) == "a\" ;.b")
    }

    @Test("strings whose lengths lie are no text")
    func brokenStrings() {
        #expect(text([], .txt) == nil)
        #expect(text([1], .txt) == nil)
        #expect(text([2, 0x61], .txt) == nil)
        #expect(text([1, 0x61, 255, 0x61], .txt) == nil)
    }

    @Test("names are lower case without their last dot")
    func names() {
        #expect(text(name("MX", "Example", "TEST"), .ptr) == "mx.example.test")
        #expect(text(name("a"), .cname) == "a")
        #expect(text([0], .ptr) == ".")
        #expect(text([0, 10] + name("mx", "test"), .mx) == "10 mx.test")
        #expect(text([0xFF, 0xFF, 0], .mx) == "65535 .")
    }

    @Test("a dot within a label doesn't pass for the end of one")
    func dots() {
        #expect(text([7] + Array("a.b\\c d".utf8) + [0], .ptr) == #"a\046b\092c d"#)
        #expect(text([2, 0xC3, 0xBC, 0], .ptr) == #"\195\188"#)
    }

    @Test("names that don't end, point elsewhere, go on or are too long are none")
    func brokenNames() {
        for bytes: [UInt8] in [
            [], [1], [1, 0x61], [2, 0x61, 0], [0xC0, 0x0C], [1, 0x61, 0xC0, 0x00],
            [64] + [UInt8](repeating: 0x61, count: 64) + [0],
            [0, 0], name("a") + [1],
        ] {
            #expect(text(bytes, .ptr) == nil, "\(bytes)")
            #expect(text([0, 1] + bytes, .mx) == nil, "\(bytes)")
        }
        let labels = { (count: Int) -> [UInt8] in
            [UInt8]((0..<(2 * count)).map { $0 % 2 == 0 ? 1 : 0x61 }) + [0]
        }
        #expect(text(labels(127), .ptr)?.utf8.count == 253)
        #expect(text(labels(128), .ptr) == nil)
        #expect(text(labels(30_000), .ptr) == nil)
        #expect(text([], .mx) == nil)
        #expect(text([0, 1], .mx) == nil)
    }

    @Test("TLSA: three numbers and the data in hexadecimal digits")
    func tlsa() {
        #expect(text([3, 1, 1, 0x0A, 0xFF], .tlsa) == "3 1 1 0aff")
        #expect(text([3, 1, 1], .tlsa) == nil)
    }

    @Test("no bytes are a reason to crash", arguments: DNSQuestion.RecordType.allCases)
    func garbage(type: DNSQuestion.RecordType) {
        var state: UInt64 = 42
        for length in 0..<2_000 {
            var bytes: [UInt8] = []
            for _ in 0..<(length % 40) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(state >> 40 & (state >> 50 & 3 == 0 ? 0xFF : 0x07)))
            }
            let text = text(bytes, type) ?? ""
            #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
    }
}
