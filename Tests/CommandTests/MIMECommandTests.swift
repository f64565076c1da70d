// SPDX-License-Identifier: MIT
import Glibc
import Testing

@Suite("postern mime parse")
struct MIMECommandTests {
    private static func parse(_ lines: [String]) throws -> Program {
        let folder = try Folder()
        try folder.write(lines.joined(separator: "\r\n"), to: "m")
        return try Program.run("mime", "parse", "m", in: folder)
    }

    @Test("answers the tree of parts, each with number, type, charset, file name, sizes and digest")
    func tree() throws {
        let ran = try Self.parse([
            "From: a@example.org", "Date: Mon, 2 Nov 2026 10:00:00 +0000", "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: Text/Plain; charset=UTF-8",
            "", "hello",
            "--b", "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment; filename=\"a b.bin\"", "", "aGVsbG8=", "--b--", "",
        ])
        #expect(ran.status == 0)
        #expect(ran.errors.isEmpty)
        let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        #expect(
            ran.output == #"{"type":"multipart/mixed","parts":["#
                + #"{"number":"1","type":"text/plain","charset":"utf-8","filename":null,"disposition":null,"encoding":"7bit","#
                + #""size":5,"decoded_size":5,"sha256":"\#(digest)","defects":[]},"#
                + #"{"number":"2","type":"application/octet-stream","charset":null,"filename":"a b.bin","#
                + #""disposition":"attachment","encoding":"base64","size":8,"decoded_size":5,"sha256":"\#(digest)","#
                + #""defects":[]}],"defects":[]}"# + "\n")
    }

    @Test("a message that is no multipart is its own part 1, and one inside another has parts of its own")
    func nested() throws {
        let plain = try Self.parse(["Subject: x", "", "text"]).json()
        #expect(plain["type"] == .text("text/plain"))
        #expect(plain["parts"]?[0]?["number"] == .text("1"))
        #expect(plain["parts"]?[1] == nil)
        let forwarded = try Self.parse([
            "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: message/rfc822", "",
            "Content-Type: multipart/alternative; boundary=c", "", "--c", "", "one", "--c", "", "two",
            "--c--", "--b--", "",
        ]).json()
        let message = forwarded["parts"]?[0]
        #expect(message?["type"] == .text("message/rfc822"))
        let inner = message?["parts"]?[0]
        #expect(inner?["type"] == .text("multipart/alternative"))
        #expect(inner?["parts"]?[1]?["number"] == .text("1.2"))
        #expect(inner?["parts"]?[1]?["parts"] == nil)
    }

    @Test("what is wrong is named, in bodies too; any bytes are read")
    func defects() throws {
        let broken = try Self.parse([
            "From: a@example.org", "Date: Mon, 2 Nov 2026 10:00:00 +0000", "MIME-Version: 1.0",
            "Content-Transfer-Encoding: base64", "Content-Disposition: attachment; filename=\"a\u{1B}b\"", "",
            "aGVsb#G8",
        ]).json()
        #expect(
            broken["defects"]?.texts.sorted()
                == ["controlInFileName", "controlInHeader", "junkInBase64", "truncatedBase64"])
        #expect(broken["parts"]?[0]?["filename"] == .text("a\u{1B}b"))
        let folder = try Folder()
        try folder.write([0x00, 0xFF, 0x0A, 0x0D, 0x00], to: "m")
        let garbage = try Program.run("mime", "parse", "m", in: folder)
        #expect(garbage.status == 0)
        #expect(try garbage.json()["defects"]?.texts.contains("nul") == true)
    }

    @Test("files in a text are listed beside it, with their own defects")
    func embedded() throws {
        let ran = try Self.parse(["Subject: x", "", "see", "begin 644 cat.txt", "#0V%T", "`", "end", ""])
            .json()
        let file = ran["parts"]?[0]?["files"]?[0]
        #expect(file?["kind"] == .text("uuencode"))
        #expect(file?["filename"] == .text("cat.txt"))
        #expect(file?["decoded_size"] == .number(3))
        #expect(
            file?["sha256"] == .text("48735c4fae42d1501164976afec76730b9e5fe467f680bdd8daff4bb77674045"))
        #expect(ran["defects"]?.texts.contains("embeddedFile") == true)
        let fragment = try Self.parse([
            "Subject: x", "", "=ybegin part=2 total=3 line=128 size=9 name=y", "=ypart begin=4 end=6", "abc",
            "=yend size=3 part=2", "",
        ]).json()
        #expect(fragment["parts"]?[0]?["files"]?[0]?["part"] == .number(2))
        #expect(fragment["defects"]?.texts.contains("embeddedFragment") == true)
    }

    @Test("a file that isn't there, a folder, and gigabytes are complaints, not answers")
    func unreadable() throws {
        let folder = try Folder()
        try folder.write([], to: "huge")
        #expect(truncate(folder.path + "/huge", 5 << 30) == 0)
        for name in ["missing", ".", "huge"] {
            let ran = try Program.run("mime", "parse", name, in: folder)
            #expect(ran.status == 2)
            #expect(ran.output.isEmpty)
            #expect(ran.errors.contains(name))
        }
    }
}
