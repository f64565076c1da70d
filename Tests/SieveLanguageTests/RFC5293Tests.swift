// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("RFC 5293: editheader")
struct RFC5293Tests {
    private let trial = Trial(
        message: """
            Received: by a
            Subject: one
            X-Tag: alpha
            X-Tag: beta
            X-Tag: gamma

            text

            """)

    private let head = "require [\"editheader\", \"variables\", \"relational\", \"fileinto\"];\n"

    @Test("§4: a field is added at the top, or with :last at the end; the rest stays octet for octet")
    func adding() throws {
        #expect(
            try trial.edited(head + #"addheader "X-New" "first"; addheader :last "X-Old" "last";"#) == """
                X-New: first
                Received: by a
                Subject: one
                X-Tag: alpha
                X-Tag: beta
                X-Tag: gamma
                X-Old: last

                text

                """)
    }

    @Test("a script that edits nothing leaves no edition")
    func untouched() throws {
        #expect(try trial.edited(head + #"deleteheader "X-None"; keep;"#) == nil)
    }

    @Test(
        "§5: fields go by name, number and value",
        arguments: [
            (#"deleteheader "x-tag";"#, [String]()), (#"deleteheader :index 1 "x-tag";"#, ["beta", "gamma"]),
            (#"deleteheader :index 1 :last "x-tag";"#, ["alpha", "beta"]),
            (#"deleteheader :contains "x-tag" ["alp", "gam"];"#, ["beta"]),
            (#"deleteheader :index 2 :is "x-tag" "alpha";"#, ["alpha", "beta", "gamma"]),
            (#"deleteheader :matches "x-tag" "?eta";"#, ["alpha", "gamma"]),
        ])
    func deleting(script: String, left: [String]) throws {
        let edited = try trial.edited(head + script)
        let lines = (edited ?? Trial.wireless(trial.message)).split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("X-Tag: ") }.map { String($0.dropFirst(7)) } == left)
    }

    @Test("§6: Received and Auto-Submitted can't be deleted, without an error")
    func protected() throws {
        #expect(try trial.edited(head + #"deleteheader "Received"; deleteheader "auto-submitted";"#) == nil)
    }

    @Test("tests see the header as it is by then")
    func seen() throws {
        let script =
            head + """
                if header "x-tag" "beta" { deleteheader :is "x-tag" "beta"; }
                if not header "x-tag" "beta" { addheader "X-New" "n"; }
                if header "x-new" "n" { fileinto "yes"; }
                """
        #expect(try trial.actions(script) == ["fileinto yes"])
    }

    @Test("text beyond ASCII is encoded, long text folded, and nothing in a value begins a field of its own")
    func hostileValues() throws {
        let long = String(repeating: "word ", count: 40)
        let edited = try #require(
            try trial.edited(
                head
                    + "set \"v\" \"a\r\nX-Forged: yes\"; addheader \"X-A\" \"${v}\"; "
                    + "addheader \"X-B\" \"Grüße aus Köln\";"
                    + "addheader \"X-C\" \"\(long)\";"))
        let message = Message(parsing: MessageBytes(Trial.wire(edited)))
        #expect(message.header.fields.map(\.name).prefix(3) == ["X-C", "X-B", "X-A"])
        #expect(message.header.first(named: "x-forged") == nil)
        let field = try #require(message.header.first(named: "x-b"))
        #expect(message.header.decoded(field, in: message.bytes) == "Grüße aus Köln")
        #expect(edited.utf8.allSatisfy { $0 < 0x80 })
        #expect(edited.split(separator: "\n").allSatisfy { $0.utf8.count <= 78 })
    }

    @Test("a name that no field can have, and a field that is too long, are errors")
    func errors() throws {
        #expect(!Compiling.complaints(head + #"addheader "X Y" "a";"#).isEmpty)
        #expect(!Compiling.complaints(head + #"deleteheader "X:";"#).isEmpty)
        let long = String(repeating: "a", count: 3_000)
        #expect(!Compiling.complaints(head + "addheader \"X-A\" \"\(long)\";").isEmpty)
        let script =
            "require [\"editheader\", \"variables\"]; set \"a\" \"\(long)\"; addheader \"X-A\" \"${a}\";"
        #expect(try trial.outcome(script).error?.contains("would have more than") == true)
    }

    @Test("§4: line ends in a value are folds; other control characters can't stand in a field")
    func values() throws {
        #expect(
            try trial.edited(head + "addheader \"X-A\" text:\none\n  two\n\nthree\n.\n;")?
                .hasPrefix("X-A: one\n two\n three\n") == true)
        let script = """
            require ["editheader", "variables"];
            addheader "X-A" "one
            two"; if header "x-a" "one two" { discard; }
            """
        #expect(try trial.actions(script) == ["discard"])
        let head = "require [\"editheader\", \"encoded-character\", \"variables\"]; "
        #expect(Compiling.complaints(head + #"addheader "X-A" "a${hex:00}";"#).count == 1)
        #expect(Compiling.complaints(head + #"addheader "X-A" "a${hex:07}";"#).count == 1)
        #expect(
            try trial.outcome(head + #"set "a" "b${hex:0D}c"; addheader "X-A" "${a}";"#).error?
                .contains("can't stand in a header field") == true)
    }

    @Test("§7: each delivery has the header of its own moment, and size counts what was edited")
    func moments() throws {
        let script = """
            require ["editheader", "fileinto", "copy"];
            addheader "X-A" "b"; fileinto "one"; deleteheader "X-A"; redirect :copy "ann@example.org";
            addheader "X-C" "d"; keep;
            """
        let outcome = try trial.outcome(script)
        let bytes = MessageBytes(Trial.wire(trial.message))
        let texts = outcome.actions.map {
            String(decoding: $0.edition?.bytes(of: bytes) ?? [], as: UTF8.self)
        }
        #expect(texts.map { $0.hasPrefix("X-A: b") } == [true, false, false])
        #expect(texts.map { $0.hasPrefix("X-C: d") } == [false, false, true])
        let octets = Trial.wire(trial.message).count
        #expect(
            try trial.actions(
                "require \"editheader\"; addheader \"X-A\" \"b\"; if size :over \(octets + 7) { discard; }")
                == ["discard"])
    }

    @Test("§6: the subject is every script's to add and to delete")
    func subject() throws {
        var trial = trial
        trial.settings.undeletableFields = ["subject"]
        trial.settings.unaddableFields = ["subject"]
        #expect(
            try trial.actions(head + #"deleteheader "Subject"; if not exists "subject" { discard; }"#)
                == ["discard"])
    }
}

extension Trial {
    static func wireless(_ text: String) -> String { text }
}
