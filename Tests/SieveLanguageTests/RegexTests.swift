// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("Regular expressions (draft-ietf-sieve-regex), i;unicode-casemap (RFC 5051), lists (RFC 6134)")
struct RegexTests {
    private let trial = Trial(
        message: "Subject: [Ticket 4711] Größe ändern\nFrom: ann@example.org\n\ntext\n")

    private func holds(_ test: String, after commands: String = "", _ trial: Trial) throws -> Bool {
        try trial.actions(
            """
            require ["regex", "variables", "extlists", "comparator-i;unicode-casemap"];
            \(commands) if \(test) { discard; }
            """) == ["discard"]
    }

    @Test("an expression may match anywhere; case counts under i;octet alone")
    func matching() throws {
        #expect(try holds(#"header :regex "subject" "ticket [0-9]+\\]""#, trial))
        #expect(try !holds(#"header :regex :comparator "i;octet" "subject" "ticket [0-9]+""#, trial))
        #expect(try holds(#"header :regex "subject" ["nothing", "^\\[(t|x)"]"#, trial))
    }

    @Test("its groups are match variables; one that took no part is empty")
    func groups() throws {
        let commands =
            #"if header :regex "subject" "t(x)?icket ([[:digit:]]+)(.*)" { set "a" "${0}|${1}|${2}"; }"#
        #expect(try holds(#"string "${a}" "Ticket 4711] Größe ändern||4711""#, after: commands, trial))
    }

    @Test(
        "a broken one is a mistake with its place in the script; out of a variable, one that is remarked on")
    func broken() throws {
        #expect(
            Compiling.complaints(#"require "regex"; if header :regex "subject" "a(b" { keep; }"#).count == 1)
        let outcome = try trial.outcome(
            #"require ["regex", "variables"]; set "a" "a(b"; if header :regex "subject" "${a}" { discard; }"#)
        #expect(outcome.error == nil)
        #expect(outcome.remarks.count == 1 && outcome.remarks[0].contains("is no regular expression"))
        #expect(outcome.implicitKeep)
    }

    @Test("an expression that would blow up is given up, and the message kept")
    func blowUp() throws {
        var trial = trial
        trial.message = "Subject: \(String(repeating: "a", count: 5_000))!\n\ntext\n"
        let outcome = try trial.outcome(
            #"require "regex"; if header :regex "subject" "^((a+)+|b)+$" { discard; }"#)
        #expect(outcome.error?.contains("was given up") == true)
        #expect(outcome.implicitKeep)
    }

    @Test(
        "RFC 5051: case and form of composition don't count, in any script",
        arguments: [
            ("is", "[TICKET 4711] GRÖSSE ÄNDERN", false), ("is", "[TICKET 4711] GRÖßE ÄNDERN", true),
            ("contains", "gro\u{308}ße", true), ("contains", "a\u{308}NDERN", true),
        ])
    func unicode(type: String, key: String, isTrue: Bool) throws {
        let test = "header :\(type) :comparator \"i;unicode-casemap\" \"subject\" \"\(key)\""
        #expect(try holds(test, trial) == isTrue)
    }

    @Test("RFC 5051: what a wildcard stood for is the value's own text, not the form it was compared in")
    func unicodeCaptures() throws {
        let commands = """
            if header :matches :comparator "i;unicode-casemap" "subject" "[* 4711] GR* \u{c4}*n" {
                set "a" "${1}|${2}|${3}"; }
            """
        #expect(try holds(#"string :comparator "i;octet" "${a}" "Ticket|öße|nder""#, after: commands, trial))
    }

    @Test("RFC 6134: an address book has a long name and a short one; the value found is ${0}")
    func listNames() throws {
        var trial = trial
        trial.settings.lists = [":addrbook:default": "people"]
        trial.answers[.database(.init(database: "people", key: "ann@example.org"))] = .database(.value(""))
        trial.message = "From: Ann <ann@example.org>\n\ntext\n"
        for name in [":addrbook:default", "urn:ietf:params:sieve:addrbook:default"] {
            let script = """
                require ["extlists", "variables", "fileinto"];
                if allof (valid_ext_list "\(name)", address :list "from" "\(name)") { fileinto "${0}"; }
                """
            #expect(try trial.actions(script) == ["fileinto ann@example.org"])
        }
        #expect(
            Compiling.complaints(
                #"require "extlists"; if header :list :comparator "i;octet" "a" "b" { keep; }"#
            ).count == 1)
    }

    @Test(
        "RFC 6134 §2.2: a value is held against a list, which is asked; a list that isn't there is an error")
    func lists() throws {
        var trial = trial
        trial.settings.lists = ["friends": "people"]
        trial.answers[.database(.init(database: "people", key: "ann@example.org"))] = .database(.value(""))
        trial.answers[.database(.init(database: "people", key: "example.org"))] = .database(.none)
        #expect(try holds(#"address :list "from" "friends""#, trial))
        #expect(try !holds(#"address :list :domain "from" "friends""#, trial))
        #expect(
            try holds(#"allof (valid_ext_list "friends", not valid_ext_list ["friends", "foes"])"#, trial))
        let script = #"require "extlists"; if address :list "from" "foes" { discard; }"#
        #expect(try trial.outcome(script).error?.contains("there is no list") == true)
        trial.answers = [:]
        #expect(
            try trial.outcome(#"require "extlists"; if address :list "from" "friends" { discard; }"#)
                .error?.contains("can't be read: nobody knows") == true)
    }
}
