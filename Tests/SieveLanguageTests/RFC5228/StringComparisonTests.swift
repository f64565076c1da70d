// SPDX-License-Identifier: MIT

import Testing

@Suite("RFC 5228 §2.7: string comparison")
struct StringComparisonTests {
    private let frobnitzm = Trial(message: "Subject: frobnitzm\nX-Empty:\n\nBody\n")

    @Test(":is wants the whole value, and is what holds without a match type")
    func whole() throws {
        #expect(try frobnitzm.holds("header :is \"Subject\" \"frobnitzm\""))
        #expect(try frobnitzm.holds("header \"Subject\" \"frobnitzm\""))
        #expect(try !frobnitzm.holds("header :is \"Subject\" \"frob\""))
        #expect(try frobnitzm.holds("header :is \"X-Empty\" \"\""))
        #expect(try !frobnitzm.holds("header :is \"Subject\" \"\""))
    }

    @Test(":contains wants a part of it; every value contains the empty key")
    func part() throws {
        #expect(try frobnitzm.holds("header :contains \"Subject\" \"frob\""))
        #expect(try frobnitzm.holds("header :contains \"Subject\" \"nit\""))
        #expect(try !frobnitzm.holds("header :contains \"Subject\" \"fbm\""))
        #expect(try frobnitzm.holds("header :contains \"Subject\" \"\""))
        #expect(try frobnitzm.holds("header :contains \"X-Empty\" \"\""))
    }

    @Test(
        ":matches: * is any run, ? is one octet, the whole value must match",
        arguments: [
            ("*", true), ("frob*", true), ("*nitz*", true), ("*m", true), ("f?obnitzm", true),
            ("frob", false),
            ("?????????", true), ("????????", false), ("??????????", false), ("*frobnitzm*", true),
            ("f*o*z*m", true),
            ("f*z*o*m", false), ("**m", true), ("*?", true), ("", false),
        ])
    func wildcards(pattern: String, expected: Bool) throws {
        #expect(try frobnitzm.holds("header :matches \"Subject\" \"\(pattern)\"") == expected)
    }

    @Test("? matches an octet, not a character, under both comparators")
    func octets() throws {
        let trial = Trial(message: "Subject: a\u{E9}b\n\nBody\n")
        #expect(try trial.holds("header :matches \"Subject\" \"a??b\""))
        #expect(try !trial.holds("header :matches :comparator \"i;octet\" \"Subject\" \"a?b\""))
    }

    @Test("two backslashes in a string take a wildcard's meaning")
    func escaped() throws {
        let trial = Trial(message: "Subject: what? 100* \\o/\n\nBody\n")
        #expect(try trial.holds(#"header :matches "Subject" "what\\? 100\\* *""#))
        #expect(try !trial.holds(#"header :matches "Subject" "wha\\??100\\* *""#))
        #expect(try trial.holds(#"header :matches "Subject" "* \\\\o/""#))
    }

    @Test("i;ascii-casemap is the standard comparator and folds ASCII only")
    func casemap() throws {
        let trial = Trial(message: "Subject: MAKE Money \u{C9}t\u{E9}\n\nBody\n")
        #expect(try trial.holds("header :contains \"subject\" \"make MONEY\""))
        #expect(
            try trial.holds(
                "header :is :comparator \"i;ascii-casemap\" \"subject\" \"make money \u{C9}T\u{E9}\""))
        #expect(try !trial.holds("header :contains \"subject\" \"\u{E9}t\u{E9}\""))
        #expect(try trial.holds("header :matches \"subject\" \"make*T\u{E9}\""))
    }

    @Test("i;octet compares with case")
    func octetComparator() throws {
        let trial = Trial(message: "Subject: You can Make Money Fast\n\nBody\n")
        #expect(try !trial.holds("header :contains :comparator \"i;octet\" \"Subject\" \"MAKE MONEY FAST\""))
        #expect(try trial.holds("header :contains :comparator \"i;octet\" \"Subject\" \"Make Money\""))
    }

    @Test("a comparator that isn't there is an error, in the test and in require")
    func unknownComparator() {
        #expect(
            Compiling.places("if header :comparator \"i;elbonia\" \"Subject\" \"x\" { stop; }") == [
                "1:23: the comparator \"i;elbonia\" is not supported"
            ])
        #expect(
            Compiling.places("require \"comparator-elbonia\";") == [
                "1:9: the capability \"comparator-elbonia\" is not supported"
            ])
        #expect(Compiling.places("require [\"comparator-i;octet\", \"comparator-i;ascii-casemap\"];") == [])
    }

    @Test("values are decoded to UTF-8 before they are compared")
    func decoded() throws {
        let trial = Trial(
            message: "Subject: =?iso-8859-1?Q?Gr=FC=DFe?= aus\n =?utf-8?B?S8O2bG4=?=\n\nBody\n")
        #expect(try trial.holds("header :is \"Subject\" \"gr\u{FC}\u{DF}e aus k\u{F6}ln\""))
    }

    @Test("a long list of keys is matched like a short one")
    func longLists() throws {
        let keys = (0..<300).map { "\"key\($0)\"" }.joined(separator: ", ")
        for (value, expected) in [("KEY299", true), ("key300", false)] {
            let trial = Trial(message: "Subject: \(value)\n\nBody\n")
            #expect(try trial.holds("header :is \"Subject\" [\(keys)]") == expected)
            #expect(try trial.holds("header :contains \"Subject\" [\(keys)]") == true)
        }
    }
}

@Suite("RFC 5228 §2.7.4: comparisons against addresses")
struct AddressPartTests {
    private let trial = Trial(
        message: "From: \"Tim, of course\" <Tim.X@Example.COM>\nTo: undisclosed\n\nBody\n")

    @Test(":localpart, :domain and :all act on their part, :all is what holds without one")
    func parts() throws {
        #expect(try trial.holds("address :localpart \"from\" \"tim.x\""))
        #expect(try trial.holds("address :domain \"from\" \"example.com\""))
        #expect(try trial.holds("address :all \"from\" \"tim.x@example.com\""))
        #expect(try trial.holds("address \"from\" \"tim.x@example.com\""))
        #expect(try !trial.holds("address :localpart \"from\" \"tim.x@example.com\""))
        #expect(try !trial.holds("address :domain :comparator \"i;octet\" \"from\" \"example.com\""))
    }

    @Test("what is no address isn't matched by :localpart and :domain, but whole")
    func invalid() throws {
        #expect(try !trial.holds("address :localpart :contains \"to\" \"\""))
        #expect(try !trial.holds("address :domain :contains \"to\" \"\""))
        #expect(try trial.holds("address :all \"to\" \"undisclosed\""))
        let broken = Trial(message: "From: <<>>, @@\n\nBody\n")
        #expect(try !broken.holds("address :domain :contains \"from\" \"\""))
    }
}
