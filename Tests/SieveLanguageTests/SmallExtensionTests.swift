// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("RFC 5232: imap4flags, RFC 5490: mailbox, RFC 8579: special-use")
struct FlagTests {
    private let head = """
        require ["imap4flags", "fileinto", "variables", "copy", "mailbox", "special-use", "relational",
            "comparator-i;ascii-numeric"];

        """

    @Test("§3, §5: flags gather in the internal variable, each once, and go with keep and fileinto")
    func flags() throws {
        let script =
            head + #"""
                setflag ["\\Seen", "a b"]; addflag ["A", "c", "\\Recent", "x(y"]; removeflag "B";
                fileinto :copy "f"; fileinto :copy :flags "z" "g"; keep;
                """#
        #expect(
            try Trial().actions(script) == [
                #"fileinto :copy f \Seen a c"#, "fileinto :copy g z", #"keep \Seen a c"#,
            ])
        #expect(try Trial().outcome(head + #"addflag "x";"#).flags == ["x"])
    }

    @Test(
        "§3, §4: variables hold flags too; hasflag compares them",
        arguments: [
            (#"hasflag "mine" "a""#, true), (#"hasflag "a""#, false),
            (#"hasflag :contains "mine" "LONG""#, true),
            (#"hasflag :count "eq" :comparator "i;ascii-numeric" ["mine", "none"] "2""#, true),
        ])
    func variables(test: String, isTrue: Bool) throws {
        let script = head + "setflag \"mine\" [\"a\", \"longer\"]; if \(test) { discard; }"
        #expect(try Trial().actions(script) == [isTrue ? "discard" : "implicit keep"])
    }

    @Test(
        "§2: one string of flags with blanks between them is the same as a list of them",
        arguments: [
            (#"hasflag "c b""#, true), (#"hasflag :contains "x ON""#, true), (#"hasflag "c d""#, false),
            (#"hasflag """#, false),
        ])
    func splitKeys(test: String, isTrue: Bool) throws {
        let script = head + "setflag \"a b long\"; if \(test) { discard; }"
        #expect(try Trial().actions(script) == [isTrue ? "discard" : "implicit keep"])
    }

    @Test("mailboxes are those of the configuration, and INBOX; a special use leads to its own")
    func mailboxes() throws {
        var trial = Trial()
        trial.settings.folders = ["Review"]
        trial.settings.specialUses = [#"\junk"#: "Review"]
        #expect(
            try trial.actions(
                head + #"""
                    if allof (mailboxexists ["Review", "inbox"], not mailboxexists "Other",
                        specialuse_exists "\\Junk", not specialuse_exists "Other" "\\Junk") {
                        fileinto :specialuse "\\Junk" "Spam"; fileinto :create :specialuse "\\Drafts" "D";
                    }
                    """#) == ["fileinto Review", "fileinto :create D"])
    }
}

@Suite("RFC 5235: spamtest, virustest; Sun's spamadjust and virusset")
struct SpamTests {
    private let head = """
        require ["spamtest", "spamtestplus", "virustest", "relational", "comparator-i;ascii-numeric",
            "vnd.postern.gateway"];

        """

    private func holds(_ test: String, after commands: String = "", _ trial: Trial) throws -> Bool {
        try trial.actions(head + commands + "if \(test) { discard; }").last == "discard"
    }

    @Test(
        "a score from 1 to 10 and in percent; 0 where nobody looked",
        arguments: [
            (nil, "0", "0"), (0.0, "1", "0"), (50.0, "5", "50"), (100.0, "10", "100"), (12.0, "2", "12"),
        ])
    func score(percent: Double?, score: String, shown: String) throws {
        var trial = Trial()
        trial.spam = SpamFinding(percent: percent)
        #expect(try holds("spamtest \"\(score)\"", trial))
        #expect(try holds("spamtest :percent \"\(shown)\"", trial))
        #expect(
            try holds("spamtest :count \"eq\" :comparator \"i;ascii-numeric\" \"1\"", trial)
                == (percent != nil))
    }

    @Test("virus levels; adjustments are seen by what follows, and listed")
    func adjustments() throws {
        var trial = Trial()
        trial.spam = SpamFinding(percent: 0, virusLevel: 1)
        #expect(try holds(#"virustest "1""#, trial))
        #expect(try holds(#"spamtest "6""#, after: #"spamadjust "+5";"#, trial))
        #expect(try holds(#"spamtest "3""#, after: #"spamadjust "+5"; spamadjust "3";"#, trial))
        #expect(try holds(#"spamtest "10""#, after: #"spamadjust "+500";"#, trial))
        #expect(try holds(#"virustest "5""#, after: #"virusset "5";"#, trial))
        #expect(try trial.outcome(head + #"spamadjust "many";"#).error != nil)
        #expect(try trial.outcome(head + #"virusset "6";"#).error != nil)
    }

    @Test(
        "a score that another program left in the header",
        arguments: [
            ("X-Spam-Score: 5.0 / 10", "5"), ("X-Spam-Score: 10 / 10", "10"), ("X-Spam-Score: none", "0"),
            ("X-Spam-Score: nan / 10", "0"),
            ("X-Spam-Score: inf / 10", "0"),
        ])
    func header(field: String, score: String) throws {
        var trial = Trial(message: "\(field)\n\ntext\n")
        trial.settings.spamHeader = HeaderScore(
            field: "X-Spam-Score", expression: "([0-9.a-z]+) */", form: .number, greatest: .value(10))
        #expect(try holds("spamtest \"\(score)\"", trial))
    }
}

@Suite("RFC 7352: duplicate")
struct DuplicateTests {
    private let head = "require [\"duplicate\", \"variables\"];\n"

    @Test("what is remembered is a duplicate; what isn't is to be remembered, once")
    func duplicates() throws {
        var trial = Trial(message: "Message-ID: <1@example.org>\nX-Id: seven\n\ntext\n")
        trial.isForgetful = true
        let first = try trial.outcome(head + "if anyof (duplicate, duplicate) { discard; }")
        #expect(first.implicitKeep && first.effects.count == 1)
        guard case .remember(let question, let seconds)? = first.effects.first else { return }
        #expect(
            question
                == MemoryQuestion(
                    purpose: .duplicate, owner: "me@example.org", key: "0:15:<1@example.org>"))
        #expect(seconds == 604_800)
        trial.answers[.memory(question)] = .memory(expires: 2_000_000_000)
        let second = try trial.outcome(head + "if duplicate { discard; }")
        #expect(!second.implicitKeep && second.effects.isEmpty)
        #expect(try trial.outcome(head + "if duplicate :last { discard; }").effects.count == 1)
        #expect(try trial.actions(head + #"if duplicate :handle "h" { discard; }"#) == ["implicit keep"])
        #expect(try trial.actions(head + #"if duplicate :header "x-id" { discard; }"#) == ["implicit keep"])
    }

    @Test("without a memory, or without an id, nothing is a duplicate")
    func unknown() throws {
        let trial = Trial(message: "Message-ID: <1@example.org>\n\ntext\n")
        #expect(try trial.actions(head + "if duplicate { discard; }") == ["implicit keep"])
        #expect(try trial.actions(head + #"if duplicate :header "x-id" { discard; }"#) == ["implicit keep"])
    }
}

@Suite(
    "Sun's private actions, and RFC 6009: envelope-dsn, envelope-deliverby, redirect-dsn, redirect-deliverby")
struct GatewayExtensionTests {
    @Test("each action is known by its own name and by the one capability for all")
    func actions() throws {
        for capability in ["vnd.postern.gateway", nil] {
            let names = [
                "addtag", "addprefix", "addconversiontag", "setconversiontag", "capture", "novacation",
                "nonotify", "transactionlog",
            ]
            let list = (capability.map { [$0] } ?? names).map { "\"\($0)\"" }.joined(separator: ", ")
            let script = """
                require [\(list)];
                addtag "[x]"; addtag "[x]"; addprefix "p"; addconversiontag ["a", "b"]; setconversiontag "c";
                capture :dsn "arch@example.org"; novacation; nonotify; transactionlog "t";
                """
            #expect(
                try Trial().outcome(script).actions.map(\.kind) == [
                    .addtag("[x]"), .addtag("[x]"), .addprefix("p"), .addconversiontag(["a", "b"]),
                    .setconversiontag(["c"]), .capture(address: "arch@example.org", withEnvelope: true),
                    .novacation, .nonotify, .transactionlog("t"),
                ])
        }
        #expect(try Trial().outcome(#"require "addconversiontag"; addconversiontag "a,b";"#).error != nil)
        #expect(try Trial().actions(#"require "refuse"; refuse "no";"#) == ["refuse no"])
    }

    @Test("what the client asked for is compared; without require it is unknown")
    func envelope() throws {
        var trial = Trial()
        trial.requests.notify = ["SUCCESS", "FAILURE"]
        trial.requests.originalRecipient = "rfc822;old@example.org"
        trial.requests.ret = "HDRS"
        trial.requests.envelopeID = "id-7"
        trial.requests.deliverBy = .init(deadline: 1_792_976_100, mode: "notify", isTraced: true)
        trial.answers[.time] = .time(1_792_976_000)
        trial.authenticated = Address("ann@example.org")
        let tests = #"""
            envelope "notify" "failure", envelope "orcpt" "rfc822;old@example.org", envelope "ret" "hdrs",
            envelope "envid" "id-7", envelope "bymode" "notify", envelope "bytrace" "true",
            envelope "bytimerelative" "100", envelope :matches "bytimeabsolute" "2026-10-26T00:55:00*",
            envelope :localpart "auth" "ann"
            """#
        #expect(
            try trial.actions(
                "require [\"envelope\", \"envelope-dsn\", \"envelope-deliverby\"]; "
                    + "if allof (\(tests)) { discard; }"
            )
                == ["discard"])
        #expect(Compiling.complaints(#"require "envelope"; if envelope "ret" "hdrs" { stop; }"#).count == 1)
    }

    @Test("a redirected copy may ask for reports and a time")
    func redirect() throws {
        let script = """
            require ["redirect-dsn", "redirect-deliverby"];
            redirect :notify "success,failure" :ret "full" :bytimerelative 60 :bymode "return" :bytrace
                "a@example.org";
            redirect :bytimeabsolute "2026-11-22T12:00:00+01:00" "b@example.org";
            """
        #expect(
            try Trial().outcome(script).actions.map(\.kind) == [
                .redirect(
                    .init(
                        address: "a@example.org", notify: "SUCCESS,FAILURE", ret: "FULL",
                        deliverBy: .init(seconds: 60, isAbsolute: false, mode: "return", isTraced: true))),
                .redirect(
                    .init(
                        address: "b@example.org",
                        deliverBy: .init(
                            seconds: 1_795_345_200, isAbsolute: true, mode: "notify", isTraced: false))),
            ])
    }

    @Test(
        "values that there are not are mistakes",
        arguments: [
            #"redirect :notify "sometimes" "a@example.org";"#, #"redirect :ret "half" "a@example.org";"#,
            #"redirect :bymode "notify" "a@example.org";"#,
            #"redirect :bytimeabsolute "noon" "a@example.org";"#,
            #"redirect :notify "NEVER,DELAY" "a@example.org";"#,
        ])
    func mistakes(command: String) {
        #expect(
            Compiling.complaints("require [\"redirect-dsn\", \"redirect-deliverby\"]; \(command)").count == 1)
    }

    @Test("vnd.dovecot.environment: items as variables; vnd.dovecot.report: what is to be reported")
    func vendor() throws {
        var trial = Trial()
        trial.environment = ["remote-ip": "192.0.2.1"]
        #expect(
            try trial.actions(
                #"require ["vnd.dovecot.environment", "variables", "fileinto"]; fileinto "${env.remote_ip}";"#
            )
                == ["fileinto 192.0.2.1"])
        #expect(
            try trial.outcome(
                #"require "vnd.dovecot.report"; report :headers_only "abuse" "spam" "abuse@example.org";"#
            ).actions.map(\.kind) == [
                .report(
                    .init(
                        feedbackType: "abuse", message: "spam", address: "abuse@example.org",
                        isHeadersOnly: true))
            ])
        #expect(
            !Compiling.complaints(#"require "vnd.dovecot.report"; report "a b" "c" "d@example.org";"#).isEmpty
        )
    }
}
