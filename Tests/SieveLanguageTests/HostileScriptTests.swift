// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("A hostile script")
struct HostileScriptTests {
    @Test("ten thousand nested ifs are refused by a named limit, closed or not", arguments: [true, false])
    func nestedBlocks(isClosed: Bool) {
        let script =
            String(repeating: "if true {\n", count: 10_000)
            + (isClosed ? String(repeating: "}", count: 10_000) : "")
        let places = Compiling.places(script)
        #expect(places.contains("33:9: blocks are nested more than 32 levels deep"))
        #expect(places.count == (isClosed ? 1 : 2))
    }

    @Test(
        "ten thousand nested tests are refused by a named limit",
        arguments: ["not ", "allof (true, ", "anyof ("])
    func nestedTests(opening: String) {
        let script = "if " + String(repeating: opening, count: 10_000) + "true { stop; }"
        #expect(
            Compiling.places(script).contains { $0.hasSuffix("tests are nested more than 32 levels deep") })
    }

    @Test("thirty-two levels of blocks and of tests are taken")
    func deepest() throws {
        #expect(
            try Trial().actions(
                String(repeating: "if true {", count: 32) + "discard;" + String(repeating: "}", count: 32))
                == ["discard"])
        #expect(try Trial().holds(String(repeating: "not ", count: 30) + "not true") == false)
    }

    @Test("a script of 1 MB compiles and runs up to its limit; one octet more is refused unread")
    func large() throws {
        let command = "keep;\n"
        let count = 1_048_576 / command.utf8.count
        let script =
            String(repeating: command, count: count) + String(repeating: " ", count: 1_048_576 - count * 6)
        #expect(Compiling.complaints(script) == [])
        #expect(
            try Trial().outcome(script).error
                == "test.sieve:50001: the script executed more than 50000 instructions")
        #expect(
            Compiling.places(script + " ") == [
                "1:1: the script has 1048577 octets; at most 1048576 are read"
            ])
    }

    @Test("a list and a command take so many strings and arguments, and not one more")
    func counts() {
        var limits = SieveLimits()
        limits.listStringsMax = 3
        limits.argumentsMax = 3
        #expect(Compiling.places("if exists [\"a\", \"b\", \"c\"] {}", limits: limits) == [])
        #expect(
            Compiling.places("if exists [\"a\", \"b\", \"c\", \"d\", \"e\"] {}", limits: limits) == [
                "1:27: the list has more than 3 strings"
            ])
        #expect(
            Compiling.places("if header :is \"a\" \"b\" \"c\" \"d\" {}", limits: limits).contains(
                "1:23: header has more than 3 arguments"))
    }

    @Test(
        "patterns that make backtracking explode take linear time",
        arguments: [
            "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "*a*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab*",
            "*****************b",
        ])
    func globs(pattern: String) throws {
        let trial = Trial(message: "Subject: \(String(repeating: "a", count: 100_000))\n\n")
        #expect(try trial.holds("header :matches \"Subject\" \"\(pattern)\"") == false)
    }

    @Test("a pattern whose question marks cost too much ends in a named error")
    func costlyGlob() throws {
        var trial = Trial(message: "Subject: \(String(repeating: "a", count: 50_000))\n\n")
        let pattern = "*" + String(repeating: "?a", count: 500) + "b*"
        let script = "\nif header :matches \"Subject\" \"\(pattern)\" { discard; }"
        let outcome = try trial.outcome(script)
        #expect(outcome.error == "test.sieve:2: a :matches pattern took more than 5000000 steps on one value")
        #expect(outcome.implicitKeep)
        trial.limits.wildcardStepsMax = 100_000_000
        #expect(try trial.outcome(script).error == nil)
    }

    @Test("a substring that nearly matches everywhere takes linear time")
    func substring() throws {
        let trial = Trial(message: "Subject: \(String(repeating: "a", count: 100_000))\n\n")
        let key = String(repeating: "a", count: 20_000) + "b"
        #expect(try trial.holds("header :contains \"Subject\" \"\(key)\"") == false)
    }

    @Test("a rich script cut at any byte compiles or complains")
    func cuts() {
        let script = Array(
            """
            require ["fileinto", "copy", "envelope", "reject", "encoded-character", "hold"];
            /* bracket */ # hash
            if allof (header :contains :comparator "i;octet" ["Subject", "X"] ["a\\"b", "${hex:41}"],
                      not anyof (size :over 100K, exists "Date", envelope :domain "from" "x")) {
                fileinto :copy "a"; redirect "\\"A, B\\" <c@example.org>"; stop;
            } elsif address :matches :localpart ["to", "cc"] "?*" { reject text: # why
            ..dot
            no
            .
            ; } else { hold "h"; }
            """.utf8)
        #expect(Compiling.complaints(script) == [])
        for end in 0..<script.count {
            _ = Compiling.complaints(Array(script[..<end]))
            _ = Compiling.complaints(Array(script[end...]))
            var holed = script
            holed[end] = [0x00, 0x22, 0x28, 0x7B, 0x7D, 0x0D, 0xFF, 0x5B][end % 8]
            _ = Compiling.complaints(holed)
        }
    }

    @Test("bytes folded into the alphabet of the language compile or complain", arguments: 0..<40)
    func noise(seed: UInt64) {
        let words = [
            "if ", "elsif ", "else ", "{", "}", "(", ")", "[", "]", ",", ";", "not ", "allof ", "true ",
            "header ",
            ":is ", ":copy ", ":comparator ", "\"from\" ", "\"", "text:\n", ".\n", "1K ", "/*", "*/", "#",
            "\n",
            "require ", "\"fileinto\" ", "redirect ", "\"a@example.org\" ", "size ", ":over ", "\\", "${hex:",
            "\u{0}",
        ]
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var script = ""
        for _ in 0..<400 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            script += words[Int(state % UInt64(words.count))]
        }
        let complaints = Compiling.complaints(script)
        #expect(complaints.count <= 101)
        #expect(complaints.allSatisfy { $0.line >= 1 && $0.column >= 1 && $0.length >= 1 })
    }
}

