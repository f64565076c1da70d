// SPDX-License-Identifier: MIT

import Mail
import SieveLanguage
import Testing

@Suite("RFC 5228 §5.1: address")
struct AddressTestTests {
    private let trial = Trial(
        message: """
            From: coyote@desert.example.org (Wile E. <wile@example.net>)
            To: "Road, Runner" <roadrunner@ACME.example.com>, group: one@example.org,
              two@example.org;, "quoted local"@example.org
            Resent-To: later@example.org
            Reply-To:

            Body

            """)

    @Test("any address of any field may match any key")
    func any() throws {
        #expect(
            try trial.holds("address :all [\"cc\", \"to\"] [\"nobody@example.org\", \"two@example.org\"]"))
        #expect(try trial.holds("address :domain [\"to\"] \"acme.example.com\""))
        #expect(try trial.holds("address :contains :localpart \"resent-to\" \"late\""))
        #expect(try !trial.holds("address \"to\" \"coyote@desert.example.org\""))
    }

    @Test("names, comments and group names are not acted on")
    func onlyAddresses() throws {
        #expect(
            try !trial.holds("address :contains [\"from\", \"to\"] [\"wile\", \"group\", \"road, runner\"]"))
    }

    @Test("a quoted local part is compared without its quotes")
    func quoted() throws {
        #expect(try trial.holds("address :localpart \"to\" \"quoted local\""))
        #expect(try trial.holds("address :all \"to\" \"quoted local@example.org\""))
    }

    @Test("a missing field matches nothing; an empty one is the empty string, and no address")
    func empty() throws {
        #expect(try !trial.holds("address :contains \"bcc\" \"\""))
        #expect(try trial.holds("address \"reply-to\" \"\""))
        #expect(try !trial.holds("address :domain \"reply-to\" \"\""))
    }

    @Test("a field that holds no addresses is refused when the script is compiled")
    func restricted() {
        #expect(
            Compiling.places("if address [\"from\", \"Subject\"] \"x\" { stop; }") == [
                "1:21: the header field \"Subject\" holds no addresses"
            ])
    }
}

@Suite("RFC 5228 §5.2, §5.3, §5.6, §5.8, §5.10: tests of tests")
struct ConnectiveTests {
    @Test(
        "allof is and, anyof is or, not turns round",
        arguments: [
            ("allof (false, false)", false), ("allof (false, true)", false), ("allof (true, true)", true),
            ("anyof (false, false)", false), ("anyof (false, true)", true), ("anyof (true, true)", true),
            ("not false", true), ("not true", false), ("not not true", true), ("true", true),
            ("false", false),
            ("allof (true)", true), ("anyof (false)", false),
            ("not anyof (false, allof (true, not true), not allof (true, true))", true),
            ("anyof (allof (true, false), allof (true, true))", true),
            ("allof (anyof (false, true), anyof (false, false))", false),
        ])
    func truth(test: String, expected: Bool) throws {
        #expect(try Trial().holds(test) == expected)
    }

    @Test("what can't change the outcome isn't evaluated")
    func shortcut() throws {
        var trial = Trial()
        trial.limits.headerOctetsMax = 1
        #expect(try trial.outcome("if allof (false, header \"Subject\" \"x\") {}").error == nil)
        #expect(try trial.outcome("if anyof (true, header \"Subject\" \"x\") {}").error == nil)
        #expect(try trial.outcome("if anyof (false, header \"Subject\" \"x\") {}").error != nil)
    }

    @Test("the wrong number of tests is an error")
    func shape() {
        #expect(
            Compiling.places("if allof true { stop; }") == [
                "1:4: the allof test takes a list of tests in parentheses"
            ])
        #expect(
            Compiling.places("if not (true, false) { stop; }") == [
                "1:4: the not test takes one test, without parentheses"
            ])
        #expect(
            Compiling.places("if not { stop; }") == ["1:4: the not test takes one test, without parentheses"])
        #expect(Compiling.places("if true false { stop; }") == ["1:4: the true test takes no test"])
        #expect(
            Compiling.places("if anyof :is (true, true) { stop; }") == [
                "1:10: the anyof test takes no arguments, but a tag was found"
            ])
        #expect(
            Compiling.places("if anyof () { stop; }") == ["1:11: a test is expected, but \")\" was found"])
    }
}

@Suite("RFC 5228 §5.4: envelope")
struct EnvelopeTestTests {
    @Test("from and to, in any case, by part")
    func parts() throws {
        #expect(try Trial().holds("envelope :all :is \"from\" \"sender@example.com\""))
        #expect(try Trial().holds("envelope :domain [\"FROM\", \"To\"] \"example.org\""))
        #expect(try Trial().holds("envelope :localpart \"to\" \"me\""))
        #expect(try !Trial().holds("envelope \"to\" \"sender@example.com\""))
    }

    @Test(
        "the null reverse-path is the empty string, whatever part is asked for",
        arguments: ["", ":all", ":localpart", ":domain"])
    func nullSender(part: String) throws {
        #expect(try Trial(sender: nil).holds("envelope \(part) :is \"from\" \"\""))
        #expect(try !Trial().holds("envelope \(part) :is \"from\" \"\""))
    }

    @Test("where there is no recipient, nothing matches")
    func noRecipient() throws {
        #expect(try !Trial(recipient: nil).holds("envelope :contains \"to\" \"\""))
    }

