// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("Properties of any message")
struct MessagePropertyTests {
    private static func rich() -> [UInt8] {
        let bytes = ReferenceMessages.crlf(ReferenceMessages.rich)
        return bytes.bytes(in: 0..<bytes.count)
    }

    /// The rich message with up to eight places changed.
    private static func damaged(_ seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed)
        var bytes = rich()
        let pieces = [
            "--inner", "--outer=_1--", "--outer=_1\r\n", "\r\n", "\n", "\r", "\0", ":", "=", "(", "\"",
            "boundary=",
            "*0*=", " ", "begin 644 x\r\n#0V%T\r\n", "=ybegin size=3 line=1 name=x\r\n", "ü", "=?utf-8?Q?a",
            "\r\nContent-Type: text/html\r\n",
        ]
        for _ in 0...random.below(8) {
            let place = random.below(bytes.count)
            switch random.below(4) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.remove(at: place)
            case 2:
                let end = min(bytes.count, place + random.below(64))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: bytes.insert(contentsOf: Array(random.pick(pieces).utf8), at: place)
            }
        }
        return bytes
    }

    /// The subject as people see it, blanks counted once.
    private func subject(_ message: Message) -> [Substring]? {
        message.header.first(named: "subject").map {
            FieldWriter.withoutControls(message.header.decoded($0, in: message.bytes))
                .split { $0 == " " || $0 == "\t" }
        }
    }

    /// Whether a canonical edition was made. What was made has to be clean and to say the same.
    private func check(_ bytes: [UInt8], _ seed: UInt64) -> Bool {
        let message = Message(parsing: MessageBytes(bytes))
        guard let canonical = CanonicalMessage(of: message, tree: message.parts()) else { return false }
        let written = canonical.edition.bytes(of: message.bytes)
        let again = Message(parsing: MessageBytes(written))
        let defects = again.parts().allDefects(in: again.bytes)
        #expect(defects.allSatisfy { $0.remedy == .kept }, "seed \(seed): \(defects)")
        #expect(SeenPart.list(again) == SeenPart.list(message), "seed \(seed)")
        #expect(subject(again) == subject(message), "seed \(seed)")
        let twice = CanonicalMessage(of: again, tree: again.parts())
        #expect(twice?.edition == .unchanged(octets: written.count), "seed \(seed)")
        return true
    }

    @Test(
        "ambiguous messages are rewritten: no defect that could be rewritten is left, and the parts are the same"
    )
    func ambiguous() {
        var rewritten = 0
        for seed in 1...600 as ClosedRange<UInt64> {
            var writer = AmbiguousMessages(seed: seed)
            if check(writer.message(), seed) { rewritten += 1 }
        }
        // What is left are multiparts that the damage emptied.
        #expect(rewritten > 500, "\(rewritten) of 600")
    }

    @Test("damaged messages are rewritten so, or not at all")
    func damaged() {
        var rewritten = 0
        for seed in 1...600 as ClosedRange<UInt64> where check(Self.damaged(seed), seed) { rewritten += 1 }
        #expect(rewritten > 300, "\(rewritten) of 600")
    }

    @Test("read and written back, a message is the same byte for byte")
    func identity() {
        for seed in 1...200 as ClosedRange<UInt64> {
            let bytes = Self.damaged(seed)
            let message = Message(parsing: MessageBytes(bytes))
            #expect(Edition.unchanged(octets: bytes.count).bytes(of: message.bytes) == bytes)
        }
    }

    @Test("parts lie in the message, in their order, and files in texts in their parts")
    func ranges() {
        for seed in 1...600 as ClosedRange<UInt64> {
            var writer = AmbiguousMessages(seed: seed)
            for bytes in [Self.damaged(seed), writer.message()] {
                let tree = Message(parsing: MessageBytes(bytes)).parts()
                for part in tree.all {
                    #expect(part.headerRange.upperBound <= part.bodyRange.lowerBound)
                    #expect(part.bodyRange.upperBound <= bytes.count)
                    var end = part.bodyRange.lowerBound
                    for child in part.children {
                        #expect(child.headerRange.lowerBound >= end)
                        if let delimiter = child.delimiter {
                            #expect(delimiter.lowerBound >= end)
                            #expect(delimiter.upperBound <= child.headerRange.lowerBound)
                        }
                        end = child.bodyRange.upperBound
                        #expect(end <= part.bodyRange.upperBound)
                    }
                    for file in part.embedded {
                        #expect(file.range.clamped(to: part.bodyRange) == file.range)
                        #expect(file.dataRange.clamped(to: file.range) == file.dataRange)
                    }
                }
            }
        }
    }

    @Test("CRLF and LF line ends give the same parts")
    func lineEnds() {
        for seed in 1...300 as ClosedRange<UInt64> {
            var writer = AmbiguousMessages(seed: seed)
            let lf = writer.message().filter { $0 != 0x0D }
            var crlf: [UInt8] = []
            for byte in lf {
                if byte == 0x0A { crlf.append(0x0D) }
                crlf.append(byte)
            }
            let one = Message(parsing: MessageBytes(lf)).parts()
            let other = Message(parsing: MessageBytes(crlf)).parts()
            #expect(
                ReferenceMessages.outline(one.root) == ReferenceMessages.outline(other.root), "seed \(seed)")
            #expect(one.all.map(\.filename) == other.all.map(\.filename), "seed \(seed)")
            #expect(
                Set(one.defects).subtracting([.bareLF]) == Set(other.defects).subtracting([.bareLF]),
                "seed \(seed)")
        }
    }

    @Test("a message cut at any octet is read, rewritten or not, and every range lies in it")
    func cuts() {
        var writer = AmbiguousMessages(seed: 7)
        let bytes = Self.rich() + writer.message()
        for end in stride(from: 0, through: bytes.count, by: 3) {
            let message = Message(parsing: MessageBytes(bytes[..<end]))
            let tree = message.parts()
            for part in tree.all {
                #expect(part.bodyRange.upperBound <= end)
                #expect(part.closeDelimiter?.upperBound ?? 0 <= end)
            }
            _ = CanonicalMessage.edition(of: message, tree: tree)
        }
    }
}