@Suite("A :matches pattern")
struct GlobPatternTests {
    /// What the pattern means, by trying everything.
    private func slowly(_ pattern: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return value.isEmpty }
        switch first {
        case UInt8(ascii: "*"):
            return (value.startIndex...value.endIndex).contains { slowly(pattern.dropFirst(), value[$0...]) }
        case UInt8(ascii: "?"):
            return !value.isEmpty && slowly(pattern.dropFirst(), value.dropFirst())
        case UInt8(ascii: "\\") where pattern.count > 1:
            return value.first == pattern.dropFirst().first && slowly(pattern.dropFirst(2), value.dropFirst())
        default:
            return value.first == first && slowly(pattern.dropFirst(), value.dropFirst())
        }
    }

    @Test("it agrees with trying everything, on every short pattern and value")
    func agrees() throws {
        let letters = Array("ab*?\\".utf8)
        func words(_ letters: [UInt8], upTo count: Int) -> [[UInt8]] {
            var all: [[UInt8]] = [[]]
            var last = all
            for _ in 0..<count {
                last = last.flatMap { word in letters.map { word + [$0] } }
                all += last
            }
            return all
        }
        let values = words(Array("ab*".utf8), upTo: 4)
        for pattern in words(letters, upTo: 4) {
            let glob = GlobPattern(pattern)
            for value in values {
                var captures: [Range<Int>] = []
                let found = try glob.matches(value, stepsMax: 1_000, captures: &captures)
                if found != slowly(pattern[...], value[...]) {
                    Issue.record("\(String(decoding: pattern + [0x20] + value, as: UTF8.self))")
                }
            }
        }
    }

    @Test("a substring is found where it begins first, or not at all")
    func substrings() {
        let pattern = SubstringPattern(Array("abab".utf8))
        #expect(pattern.firstOffset(in: Array("abaabababab".utf8), from: 0) == 3)
        #expect(pattern.firstOffset(in: Array("abaabababab".utf8), from: 4) == 5)
        #expect(pattern.firstOffset(in: Array("abaabaab".utf8), from: 0) == nil)
        #expect(pattern.firstOffset(in: [], from: 0) == nil)
        #expect(SubstringPattern([]).firstOffset(in: [], from: 0) == 0)
    }
}
