// SPDX-License-Identifier: MIT

import Testing

@testable import SMTPProtocol

@Suite("RFC 5321 §4.5.2: dots put on, and only CRLF goes out")
struct ContentEncoderTests {
    private func encode(_ pieces: [[UInt8]]) -> [UInt8] {
        var encoder = ContentEncoder()
        var wire: [UInt8] = []
        for piece in pieces { piece.withUnsafeBytes { encoder.encode($0, into: &wire) } }
        return wire + encoder.finish()
    }

    private func everyCut(_ bytes: [UInt8]) -> Set<[UInt8]> {
        var wires: Set = [encode([bytes]), encode(bytes.map { [$0] })]
        for cut in bytes.indices.dropFirst() {
            wires.insert(encode([Array(bytes[..<cut]), Array(bytes[cut...])]))
        }
        return wires
    }

    @Test(
        "what goes out for what is in, at any cut",
        arguments: [
            ("", ".\r\n"), ("a", "a\r\n.\r\n"), ("a\r\n", "a\r\n.\r\n"), (".", "..\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            ("..\r\n.a\r\n", "...\r\n..a\r\n.\r\n"), ("a.b\r\n", "a.b\r\n.\r\n"), ("a\nb", "a\r\nb\r\n.\r\n"),
            ("a\rb", "a\r\nb\r\n.\r\n"), ("a\n.\n", "a\r\n..\r\n.\r\n"), ("a\r.\r", "a\r\n..\r\n.\r\n"),
            ("a\r\r\n", "a\r\n\r\n.\r\n"), ("\n", "\r\n.\r\n"), ("\r", "\r\n.\r\n"),
            ("\n\r", "\r\n\r\n.\r\n"),
            ("\r\n.\r\n", "\r\n..\r\n.\r\n"), ("\r\n\n.\n", "\r\n\r\n..\r\n.\r\n"),
            ("a\0b\r\n", "a\0b\r\n.\r\n"),
            ("\r\n\r", "\r\n\r\n.\r\n"), ("x\r\n\n", "x\r\n\r\n.\r\n"),
        ])
    func encoding(_ content: String, _ wire: String) {
        #expect(everyCut(Array(content.utf8)) == [Array(wire.utf8)])
    }

    @Test("content that needs no change goes out as it is, in one piece")
    func unchanged() {
        let content = Array(String(repeating: "some line of text.\r\n", count: 100).utf8)
        var encoder = ContentEncoder()
        var consumed = 0
        let piece = content.withUnsafeBytes { encoder.encode($0, consumed: &consumed) }
        #expect(piece == .bytes(0..<content.count) && consumed == content.count)
        #expect([UInt8]().withUnsafeBytes { encoder.encode($0, consumed: &consumed) } == .needMore)
        #expect(encoder.finish() == Array(".\r\n".utf8))
    }

    @Test("content longer than a window, cut there within a line end")
    func windows() {
        let filler = Array(repeating: UInt8(ascii: "x"), count: ContentEncoder.windowOctetsMax - 1)
        let content = filler + Array("\r\n.y\r\n".utf8)
        #expect(encode([content]) == filler + Array("\r\n..y\r\n.\r\n".utf8))
    }

    @Test(
        "one message in, one message out: no content ends early or leaves a bare CR or LF",
        arguments: 0..<100 as Range<UInt64>)
    func smugglingOut(_ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let alphabet: [UInt8] = [0x0D, 0x0A, 0x2E, 0x2E, 0x61, 0x00]
        let content = (0..<200).map { _ in alphabet.randomElement(using: &numbers) ?? 0 }
        let wires = everyCut(content)
        #expect(wires.count == 1, "seed \(seed)")
        guard let wire = wires.first else { return }
        var decoder = ContentDecoder()
        var decoded: [UInt8] = []
        var offset = 0
        var isEnded = false
        while !isEnded, offset < wire.count {
            var consumed = 0
            let rest = Array(wire[offset...])
            switch rest.withUnsafeBytes({ decoder.decode($0, consumed: &consumed) }) {
            case .needMore: offset = .max
            case .bytes(let range): decoded += rest[range]
            case .end: isEnded = true
            }
            if offset < wire.count { offset += consumed }
        }
        #expect(isEnded && offset == wire.count && decoder.fault == nil, "seed \(seed)")
        #expect(decoded == Self.normalized(content), "seed \(seed)")
    }

    /// Every CRLF, lone CR and lone LF as CRLF, and one at the end.
    private static func normalized(_ content: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        var index = 0
        while index < content.count {
            let byte = content[index]
            if byte == 0x0D || byte == 0x0A {
                lines += [0x0D, 0x0A]
                if byte == 0x0D, index + 1 < content.count, content[index + 1] == 0x0A { index += 1 }
            } else {
                lines.append(byte)
            }
            index += 1
        }
        return lines.isEmpty || lines.suffix(2) == [0x0D, 0x0A] ? lines : lines + [0x0D, 0x0A]
    }
}
