// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("A hostile message costs a bounded amount")
struct MessageLimitsTests {
    /// Whether all ranges lie in the message, children in their parents, siblings in order.
    private func checkRanges(_ tree: PartTree, octets: Int, sourceLocation: SourceLocation = #_sourceLocation)
    {
        var numbers: Set<String> = []
        for part in tree.all {
            #expect(part.headerRange.lowerBound >= 0, sourceLocation: sourceLocation)
            #expect(part.headerRange.upperBound <= part.bodyRange.lowerBound, sourceLocation: sourceLocation)
            #expect(part.bodyRange.upperBound <= octets, sourceLocation: sourceLocation)
            #expect(numbers.insert(part.number).inserted, sourceLocation: sourceLocation)
            for field in part.header.fields {
                #expect(field.range.upperBound <= part.headerRange.upperBound, sourceLocation: sourceLocation)
                #expect(field.range.lowerBound < field.body.lowerBound, sourceLocation: sourceLocation)
                #expect(field.body.upperBound == field.range.upperBound, sourceLocation: sourceLocation)
            }
            var end = part.bodyRange.lowerBound
            for child in part.children {
                #expect(child.headerRange.lowerBound >= end, sourceLocation: sourceLocation)
                end = child.bodyRange.upperBound
            }
            #expect(end <= part.bodyRange.upperBound || part.children.isEmpty, sourceLocation: sourceLocation)
        }
    }

    @Test("CRLF and LF give the same tree")
    func lineEnds() {
        let texts = [ReferenceMessages.rich, MultipartTests.simple]
        for text in texts {
            let crlf = Message(parsing: ReferenceMessages.crlf(text))
            let lf = Message(parsing: ReferenceMessages.lf(text))
            #expect(
                ReferenceMessages.outline(crlf.parts().root) == ReferenceMessages.outline(lf.parts().root))
            #expect(crlf.parts().formDefects.isEmpty)
            #expect(lf.parts().formDefects == [.bareLF])
            for (one, other) in zip(crlf.parts().leaves, lf.parts().leaves) {
                let unix = one.decodedBody(in: crlf.bytes).filter { $0 != 0x0D }
                #expect(unix == other.decodedBody(in: lf.bytes))
                #expect(one.filename == other.filename)
            }
        }
    }

    @Test("a message cut at any octet is read, and every range lies in it")
    func cuts() {
        for bytes in [
            ReferenceMessages.crlf(ReferenceMessages.rich), ReferenceMessages.lf(ReferenceMessages.rich),
        ] {
            let all = bytes.bytes(in: 0..<bytes.count)
            for end in 0...all.count {
                let message = Message(parsing: MessageBytes(all[..<end]))
                let tree = message.parts()
                checkRanges(tree, octets: end)
                for leaf in tree.leaves { _ = leaf.decodedBody(in: message.bytes) }
                for field in message.header.fields { _ = message.header.decoded(field, in: message.bytes) }
            }
        }
    }

    @Test("a message that begins at any octet is read, and every range lies in it")
    func tails() {
        let bytes = ReferenceMessages.crlf(ReferenceMessages.rich)
        for start in 0...bytes.count {
            let message = Message(parsing: MessageBytes(bytes.bytes(in: start..<bytes.count)))
            checkRanges(message.parts(), octets: message.bytes.count)
        }
    }

    @Test("a thousand damaged messages are read, and every range lies in them")
    func damage() {
        let original = ReferenceMessages.crlf(ReferenceMessages.rich)
        let octets = original.bytes(in: 0..<original.count)
        var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
        let pieces = [
            "--inner", "--outer=_1--", "\r\n", "\n", "\r", "\0", ":", "=", "(", "\"", "boundary=", "*0*=",
            " ",
        ]
        .map { Array($0.utf8) }
        for _ in 0..<1_000 {
            var damaged = octets
            for _ in 0..<Int(random.next() % 8) + 1 {
                let place = Int(random.next() % UInt64(damaged.count))
                switch random.next() % 4 {
                case 0: damaged[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: damaged.remove(at: place)
                case 2:
                    let end = min(damaged.count, place + Int(random.next() % 64))
                    damaged.insert(
                        contentsOf: damaged[place..<end], at: random.next() & 1 == 0 ? place : 0)
                default:
                    damaged.insert(contentsOf: pieces[Int(random.next() % UInt64(pieces.count))], at: place)
                }
            }
            let message = Message(parsing: MessageBytes(damaged))
            let tree = message.parts()
            checkRanges(tree, octets: damaged.count)
            for leaf in tree.leaves { _ = leaf.text(in: message.bytes) }
            for field in message.header.fields {
                _ = AddressList.parse(message.header.unfolded(field, in: message.bytes))
            }
        }
    }

    @Test("10,000 nested multiparts end at nestingDepthMax")
    func nestedMultiparts() {
        var text = ""
        for depth in 0..<10_000 {
            text += "Content-Type: multipart/mixed; boundary=b\(depth)x\n\n--b\(depth)x\n"
        }
        let message = ReferenceMessages.message(text)
        let tree = message.parts()
        #expect(tree.all.count == MessageLimits().nestingDepthMax + 1)
        #expect(tree.formDefects.contains(.tooDeep))
        #expect(tree.leaves.map(\.type) == ["multipart/mixed"])
        checkRanges(tree, octets: message.bytes.count)
    }

    @Test("10,000 nested messages end at nestingDepthMax")
    func nestedMessages() {
        let message = ReferenceMessages.message(
            String(repeating: "Content-Type: message/rfc822\n\n", count: 10_000) + "Subject: x\n\ny")
        let tree = message.parts()
        #expect(tree.all.count == MessageLimits().nestingDepthMax + 1)
        #expect(tree.formDefects == [.tooDeep])
        #expect(tree.leaves.map(\.type) == ["message/rfc822"])
        checkRanges(tree, octets: message.bytes.count)
    }

    @Test("a part that is too deep ends where the delimiter around it says")
    func tooDeepEnds() {
        var limits = MessageLimits()
        limits.nestingDepthMax = 1
        let tree = ReferenceMessages.tree(ReferenceMessages.rich, limits: limits)
        #expect(
            ReferenceMessages.outline(tree.root)
                == "- multipart/mixed (1 multipart/alternative, 2 application/pdf, "
                + "3 message/rfc822, 4 multipart/digest)")
        #expect(tree.formDefects == [.tooDeep])
    }

