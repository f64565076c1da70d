// SPDX-License-Identifier: MIT

import Mail
import Testing

@Suite("RFC 5228 §3.1: if, elsif, else")
struct IfTests {
    private let example = """
        if header :contains ["From"] ["coyote"] {
           redirect "acm@example.com";
        } elsif header :contains "Subject" "$$$" {
           redirect "postmaster@example.com";
        } else {
           redirect "field@example.com";
        }
        """

    @Test("exactly one block of a chain runs: the RFC's example")
    func chain() throws {
        #expect(try Trial().actions(example) == ["redirect acm@example.com"])
        #expect(
            try Trial(message: Trial.youCouldBeRich).actions(example) == ["redirect postmaster@example.com"])
        #expect(
            try Trial(message: "From: a@example.org\n\n").actions(example) == ["redirect field@example.com"])
    }

    @Test("what follows a chain runs in any case")
    func after() throws {
        #expect(
            try Trial().actions("if false { discard; } elsif true { keep; } else { discard; } discard;") == [
                "keep", "discard",
            ])
    }

    @Test("blocks nest, and may be empty")
    func nested() throws {
        #expect(
            try Trial().actions("if true { if false { discard; } else { if true {} keep; } }") == ["keep"])
    }

    @Test("elsif and else without an if, and behind an else, are errors")
    func misplaced() {
        #expect(
            Compiling.places("elsif true { stop; }\nelse { stop; }") == [
                "1:1: elsif stands here without an if before it"
            ])
        #expect(
            Compiling.places("if true {}\nkeep;\nelse {}") == [
                "3:1: else stands here without an if before it"
            ])
        #expect(
            Compiling.places("if true {} else {}\nelsif true {}\nelse {}") == [
                "2:1: elsif stands behind an else", "3:1: else stands behind an else",
            ])
    }

    @Test("an if needs one test and a block")
    func shape() {
        #expect(Compiling.places("if { stop; }") == ["1:1: if has no test"])
        #expect(Compiling.places("if true;") == ["1:1: if has no block, but a semicolon"])
        #expect(
            Compiling.places("if (true, false) { stop; }") == [
                "1:1: if takes one test, but a list in parentheses stands here"
            ])
        #expect(Compiling.places("if true {} else true { stop; }") == ["1:17: else takes no test"])
        #expect(Compiling.places("if \"x\" true {}") == ["1:4: if takes no a string before its test"])
        #expect(Compiling.places("if true {} else if false {}") == ["1:17: \"else if\" is not Sieve"])
        #expect(
            Compiling.places("if true\nkeep;") == ["1:7: the if command has no block, but \"keep\" follows"])
    }
}

@Suite("RFC 5228 §3.2: require")
struct RequireTests {
    @Test("what is supported may be required, alone, in lists, and again")
    func supported() {
        #expect(
            Compiling.places(
                """
                require ["fileinto", "reject", "ereject", "envelope", "encoded-character", "copy"];
                require "vnd.postern.gateway"; require ["hold", "jettison"];
                require ["comparator-i;octet", "comparator-i;ascii-casemap", "copy"];
                """) == [])
    }

    @Test("what isn't is refused by its name, each")
    func unsupported() {
        #expect(
            Compiling.places("require [\"fileinto\", \"vocation\",\n  \"imap5flags\"];") == [
                "1:22: the capability \"vocation\" is not supported",
                "2:3: the capability \"imap5flags\" is not supported",
            ])
    }

    @Test("capabilities compare with case")
    func caseMatters() {
        let complaints = Compiling.complaints("require \"FileInto\";")
        #expect(complaints.map(\.message) == ["the capability \"FileInto\" is not supported"])
        #expect(complaints.map(\.help) == ["capabilities compare with case: write \"fileinto\""])
    }

    @Test("require behind another command, or in a block, is an error")
    func late() {
        #expect(
            Compiling.places("keep;\nrequire \"fileinto\";\nif true { require \"copy\"; }") == [
                "2:1: require stands behind another command", "3:11: require stands behind another command",
            ])
    }

    @Test("without require, an extension is as if it weren't there")
    func missing() {
        #expect(
            Compiling.places("fileinto \"a\";\nif envelope \"from\" \"x\" { reject \"no\"; hold; }") == [
                "1:1: the fileinto command is used without require \"fileinto\"",
                "2:4: the envelope test is used without require \"envelope\"",
                "2:26: the reject command is used without require \"reject\"",
                "2:39: the hold command is used without require \"hold\"",
            ])
    }
}

@Suite("RFC 5228 §3.3: stop")
struct StopTests {
    @Test("stop ends the script; an implicit keep that stands is taken")
    func stops() throws {
        #expect(try Trial().actions("stop; discard;") == ["implicit keep"])
        #expect(try Trial().actions("if true { keep; stop; } discard;") == ["keep"])
        #expect(try Trial().actions("if false { stop; } discard;") == ["discard"])
    }
}
