// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

/// A script that ends in `keep` or `discard` after commands under test.
private func holds(_ test: String, after commands: String = "", _ trial: Trial = Trial()) throws -> Bool {
    let script = """
        require ["variables", "envelope", "relational", "comparator-i;ascii-numeric", "fileinto"];
        \(commands)
        if \(test) { discard; }
        """
    return try trial.actions(script) == ["discard"]
}

@Suite("RFC 5229: variables")
struct RFC5229Tests {
    @Test("§3: a reference stands for the variable's value; names have no case; unknown ones are empty")
    func references() throws {
        #expect(
            try holds(#"string :is "a${Company}b${nothing}c" "aACMEbc""#, after: #"set "company" "ACME";"#))
        #expect(try holds(#"string :is "${a.b" "${a.b""#))
        #expect(try holds(#"string :is "${President, $ {x} &%${}!" "${President, $ {x} &%${}!""#))
        #expect(try holds(#"string :matches "${${a}}" "??x?""#, after: #"set "a" "x";"#))
    }

    @Test("§3: values are not read again for references")
    func noRescan() throws {
        let commands = #"set "a" "${"; set "b" "${a}c}"; set "c" "no";"#
        #expect(try holds(#"string :matches "${b}" "??c?""#, after: commands))
    }

    @Test("§3.1: without require the text stays as it stands")
    func withoutRequire() throws {
        #expect(try Trial().actions(#"require "fileinto"; fileinto "${x}";"#) == ["fileinto ${x}"])
    }

    @Test("§3.2: a :matches that holds leaves what its wildcards stood for; one that doesn't changes nothing")
    func matchVariables() throws {
        let trial = Trial(message: "Subject: [acme-users] [fwd] version 1.0 is out\n\ntext\n")
        let commands = """
            if header :matches "subject" "[*] *" { set "list" "${1}"; set "rest" "${2}"; }
            if header :matches "subject" "no*match" { keep; }
            """
        #expect(
            try holds(
                #"string "${list}|${rest}|${0}" "#
                    + #""acme-users|[fwd] version 1.0 is out|[acme-users] [fwd] version 1.0 is out""#,
                after: commands, trial))
    }

    @Test("§3.2: a star stands for as little as it can, a question mark for one octet")
    func shortest() throws {
        let commands =
            #"if string :matches "frop.......frop.........frop...." "?*frop*" { set "a" "${1}|${2}|${3}"; }"#
        #expect(try holds(#"string "${a}" "f|rop.......|.........frop....""#, after: commands))
    }

