// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("An edition")
struct EditionTests {
    private let lines = Array("X-Ours: 1\r\n".utf8)

    private func make(_ text: String, removing: [String], prepending: [UInt8] = []) -> (Edition, String) {
        let message = ReferenceMessages.message(text)
        let edition = Edition.make(
            from: message.header, bytes: message.bytes, removing: removing, prepending: prepending)
        return (edition, String(decoding: edition.bytes(of: message.bytes), as: UTF8.self))
    }

    @Test("unchanged is the message as it came")
    func unchanged() {
        let bytes = ReferenceMessages.crlf(ReferenceMessages.rich)
        let edition = Edition.unchanged(octets: bytes.count)
        #expect(edition.bytes(of: bytes) == bytes.bytes(in: 0..<bytes.count))
        #expect(edition.octets == bytes.count)
    }

    @Test("pieces come in their order, ours between those received")
    func pieces() {
        let bytes = MessageBytes(Array("abcdef".utf8))
        let edition = Edition(pieces: [.original(4..<6), .inserted(Array("-".utf8)), .original(0..<2)])
        #expect(edition.bytes(of: bytes) == Array("ef-ab".utf8))
        #expect(edition.octets == 5)
    }

    @Test("a range beyond the received bytes is cut to them")
    func beyond() {
        let bytes = MessageBytes(Array("abc".utf8))
        #expect(
            Edition(pieces: [.original(1..<9), .original(7..<Int.max)]).bytes(of: bytes) == Array("bc".utf8))
    }

    @Test("lines are put at the top, and the message is one piece")
    func prepending() {
        let (edition, text) = make("A: 1\nB: 2\n\nbody\n", removing: [], prepending: lines)
        #expect(text == "X-Ours: 1\r\nA: 1\r\nB: 2\r\n\r\nbody\r\n")
        #expect(edition.pieces == [.inserted(lines), .original(0..<20)])
    }

    @Test("whole fields go by name, folded lines included, in any case")
    func removing() {
        let (_, text) = make("A: 1\nX-Spam: a\n b\nB: 2\nx-SPAM: c\n\nX-Spam: body\n", removing: ["x-spam"])
        #expect(text == "A: 1\r\nB: 2\r\n\r\nX-Spam: body\r\n")
    }

    @Test("a name that ends in an asterisk stands for every name that begins so")
    func prefixes() {
        let (_, text) = make("X-Virus: 0\nX-Virus-A: 1\nX-VIRUS-b: 2\nB: 3\n\n", removing: ["x-virus-*"])
        #expect(text == "X-Virus: 0\r\nB: 3\r\n\r\n")
    }

    @Test("neighbours that stay are one range")
    func merging() {
        let (edition, text) = make("A: 1\nB: 2\nX: 3\nX: 4\nC: 5\nD: 6\n\nbody", removing: ["x"])
        #expect(edition.pieces == [.original(0..<12), .original(24..<42)])
        #expect(text == "A: 1\r\nB: 2\r\nC: 5\r\nD: 6\r\n\r\nbody")
    }

    @Test("the whole header may go")
    func all() {
        let (_, text) = make("A: 1\nB: 2\n\nbody", removing: ["*"], prepending: lines)
        #expect(text == "X-Ours: 1\r\n\r\nbody")
    }

    @Test("a header that ended without an empty line gets one, so that the body can't continue our lines")
    func cutShort() {
        #expect(
            make("A: 1\nno field\n", removing: [], prepending: lines).1
                == "X-Ours: 1\r\nA: 1\r\n\r\nno field\r\n")
        #expect(make(" folded\n", removing: [], prepending: lines).1 == "X-Ours: 1\r\n\r\n folded\r\n")
        #expect(make("A: 1\nno field\n", removing: ["a"]).1 == "\r\nno field\r\n")
    }

    @Test("a mailbox file's From line is left out")
    func mbox() {
        #expect(make("From x\nA: 1\n\nb", removing: [], prepending: lines).1 == "X-Ours: 1\r\nA: 1\r\n\r\nb")
    }

    @Test("an empty message and one without a body can be edited")
    func small() {
        #expect(make("", removing: ["a"], prepending: lines).1 == "X-Ours: 1\r\n")
        #expect(make("A: 1\n", removing: ["a"]).1 == "")
        #expect(make("\nbody", removing: [], prepending: lines).1 == "X-Ours: 1\r\n\r\nbody")
    }

    @Test("what it is survives its record")
    func coding() throws {
        let edition = Edition(pieces: [.inserted([1, 2, 255]), .original(3..<9)])
        #expect(try JSONRoundTrip.of(edition) == edition)
    }
}
