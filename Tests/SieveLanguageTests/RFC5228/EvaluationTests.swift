// SPDX-License-Identifier: MIT

import Mail
import SieveLanguage
import Testing

@Suite("RFC 5228 §2.10.2: implicit keep")
struct ImplicitKeepTests {
    @Test("a script that does nothing keeps the message")
    func nothing() throws {
        #expect(try Trial().actions("") == ["implicit keep"])
        #expect(try Trial().actions("# nothing\n") == ["implicit keep"])
        #expect(try Trial().actions("if size :over 500K { discard; }") == ["implicit keep"])
    }

    @Test(
        "keep, fileinto, redirect and discard cancel it",
        arguments: [
            ("keep;", "keep"), ("fileinto \"a\";", "fileinto a"),
            ("redirect \"a@example.org\";", "redirect a@example.org"), ("discard;", "discard"),
        ])
    func cancelled(command: String, action: String) throws {
        #expect(try Trial().actions("require \"fileinto\"; \(command)") == [action])
    }

    @Test("decidedBy names the first command that cancelled it")
    func decidedBy() throws {
        let outcome = try Trial().outcome(
            "require [\"fileinto\", \"copy\"];\nfileinto :copy \"a\";\nif true {\n  discard;\n}\nkeep;\n")
        #expect(outcome.decidedBy == RulePlace(file: "test.sieve", line: 4))
        #expect(try Trial().outcome("").decidedBy == nil)
    }
}

@Suite("RFC 5228 §2.10.3: a mailbox gets a message once")
struct MessageUniquenessTests {
    @Test("what repeats an earlier action is no error and has no effect")
    func repeated() throws {
        #expect(
            try Trial().actions(
                """
                require "fileinto";
                fileinto "a"; fileinto "b"; fileinto "a"; keep; keep; discard; discard;
                redirect "x@example.org"; redirect "x@EXAMPLE.ORG"; redirect "X@example.org";
                """)
                == [
                    "fileinto a", "fileinto b", "keep", "discard", "redirect x@example.org",
                    "redirect X@example.org",
                ])
    }

    @Test("the first of two places is the action's")
    func place() throws {
        let outcome = try Trial().outcome("keep;\nkeep;\n")
        #expect(
            outcome.actions == [SieveAction(kind: .keep(), place: RulePlace(file: "test.sieve", line: 1))])
    }
}

@Suite("RFC 5228 §2.10.4, §2.10.6: policy limits and run-time errors")
struct RuntimeErrorTests {
    private func script(redirects: Int, fileintos: Int = 0) -> String {
        "require \"fileinto\";\n"
            + (0..<redirects).map { "redirect \"a\($0)@example.org\";\n" }.joined()
            + (0..<fileintos).map { "fileinto \"f\($0)\";\n" }.joined()
    }

    @Test("the fourth redirect is taken, the fifth is an error")
    func redirects() throws {
        #expect(try Trial().outcome(script(redirects: 4)).actions.count == 4)
        #expect(
            try Trial().outcome(script(redirects: 5))
                == ScriptOutcome(
                    actions: [], implicitKeep: true,
                    error: "test.sieve:6: the number of redirect actions exceeds the limit of 4",
                    errorPlace: RulePlace(file: "test.sieve", line: 6)))
    }

    @Test("the thirty-second action is taken, the thirty-third is an error")
    func actions() throws {
        #expect(try Trial().outcome(script(redirects: 0, fileintos: 32)).actions.count == 32)
        let outcome = try Trial().outcome(script(redirects: 0, fileintos: 33))
        #expect(outcome.error == "test.sieve:34: the total number of actions exceeds the limit of 32")
        #expect(outcome.actions == [])
        #expect(outcome.implicitKeep)
    }

    @Test("an error drops what was decided before it and keeps the message")
    func dropped() throws {
        let outcome = try Trial().outcome("require \"reject\";\ndiscard;\nkeep;\nreject \"no\";\n")
        #expect(outcome.actions == [])
        #expect(outcome.implicitKeep)
        #expect(outcome.decidedBy == nil)
        #expect(outcome.error == "test.sieve:4: reject can't be combined with the keep in line 3")
    }

    @Test("too many instructions are an error")
    func instructions() throws {
        var trial = Trial()
        trial.limits.instructionsMax = 3
        #expect(try trial.outcome("keep; keep; keep;").error == nil)
        #expect(
            try trial.outcome("keep;\nkeep;\nkeep;\nkeep;").error
                == "test.sieve:4: the script executed more than 3 instructions")
    }

    @Test("too many octets of header fields are an error, and each field counts once")
    func headerOctets() throws {
        var trial = Trial(message: "Subject: 123456789\n\nBody\n")
        trial.limits.headerOctetsMax = 20
        #expect(
            try trial.outcome("if header \"Subject\" \"x\" {} if header \"Subject\" \"y\" {}").error == nil)
        trial.limits.headerOctetsMax = 9
        #expect(
            try trial.outcome("if header \"Subject\" \"x\" { stop; }").error
                == "test.sieve:1: the tests read more than 9 octets of header fields")
    }

    @Test("too many octets compared are an error")
    func matchedOctets() throws {
        var trial = Trial(message: "Subject: 123456789\n\nBody\n")
        trial.limits.matchedOctetsMax = 25
        #expect(try trial.outcome("if header :contains \"Subject\" [\"a\", \"b\"] {}").error == nil)
        #expect(
            try trial.outcome("if header :contains \"Subject\" [\"a\", \"b\", \"c\"] {}").error
                == "test.sieve:1: the tests compared more than 25 octets")
    }
}

@Suite("An evaluation")
struct ScriptEvaluationTests {
    @Test("the trail names each action, its place, and the line of the test that led to it")
    func trail() throws {
        let trail = try Trial().trail(
            """
            require "fileinto";
            if header :contains "subject" "nothing of the kind" {
              discard;
            } elsif address :domain "from" "desert.example.org" {
              fileinto "desert";
            }
            redirect "acm@example.com";
            """)
        #expect(
            trail.entries == [
                .init(
                    .sieve, rule: "test.sieve:5", about: "me@example.org", result: "fileinto (test in line 4)"
                ),
                .init(.sieve, rule: "test.sieve:7", about: "me@example.org", result: "redirect"),
            ])
        #expect(
            try Trial(recipient: nil).trail("").entries == [
                .init(.sieve, rule: nil, about: "test.sieve", result: "test.sieve: implicit keep")
            ])
    }

    @Test("one compiled script judges many messages, each for itself")
    func shared() throws {
        let (script, _) = Script.compile(
            name: "s", source: Array("if header :contains \"subject\" \"$$$\" { discard; }".utf8))
        let compiled = try #require(script)
        for (text, expected) in [(Trial.coyote, true), (Trial.youCouldBeRich, false), (Trial.coyote, true)] {
            let subject = SieveSubject(
                message: Message(parsing: MessageBytes(Trial.wire(text))), sender: nil, recipient: nil,
                originalRecipient: nil)
            var evaluation = ScriptEvaluation(script: compiled, subject: subject)
            guard case .done(let outcome, _) = evaluation.next([]) else {
                throw Trial.Unexpected(what: "a question")
            }
            #expect(outcome.implicitKeep == expected)
        }
    }
}