    @Test("quotes around a local part are not compared, and a bare postmaster has no domain")
    func forms() throws {
        #expect(
            try Trial(sender: Address(localPart: "\"a\\\"b c\"", domain: "example.org")).holds(
                "envelope :localpart \"from\" \"a\\\"b c\""))
        let postmaster = Trial(recipient: Address("postmaster"))
        #expect(try postmaster.holds("envelope \"to\" \"postmaster\""))
        #expect(try !postmaster.holds("envelope :domain :contains \"to\" \"\""))
    }

    @Test("an unknown part is an error")
    func unknown() {
        #expect(
            Compiling.places("require \"envelope\"; if envelope [\"from\", \"author\"] \"x\" { stop; }") == [
                "1:42: unknown envelope part \"author\""
            ])
    }
}

@Suite("RFC 5228 §5.5: exists")
struct ExistsTestTests {
    @Test("every field listed must exist")
    func all() throws {
        #expect(try Trial().holds("exists [\"From\", \"DATE\"]"))
        #expect(try !Trial().holds("exists [\"From\", \"X-Nothing\"]"))
        #expect(try Trial(message: "X-Empty:\n\n").holds("exists \"x-empty\""))
    }

    @Test("§2.4.2.2: a name that no field can have is no error; it doesn't exist")
    func invalid() throws {
        #expect(try !Trial().holds("exists [\"From\", \"From:\"]"))
        let complaints = Compiling.complaints("if exists [\"From:\", \"a b\"] { stop; }")
        #expect(complaints.map(\.severity) == [.warning, .warning])
        #expect(
            complaints.map(\.message) == [
                "no header field can be named \"From:\"", "no header field can be named \"a b\"",
            ])
    }
}

@Suite("RFC 5228 §5.7: header")
struct HeaderTestTests {
    private let caffeine = Trial(message: "X-Caffeine: C8H10N4O2\nCc:  \t\n \nX: a\nX:  b\t\n\n")

    @Test("the RFC's example: a field that exists contains the empty key, and is not the empty key")
    func example() throws {
        #expect(try !caffeine.holds("header :is [\"X-Caffeine\"] [\"\"]"))
        #expect(try caffeine.holds("header :contains [\"X-Caffeine\"] [\"\"]"))
        #expect(try caffeine.holds("not header :matches \"Cc\" \"?*\""))
        #expect(try caffeine.holds("header :is \"Cc\" \"\""))
    }

    @Test("a field that isn't there matches no key, not even the empty one")
    func missing() throws {
        #expect(try !caffeine.holds("header :contains \"Bcc\" \"\""))
        #expect(try !caffeine.holds("header :matches \"Bcc\" \"*\""))
    }

    @Test("every field of a name is looked at, without white space at either end")
    func several() throws {
        #expect(try caffeine.holds("header \"x\" \"a\""))
        #expect(try caffeine.holds("header \"x\" \"b\""))
    }

    @Test("folded lines are unfolded")
    func folded() throws {
        let trial = Trial(message: "Subject: one\n two\n\tthree\n\n")
        #expect(try trial.holds("header \"subject\" \"one two\tthree\""))
    }

    @Test("octets that are no UTF-8 don't end the comparison")
    func octets() throws {
        let bytes = Array("Subject: a".utf8) + [0xFF, 0x00] + Array("spam\r\n\r\n".utf8)
        let trial = Trial(message: String(decoding: bytes, as: UTF8.self))
        #expect(try trial.holds("header :contains \"subject\" \"spam\""))
    }
}

@Suite("RFC 5228 §5.9: size")
struct SizeTestTests {
    @Test("a message of just the limit is neither over nor under it")
    func bounds() throws {
        let trial = Trial(message: "A: b\n\n" + String(repeating: "x", count: 4_000 - 8))
        for (test, expected) in [
            (":over 4000", false), (":under 4000", false), (":over 3999", true), (":under 4001", true),
            (":over 4K", false), (":under 4K", true),
        ] {
            #expect(try trial.holds("size \(test)") == expected)
        }
    }

    @Test("exactly one of :over and :under must be given")
    func tags() {
        #expect(
            Compiling.places("if size 100K { stop; }") == ["1:4: the size test needs \":over\" or \":under\""]
        )
        #expect(
            Compiling.places("if size :over :under 1 { stop; }") == [
                "1:15: \":over\" and \":under\" exclude each other in the size test"
            ])
        #expect(
            Compiling.places("if size :over \"1K\" { stop; }") == [
                "1:15: the size test expects a number as argument 1 (limit), but a string was found"
            ])
    }
}

@Suite("RFC 5228 §9: the extended example")
struct ExtendedExampleTests {
    private let script = """
        require ["fileinto"];
        if header :is "Sender" "owner-ietf-mta-filters@imc.org"
                {
                fileinto "filter";  # move to "filter" mailbox
                }
        elsif address :DOMAIN :is ["From", "To"] "example.com"
                {
                keep;               # keep in "In" mailbox
                }
        elsif anyof (NOT address :all :contains
                       ["To", "Cc", "Bcc"] "me@example.com",
                     header :matches "subject"
                       ["*make*money*fast*", "*university*dipl*mas*"])
                {
                fileinto "spam";   # move to "spam" mailbox
                }
        else
                {
                fileinto "personal";
                }
        """

    @Test(
        "each way through it is taken",
        arguments: [
            ("Sender: owner-ietf-mta-filters@imc.org\n\n", "fileinto filter"),
            ("From: boss@example.com\n\n", "keep"),
            ("From: x@example.net\nTo: y@example.net\n\n", "fileinto spam"),
            ("Cc: me@example.com\nSubject: MAKE your MONEY very FAST!\n\n", "fileinto spam"),
            ("Cc: me@example.com\nSubject: hello\n\n", "fileinto personal"),
        ])
    func ways(message: String, action: String) throws {
        #expect(try Trial(message: message).actions(script) == [action])
    }
}
