// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("Files that are written into texts: uuencode")
struct UUEncodeTests {
    private func files(_ body: String) -> (files: [EmbeddedFile], message: Message) {
        let message = ReferenceMessages.message(DefectSample.head + "\n" + body)
        return (message.parts().root.embedded, message)
    }

    @Test("a file is its name, its range in the received bytes, its size and its octets")
    func whole() throws {
        let (files, message) = files("see\n\(DefectSample.cat)bye\n")
        let file = try #require(files.first)
        #expect(files.count == 1)
        #expect(file.kind == .uuencode)
        #expect(file.name == "cat.txt")
        #expect(file.size == 3)
        #expect(file.defects.isEmpty)
        let text = String(decoding: message.bytes.bytes(in: file.range), as: UTF8.self)
        #expect(text == DefectSample.cat.replacing("\n", with: "\r\n"))
        #expect(file.decoding(in: message.bytes).octets == Array("Cat".utf8))
        #expect(file.decoding(in: message.bytes).defects.isEmpty)
    }

    static func uuencode(_ octets: [UInt8], name: String) -> String {
        var text = "begin 600 \(name)\n"
        var rest = octets[...]
        while !rest.isEmpty {
            let line = Array(rest.prefix(45))
            rest = rest.dropFirst(45)
            text.unicodeScalars.append(Unicode.Scalar(UInt8(line.count) + 0x20))
            var index = 0
            while index < line.count {
                var group = UInt32(line[index]) << 16
                if index + 1 < line.count { group |= UInt32(line[index + 1]) << 8 }
                if index + 2 < line.count { group |= UInt32(line[index + 2]) }
                for shift in [UInt32(18), 12, 6, 0] {
                    let sextet = UInt8(group >> shift & 0x3F)
                    text.unicodeScalars.append(Unicode.Scalar(sextet == 0 ? 0x60 : sextet + 0x20))
                }
                index += 3
            }
            text += "\n"
        }
        return text + "`\nend\n"
    }

    @Test("what was encoded is decoded, whatever its length, piece by piece too")
    func roundTrip() throws {
        for length in [1, 2, 3, 44, 45, 46, 1_000, 200_001] {
            var random = SeededRandom(UInt64(length))
            let octets = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next() >> 40) }
            let (files, message) = files("text\n" + Self.uuencode(octets, name: "a b.bin") + "\n")
            let file = try #require(files.first)
            #expect(file.name == "a b.bin")
            #expect(file.size == length)
            #expect(file.defects.isEmpty)
            var decoder = file.decoder(in: message.bytes)
            var decoded: [UInt8] = []
            while let piece = decoder.next() {
                #expect(piece.count < 70_000)
                decoded += piece
            }
            #expect(decoded == octets)
        }
    }

    @Test("blanks at the end of a line may be gone, and then are zeros; that is named")
    func strippedBlanks() throws {
        let (files, message) = files("begin 644 z\n#0P\n`\nend\n")
        let file = try #require(files.first)
        #expect(file.defects == [.brokenUUEncode])
        #expect(file.decoding(in: message.bytes).octets == [0x43, 0, 0])
    }

    @Test(
        "a sentence that begins so is none",
        arguments: [
            "begin 644 people came\nand went\n", "begin with this\nM is a letter\n", "begin\n#0V%T\n",
            "begin 644 x\n",
            " begin 644 x\n#0V%T\nend\n", "begin 644 x\n\nend\n",
        ])
    func sentence(text: String) {
        #expect(files(text).files.isEmpty)
    }

    @Test("two blanks instead of a mode are enough for some readers, and so for us")
    func withoutMode() {
        #expect(files("begin  x.exe\n#0V%T\n`\nend\n").files.map(\.name) == ["x.exe"])
    }

    @Test("a second file begins although the first has no end")
    func second() {
        let (files, _) = files("begin 644 one\n#0V%T\n\(DefectSample.cat)")
        #expect(files.map(\.name) == ["one", "cat.txt"])
        #expect(files.map(\.defects) == [[.truncatedUUEncode], []])
    }

    @Test("a file is found in a text of an encoding that nobody knows, and after base64 is undone")
    func encodings() throws {
        let unknown = ReferenceMessages.tree(
            "Content-Type: a/b\nContent-Transfer-Encoding: x-uuencode\n\n" + DefectSample.cat)
        #expect(unknown.root.embedded.map(\.name) == ["cat.txt"])
        let encoded = String(
            decoding: TransferEncoder.base64(Array(DefectSample.cat.utf8)), as: UTF8.self)
        let message = ReferenceMessages.message("Content-Transfer-Encoding: base64\n\n" + encoded + "\n")
        let part = message.parts().root
        #expect(part.embedded.isEmpty)
        #expect(part.embedded(inDecoded: part.decodedBody(in: message.bytes)).map(\.name) == ["cat.txt"])
        #expect(message.parts().allDefects(in: message.bytes).contains(.embeddedFile))
        let binary = ReferenceMessages.tree("Content-Type: a/b\n\n" + DefectSample.cat)
        #expect(binary.root.embedded.isEmpty)
    }
}

@Suite("Files that are written into texts: yEnc")
struct YEncTests {
    static func yEnc(_ octets: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        var column = 0
        for octet in octets {
            let coded = octet &+ 42
            if [0, 0x0A, 0x0D, 0x3D].contains(coded) {
                text += [0x3D, coded &+ 64]
            } else {
                text.append(coded)
            }
            column += 1
            if column == 128 {
                text += [0x0D, 0x0A]
                column = 0
            }
        }
        return text + (column > 0 ? [0x0D, 0x0A] : [])
    }