    @Test("§4.1: :quotewildcard cuts between sequences; too many variables are one mistake")
    func bounds() throws {
        var trial = Trial()
        trial.limits.variableValueOctetsMax = 4
        let script =
            #"require "variables"; set :quotewildcard "a" "b**"; if string "${a}" "b\\*" { discard; }"#
        #expect(try trial.actions(script) == ["discard"])
        var limits = SieveLimits()
        limits.variablesMax = 1
        #expect(
            Compiling.complaints(
                #"require "variables"; set "a" ""; set "b" ""; set "c" "${d}";"#, limits: limits
            ).count == 1)
    }

    @Test("§3.2: a match variable beyond 32 is a mistake")
    func matchRange() {
        #expect(
            Compiling.places(#"require "variables"; set "a" "${33}";"#)
                == ["1:30: the match variable ${33} is out of range"])
    }

    @Test(
        "§4: modifiers work from the highest precedence down",
        arguments: [
            (#":length "b" "äbc""#, "3"), (#":lower "b" "AbÄc""#, "abÄc"), (#":upper "b" "abc""#, "ABC"),
            (#":upperfirst :lower "b" "juMBlEd lETteRS""#, "Jumbled letters"),
            (#":lowerfirst :upper "b" "abc""#, "aBC"),
            (#":quotewildcard "b" "Rock*?\\""#, #"Rock\\*\\?\\\\"#),
            (#":quotewildcard :length "b" "*a""#, "3"),
        ])
    func modifiers(set: String, value: String) throws {
        #expect(try holds("string :comparator \"i;octet\" \"${b}\" \"\(value)\"", after: "set \(set);"))
    }

    @Test("§4.1: two modifiers of one precedence are a mistake")
    func precedence() {
        #expect(Compiling.places(#"require "variables"; set :lower :upper "a" "b";"#).count == 1)
    }

    @Test("§4: what is no name can't be set", arguments: ["", "1a", "a-b", "a b", "${x}", "x.y"])
    func names(name: String) {
        #expect(!Compiling.complaints("require \"variables\"; set \"\(name)\" \"b\";").isEmpty)
    }

    @Test("§5: :count counts the sources that aren't empty")
    func count() throws {
        let test = #"string :count "eq" :comparator "i;ascii-numeric" ["a", "", "${x}", "b"] "2""#
        #expect(try holds(test))
    }

    @Test("§6: a value that is too long is cut between two characters")
    func cut() throws {
        var trial = Trial()
        trial.limits.variableValueOctetsMax = 4
        #expect(try holds(#"string "${a}" "abc""#, after: #"set "a" "abcäd";"#, trial))
    }

    @Test("§6: strings that variables make too long are a run-time error")
    func growth() throws {
        var commands = #"set "a" "0123456789012345";"#
        for _ in 0..<10 { commands += #"set "a" "${a}${a}";"# }
        let strings = String(repeating: "${a}", count: 100)
        let outcome = try Trial().outcome(
            "require [\"variables\", \"fileinto\"];\(commands) fileinto \"\(strings)\";")
        #expect(outcome.error?.contains("a string has more than") == true)
        #expect(outcome.implicitKeep)
    }
}

@Suite("RFC 5231: relational, RFC 5233: subaddress, RFC 5260: index")
struct RelationalTests {
    private let trial = Trial(
        message: """
            From: Jane <jane+lists@example.com>
            To: a@example.org, b@example.org
            Cc: c@example.org
            Received: one
            Received: two
            Received: three
            X-Number: 0042

            text
            """)

    @Test(
        "values order by their comparator",
        arguments: [
            (#"header :value "gt" :comparator "i;ascii-numeric" "x-number" "41""#, true),
            (#"header :value "eq" :comparator "i;ascii-numeric" "x-number" "42""#, true),
            (#"header :value "lt" :comparator "i;ascii-numeric" "x-number" "42""#, false),
            (#"header :value "ge" :comparator "i;ascii-numeric" "from" "99999999999""#, true),
            (#"header :is :comparator "i;ascii-numeric" "x-number" "42 apples""#, true),
            (#"address :count "eq" :comparator "i;ascii-numeric" ["to", "cc"] "3""#, true),
            (#"header :count "ge" :comparator "i;ascii-numeric" "received" ["3"]"#, true),
            (#"header :count "eq" :comparator "i;ascii-numeric" "nothing" "0""#, true),
            (#"address :user "from" "jane""#, true), (#"address :detail "from" "lists""#, true),
            (#"address :detail "to" """#, false), (#"address :user "cc" "c""#, true),
            (#"header :index 2 "received" "two""#, true),
            (#"header :index 1 :last "received" "three""#, true),
            (#"header :index 4 "received" ["one", "two", "three"]"#, false),
        ])
    func relations(test: String, isTrue: Bool) throws {
        let script = """
            require ["relational", "comparator-i;ascii-numeric", "subaddress", "index"];
            if \(test) { discard; }
            """
        #expect(try trial.actions(script) == [isTrue ? "discard" : "implicit keep"])
    }

    @Test(
        "a relation that there isn't, parts of numbers, :last alone, :index 0: each is a mistake",
        arguments: [
            #"header :value "gr" "subject" "1""#,
            #"header :contains :comparator "i;ascii-numeric" "subject" "1""#,
            #"header :last "subject" "1""#, #"header :index 0 "subject" "1""#,
        ])
    func mistakes(test: String) {
        let script = """
            require ["relational", "comparator-i;ascii-numeric", "index"];
            if \(test) { discard; }
            """
        #expect(Compiling.complaints(script).count == 1)
    }
}
