// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

/// The defects of a message's fields, its content aside.
private func defects(_ fields: String) -> [MessageDefect] {
    ReferenceMessages.tree(fields + "\n\nx\n").defects
}

@Suite("RFC 5322: header fields of a message")
struct RFC5322Tests {
    private static let whole = "From: a@b\nDate: Mon, 2 Nov 2026 10:00:00 +0000"

    @Test("§3.6: From and Date are required, and enough")
    func required() {
        #expect(defects(Self.whole).isEmpty)
        #expect(defects("Subject: x") == [.missingFrom, .missingDate])
    }

    @Test(
        "§3.6: these fields stand at most once",
        arguments: [
            ("From", MessageDefect.duplicateFrom), ("Sender", .duplicateSender),
            ("Reply-To", .duplicateReplyTo),
            ("To", .duplicateTo), ("Cc", .duplicateCc), ("Bcc", .duplicateBcc),
            ("Subject", .duplicateSubject),
            ("Date", .duplicateDate), ("Message-ID", .duplicateMessageID),
            ("In-Reply-To", .duplicateInReplyTo), ("References", .duplicateReferences),
        ])
    func once(name: String, defect: MessageDefect) {
        #expect(!defects(Self.whole + "\nX-Other: a@b").contains(defect))
        let twice = "\n\(name): a@b\n\(name.uppercased()): a@b"
        #expect(defects(Self.whole + twice).contains(defect))
        #expect(defects(Self.whole + twice + twice).filter { $0 == defect }.count == 1)
    }

    @Test(
        "§3.6: others may stand as often as they like",
        arguments: ["Received", "Comments", "Keywords", "Resent-From"])
    func often(name: String) {
        #expect(defects(Self.whole + "\n\(name): a@b\n\(name): a@b").isEmpty)
    }

    @Test("§3.6: a message in a message needs neither From nor Date, but has each once, too")
    func inner() {
        let outer = Self.whole + "\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n"
        #expect(defects(outer + "Subject: x").isEmpty)
        #expect(defects(outer + "From: a@b\nFrom: c@d") == [.duplicateFrom])
    }

    @Test("§3.6: a part's fields aren't a message's")
    func part() {
        let text =
            Self.whole + "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nTo: a\nTo: b"
        #expect(ReferenceMessages.tree(text + "\n\nx\n--b--\n").defects.isEmpty)
    }

    @Test("§3.6.2: several authors need a sender")
    func authors() {
        #expect(defects("From: a@b, c@d\nDate: x") == [.severalAuthors])
        #expect(defects("From: a@b, c@d\nSender: a@b\nDate: x").isEmpty)
    }

    @Test(
        "§3.4: who it is from must be an address",
        arguments: ["", "a@b <c@d>", "Ann", "<a@b", "a@b c@d", ";"])
    func author(body: String) {
        let found = defects("From: \(body)\nDate: x")
        #expect(
            body == "Ann" || body == "a@b <c@d>" ? !found.contains(.missingFrom) : found == [.brokenAddress])
    }

    @Test("§2.1.1: a line has at most 998 octets, of a header or of a body")
    func lines() {
        let long = String(repeating: "x", count: 998)
        #expect(ReferenceMessages.tree(Self.whole + "\n\n\(long)\n").defects.isEmpty)
        #expect(ReferenceMessages.tree(Self.whole + "\n\n\(long)x\n").defects == [.lineTooLong])
        let name = "Subject: "
        let text = String(repeating: "x", count: 998 - name.utf8.count)
        #expect(defects(Self.whole + "\n\(name)\(text)").isEmpty)
        #expect(defects(Self.whole + "\n\(name)\(text)x") == [.headerLineTooLong])
        #expect(defects(Self.whole + "\n\(name)\(text)\n \(text)").isEmpty)
    }

    @Test("§2.2: a field has no control characters but tabs", arguments: [1, 8, 11, 12, 27, 31, 127])
    func controls(code: UInt8) {
        let field = Self.whole + "\nSubject: a" + String(UnicodeScalar(code)) + "b"
        #expect(defects(field) == [.controlInHeader])
        #expect(defects(Self.whole + "\nSubject: a\tb").isEmpty)
    }

    @Test("§2.2: a name is printable; anything else makes the line no field")
    func names() {
        #expect(defects("A!#$%'*+-.^_`|~z: x\n" + Self.whole).isEmpty)
        for line in ["Content-Type\u{1}: text/html", "\u{FEFF}From: a@b", "Su bject: x"] {
            #expect(
                ReferenceMessages.message(Self.whole + "\n\(line)\n\nx").header.defects.contains(
                    .headerCutShort))
        }
    }
}

@Suite("RFC 6532: UTF-8 in header fields")
struct RFC6532Tests {
    private static let whole = "From: a@b\r\nDate: x\r\n"

    private func defects(_ octets: [UInt8], _ head: String = whole) -> [MessageDefect] {
        Message(parsing: MessageBytes(Array((head + "Subject: ").utf8) + octets + Array("\r\n\r\nx".utf8)))
            .parts().defects
    }

    @Test("§3.1: UTF-8 is told from other octets")
    func utf8() {
        #expect(defects(Array("Grüße 漢字 😀".utf8)) == [.eightBitInHeader])
        for octets: [UInt8] in [
            [0xFC], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] {
            #expect(defects(octets) == [.notUTF8InHeader, .eightBitInHeader])
        }
    }

    @Test("§3.7: within a message/global UTF-8 is no defect, other octets are")
    func global() {
        let head = Self.whole + "MIME-Version: 1.0\r\nContent-Type: message/global\r\n\r\n"
        #expect(defects(Array("Grüße".utf8), head).isEmpty)
        #expect(defects([0xFC], head) == [.notUTF8InHeader, .eightBitInHeader])
        let deep = head + "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
        #expect(defects(Array("Grüße".utf8), deep).isEmpty)
    }

    @Test("§3.7: an encoded message/global is allowed, stays a leaf and is named")
    func encoded() {
        let tree = ReferenceMessages.tree(
            "Content-Type: message/global\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==\n")
        #expect(tree.root.children.isEmpty)
        #expect(tree.formDefects == [.encodedMessage])
    }
}