    private static let all = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }

    private func file(_ head: String, _ data: [UInt8], _ tail: String) -> (
        file: EmbeddedFile?, message: Message
    ) {
        let bytes =
            Array(
                "Content-Type: text/plain; charset=x\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\(head)\r\n"
                    .utf8)
            + data + Array("\(tail)\r\nafter\r\n".utf8)
        let message = Message(parsing: MessageBytes(bytes))
        return (message.parts().root.embedded.first, message)
    }

    private func checksum(_ octets: [UInt8]) -> String {
        var checksum = EmbeddedFileDecoder.Checksum()
        checksum.add(octets)
        return String(checksum.value, radix: 16)
    }

    @Test("CRC-32 of its check string")
    func checkString() { #expect(checksum(Array("123456789".utf8)) == "cbf43926") }

    @Test("a file with every octet is decoded, its size and checksum being right")
    func whole() throws {
        let (found, message) = file(
            "=ybegin line=128 size=100000 name=all \"of\" it.bin ", Self.yEnc(Self.all),
            "=yend size=100000 crc32=\(checksum(Self.all))")
        let file = try #require(found)
        #expect(file.kind == .yEnc)
        #expect(file.name == "all \"of\" it.bin")
        #expect(file.size == 100_000)
        #expect(file.declaredSize == 100_000)
        #expect(file.partNumber == nil)
        let decoding = file.decoding(in: message.bytes)
        #expect(decoding.octets == Self.all)
        #expect(decoding.defects.isEmpty)
    }

    @Test("another checksum is named once the file is decoded")
    func wrongChecksum() throws {
        let (found, message) = file(
            "=ybegin line=128 size=3 name=x", Self.yEnc(Array("Cat".utf8)), "=yend size=3 crc32=00000001")
        let file = try #require(found)
        #expect(file.defects.isEmpty)
        #expect(file.decoding(in: message.bytes).defects == [.embeddedChecksumMismatch])
    }

    @Test("one part of several is named, with its number and the checksum of the part")
    func fragment() throws {
        let piece = Array(Self.all[50_000...])
        let (found, message) = file(
            "=ybegin part=2 total=2 line=128 size=100000 name=x\r\n=ypart begin=50001 end=100000",
            Self.yEnc(piece),
            "=yend size=50000 part=2 pcrc32=\(checksum(piece)) crc32=12345678")
        let file = try #require(found)
        #expect(file.defects == [.embeddedFragment])
        #expect(file.partNumber == 2)
        #expect(file.declaredSize == 50_000)
        #expect(file.decoding(in: message.bytes).octets == piece)
        #expect(file.decoding(in: message.bytes).defects == [.embeddedFragment])
    }

    @Test("a single part that is the whole file is no fragment")
    func onlyPart() throws {
        let (found, _) = file(
            "=ybegin part=1 total=1 line=128 size=3 name=x\r\n=ypart begin=1 end=3",
            Self.yEnc(Array("Cat".utf8)),
            "=yend size=3 part=1")
        #expect(try #require(found).defects.isEmpty)
    }

    @Test(
        "a size that isn't there, an odd one, no end: named",
        arguments: [
            ("=ybegin line=128 size=4 name=x", "=yend size=3", [MessageDefect.embeddedSizeMismatch]),
            ("=ybegin line=128 size=3 name=x", "=yend size=9", [.embeddedSizeMismatch]),
            ("=ybegin line=128 size=-3 name=x", "=yend size=3", [.brokenYEnc]),
            ("=ybegin line=128 size=3 name=x", "=yend size=3 crc32=xyz", [.brokenYEnc]),
            ("=ybegin line=128 size=99999999999999999999 name=x", "=yend size=3", [.brokenYEnc]),
        ])
    func broken(head: String, tail: String, defects: [MessageDefect]) throws {
        let (found, _) = file(head, Self.yEnc(Array("Cat".utf8)), tail)
        #expect(try #require(found).defects == defects)
    }

    @Test("a cut at any octet is read, and the file's size is what decoding gives")
    func cuts() {
        let head = "A: b\r\n\r\n=ybegin line=128 size=300 name=x\r\n"
        let bytes = Array(head.utf8) + Self.yEnc(Self.all[..<300]) + Array("=yend size=300\r\n".utf8)
        for end in 0...bytes.count {
            let message = Message(parsing: MessageBytes(bytes[..<end]))
            for file in message.parts().root.embedded {
                #expect(file.range.upperBound <= end)
                #expect(file.decoding(in: message.bytes).octets.count == file.size)
            }
        }
    }

    @Test("a line of megabytes is decoded in pieces, escapes across them too")
    func longLine() throws {
        let octets = [UInt8](repeating: 0x13, count: 300_000)
        let (found, message) = file(
            "=ybegin line=128 size=300000 name=x", Array("=}".utf8).repeated(300_000) + [0x0D, 0x0A],
            "=yend size=300000")
        let file = try #require(found)
        #expect(file.size == 300_000)
        #expect(file.decoding(in: message.bytes).octets == octets)
    }
}

extension [UInt8] {
    fileprivate func repeated(_ times: Int) -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(count * times)
        for _ in 0..<times { all += self }
        return all
    }
}