    @Test("a million parts end at partsMax; the rest is one opaque leaf")
    func manyParts() {
        let text =
            "Content-Type: multipart/mixed; boundary=b\n\n"
            + String(repeating: "--b\n\nx\n", count: 1_000_000)
        let message = Message(parsing: ReferenceMessages.lf(text))
        let tree = message.parts()
        #expect(tree.leaves.count == MessageLimits().partsMax)
        #expect(Set(tree.formDefects) == [.tooManyParts, .bareLF])
        #expect(tree.leaves.last?.type == "application/octet-stream")
        #expect(tree.leaves.last?.bodyRange.upperBound == message.bytes.count)
        checkRanges(tree, octets: message.bytes.count)
    }

    @Test("a message beyond partsMax stays a leaf")
    func partsAndMessages() {
        var limits = MessageLimits()
        limits.partsMax = 2
        let text = "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: x\n\n"
        let tree = ReferenceMessages.tree(text, limits: limits)
        #expect(ReferenceMessages.outline(tree.root) == "1 message/rfc822 (1.1 message/rfc822)")
        #expect(tree.formDefects == [.tooManyParts])
    }

    @Test("fields of all parts together end at treeFieldsMax")
    func manyFields() {
        var limits = MessageLimits()
        limits.treeFieldsMax = 10
        let text =
            "Content-Type: multipart/mixed; boundary=b\n\n"
            + String(repeating: "--b\nA: 1\nB: 2\nC: 3\n\nx\n", count: 5) + "--b--\n"
        let tree = ReferenceMessages.tree(text, limits: limits)
        #expect(tree.all.reduce(0) { $0 + $1.header.fields.count } == 10)
        #expect(tree.formDefects == [.tooManyFields])
        #expect(tree.leaves.count == 5)
    }

    @Test("a Content-Type of a million parameters is read to parametersMax")
    func manyParameters() {
        var body = Array("text/plain".utf8)
        for number in 0..<1_000_000 { body += Array(";p\(number)=v".utf8) }
        let parsed = ContentType.parse(body)
        #expect(parsed.type.parameters.parameters.count == MessageLimits().parametersMax)
        #expect(parsed.defects == [.tooManyParameters])
        let bytes = Array("Content-Type: ".utf8) + body + Array("\r\n\r\nx".utf8)
        let message = Message(parsing: MessageBytes(bytes))
        #expect(message.header.defects == [.headerLineTooLong, .headerTooLong])
        #expect(message.parts().root.type == "text/plain")
    }

    @Test("lines of dashes against fifty open boundaries are read once")
    func dashes() {
        var text = ""
        for depth in 0..<50 { text += "Content-Type: multipart/mixed; boundary=a\(depth)\n\n--a\(depth)\n" }
        text += "\n" + String(repeating: "--a\n", count: 100_000)
        let message = Message(parsing: ReferenceMessages.lf(text))
        #expect(message.parts().all.count == 51)
    }

    @Test("a body beyond decodedOctetsMax is cut, and it is named")
    func decoded() {
        var limits = MessageLimits()
        limits.decodedOctetsMax = 5
        let message = ReferenceMessages.message("A: b\n\n0123456789")
        let decoding = message.parts().root.decoding(in: message.bytes, limits: limits)
        #expect(decoding.octets == Array("01234".utf8))
        #expect(decoding.defects == [.decodedTooLong])
    }

    @Test("every defect's name is its case, so that rules and logs can rely on it")
    func names() {
        #expect(MessageDefect.twoBoundaries.rawValue == "twoBoundaries")
        #expect(Set(MessageDefect.allCases.map(\.rawValue)).count == MessageDefect.allCases.count)
    }
}

/// A generator with a fixed start, so that a failing run can be repeated.
private struct Xorshift {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
