// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("metermaid: operations on meters")
struct MetermaidTests {
    private func trial(_ operation: MeterQuestion.Operation, _ answer: MeterAnswer) -> Trial {
        var trial = Trial()
        trial.answers[.meter(MeterQuestion(table: "t", key: "k", operation: operation))] = .meter(answer)
        return trial
    }

    private func holds(_ test: String, _ trial: Trial) throws -> Bool {
        try trial.actions(
            "require [\"metermaid\", \"variables\"];\nif metermaid \(test) { discard; }") == ["discard"]
    }

    @Test("throttle and query are true where the key is over its quota")
    func throttle() throws {
        for isOver in [true, false] {
            let use = MeterAnswer.use(count: 7, isOver: isOver)
            #expect(try holds("\"throttle\" \"t\" \"k\"", trial(.throttle, use)) == isOver)
            #expect(try holds("\"query\" \"t\" \"k\"", trial(.query, use)) == isOver)
        }
    }

    @Test("greylisting is true as long as the key must wait")
    func greylisting() throws {
        for (state, isWaiting) in [
            (MeterAnswer.GreylistState.new(waitSeconds: 60), true), (.early(waitSeconds: 5), true),
            (.passed, false),
        ] {
            #expect(
                try holds("\"greylisting\" \"t\" \"k\"", trial(.greylist, .greylist(state))) == isWaiting)
        }
    }

    @Test("test compares the number that the key holds, adjust_and_test after adding")
    func comparisons() throws {
        for (expression, isTrue) in [
            ("=5", true), (">5", false), (">=5", true), ("<5", false), ("<=5", true), ("=-5", false),
        ] {
            #expect(
                try holds("\"test\" \"t\" \"k\" \"\(expression)\"", trial(.fetch, .value("5"))) == isTrue)
            #expect(
                try holds(
                    "\"adjust_and_test\" \"t\" \"k\" \"-2\" \"\(expression)\"",
                    trial(.adjust(by: -2), .value("5"))) == isTrue)
        }
        #expect(try !holds("\"test\" \"t\" \"k\" \"<5\"", trial(.fetch, .value(nil))))
        #expect(try !holds("\"test\" \"t\" \"k\" \"<5\"", trial(.fetch, .value("many"))))
    }

    @Test("fetch is true where the key holds something, and ${0} is that")
    func fetch() throws {
        let script = """
            require ["metermaid", "variables", "fileinto"];
            if metermaid "fetch" "t" "k" { fileinto "${0}"; }
            """
        #expect(try trial(.fetch, .value("five")).actions(script) == ["fileinto five"])
        #expect(try trial(.fetch, .value(nil)).actions(script) == ["implicit keep"])
    }

    @Test("as an action it acts, and changes nothing else")
    func action() throws {
        let trial = trial(.adjust(by: 1), .value("1"))
        #expect(
            try trial.actions("require \"metermaid\"; metermaid \"adjust\" \"t\" \"k\" \"1\";") == [
                "implicit keep"
            ])
        #expect(
            try self.trial(.store("v"), .value("v")).actions(
                "require \"metermaid\"; if metermaid \"store\" \"t\" \"k\" \"v\" { discard; }") == [
                    "discard"
                ])
        #expect(try holds("\"remove\" \"t\" \"k\"", self.trial(.remove, .removed(false))))
    }

    @Test("a meter that can't be asked makes it false, and the outcome says so")
    func unavailable() throws {
        let script = "require \"metermaid\"; if metermaid \"throttle\" \"t\" \"k\" { discard; }"
        let failed = try trial(.throttle, .failed("there is no table t")).outcome(script)
        #expect(failed.implicitKeep && failed.remarks.first?.contains("no table t") == true)
        let gone = try Trial().outcome(script)
        #expect(gone.implicitKeep && gone.remarks.count == 1)
    }

    @Test("what makes no sense is no script")
    func mistakes() {
        for wrong in [
            "\"count\" \"t\" \"k\"", "\"throttle\" \"t\"", "\"throttle\" \"t\" \"k\" \"1\"",
            "\"adjust\" \"t\" \"k\"", "\"adjust\" \"t\" \"k\" \"much\"", "\"test\" \"t\" \"k\" \"5\"",
            "\"adjust_and_test\" \"t\" \"k\" \"1\"", "\"store\" \"t\" \"k\"",
        ] {
            #expect(Compiling.places("require \"metermaid\"; metermaid \(wrong);").count == 1, "\(wrong)")
        }
        #expect(Compiling.places("require \"metermaid\"; if metermaid \"test\" \"t\" \"k\" \">=5\" {}") == [])
    }
}

@Suite("defect: what is wrong with a message's form")
struct DefectTests {
    private static let ambiguous = """
        From: ann@example.org
        Content-Type: multipart/mixed; boundary=a; boundary=b

        --a
        Content-Type: text/plain
        Content-Type: text/html

        one
        --a--

        """

    private func holds(_ test: String, _ message: String = ambiguous) throws -> Bool {
        var trial = Trial()
        trial.message = message
        return try trial.actions(
            "require [\"vnd.postern.defect\", \"relational\", \"comparator-i;ascii-numeric\"];\n"
                + "if \(test) { discard; }") == ["discard"]
    }

    @Test("of the message as a whole, by name, in any match type")
    func message() throws {
        #expect(try holds("defect \"twoBoundaries\""))
        #expect(try holds("defect \"TWOBOUNDARIES\""))
        #expect(try holds("defect :matches \"*oundar*\""))
        #expect(try holds("defect :contains [\"nothing\", \"duplicateContent\"]"))
        #expect(try !holds("defect [\"nul\", \"tooDeep\"]"))
        #expect(try holds("defect :count \"ge\" :comparator \"i;ascii-numeric\" \"2\""))
        #expect(try holds("defect :count \"eq\" :comparator \"i;ascii-numeric\" \"0\"", Trial.coyote))
    }

    @Test("inside foreverypart of the part at hand, with :anychild of those inside it too")
    func parts() throws {
        func found(_ test: String) throws -> [String] {
            var trial = Trial()
            trial.message = Self.ambiguous
            return try trial.actions(
                """
                require ["vnd.postern.defect", "foreverypart", "vnd.postern.gateway", "mime"];
                foreverypart {
                    if \(test) {
                        if header :mime :type "content-type" "multipart" { transactionlog "outer"; }
                        else { transactionlog "inner"; }
                    }
                }
                """
            ).filter { $0 != "implicit keep" }
        }
        #expect(try found("defect \"twoBoundaries\"") == ["transactionlog outer"])
        #expect(try found("defect \"duplicateContentType\"") == ["transactionlog inner"])
        #expect(
            try found("defect :anychild \"duplicateContentType\"") == [
                "transactionlog outer", "transactionlog inner",
            ])
    }

    @Test("a name that no defect has is warned of, with near ones; a pattern isn't")
    func unknownNames() {
        func warnings(_ test: String) -> [Complaint] {
            Compiling.complaints("require \"vnd.postern.defect\"; if \(test) { discard; }")
        }
        let warned = warnings("defect \"twoBoundarys\"")
        #expect(warned.map(\.severity) == [.warning])
        #expect(warned.first?.help.contains("\"twoBoundaries\"") == true)
        #expect(warnings("defect [\"bareLF\", \"BARElf\"]") == [])
        #expect(warnings("defect :matches \"*two*\"") == [])
    }
}

@Suite("RFC 6134 §2.5: redirect :list")
struct RedirectListTests {
    private let script = "require \"extlists\"; redirect :list \"friends\";"

    private func trial(_ answer: DatabaseAnswer?) -> Trial {
        var trial = Trial()
        trial.settings.lists = ["friends": "people"]
        if let answer { trial.answers[.database(DatabaseQuestion(keysOf: "people"))] = .database(answer) }
        return trial
    }

    @Test("it redirects to every member, and cancels the implicit keep; with :copy it doesn't")
    func members() throws {
        let trial = trial(.keys(["a@example.com", "b@example.com"]))
        #expect(try trial.actions(script) == ["redirect a@example.com", "redirect b@example.com"])
        #expect(
            try trial.actions(
                "require [\"extlists\", \"copy\"]; redirect :copy :list \"friends\";") == [
                    "redirect :copy a@example.com", "redirect :copy b@example.com", "implicit keep",
                ])
    }

    @Test(
        "a list that is empty, too long, unknown, or can't be enumerated is an error and a keep",
        arguments: [
            DatabaseAnswer.keys([]), .keys((0...100).map { "a\($0)@example.com" }), .none, .value(""),
            .failed("it is live"), .keys(["a@example.com", "b"]),
        ])
    func faults(answer: DatabaseAnswer) throws {
        let outcome = try trial(answer).outcome(script)
        #expect(outcome.error != nil && outcome.implicitKeep && outcome.actions.isEmpty)
    }

    @Test("no such list, and nobody to ask, are errors too")
    func unknown() throws {
        #expect(try Trial().outcome(script).error?.contains("there is no list \"friends\"") == true)
        #expect(try trial(nil).outcome(script).error?.contains("aren't known") == true)
    }

    @Test("to the limits of redirects and actions a list is one, however many members it has")
    func limits() throws {
        var trial = trial(.keys((0..<100).map { "a\($0)@example.com" }))
        trial.limits.redirectsMax = 2
        trial.limits.actionsMax = 2
        #expect(try trial.actions("\(script) redirect \"x@example.com\";").count == 101)
        #expect(
            try trial.outcome("\(script) redirect \"x@example.com\"; redirect \"y@example.com\";").error
                != nil)
    }

    @Test("a message that was redirected from here before is kept")
    func circle() throws {
        var trial = trial(.keys(["a@example.com"]))
        trial.message = "X-Sieve-Redirected-From: me@example.org\n" + Trial.coyote
        #expect(try trial.actions(script) == ["implicit keep"])
    }

    @Test("Sun's :resent puts Resent- fields on the copy, :noresent and neither put none")
    func resent() throws {
        func fields(_ isResent: Bool?) -> String {
            String(
                decoding: RedirectedMessage.resentFields(
                    of: .init(address: "bob@example.com", isResent: isResent),
                    by: Address(localPart: "me", domain: "example.org"), OwnMessages.context), as: UTF8.self)
        }
        #expect(
            fields(true)
                == "Resent-From: me@example.org\r\nResent-To: bob@example.com\r\n"
                + "Resent-Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n"
                + "Resent-Message-ID: <a1@gate.example.net>\r\n")
        #expect(fields(nil).isEmpty && fields(false).isEmpty)
        #expect(
            Compiling.places(
                "require \"vnd.postern.gateway\"; redirect :resent :noresent \"a@example.org\";"
            ).count == 1)
    }

    @Test("setenvelopefrom names a sender or nobody; the last counts, and what is no address is an error")
    func envelopeSender() throws {
        func actions(_ commands: String) throws -> [SieveAction.Kind] {
            try Trial().outcome("require [\"setenvelopefrom\", \"variables\"]; \(commands)").actions.map(
                \.kind)
        }
        #expect(
            try actions("setenvelopefrom \"a@example.org\"; setenvelopefrom \"\";") == [.setenvelopefrom("")])
        #expect(try actions("setenvelopefrom \"a@example.org\";") == [.setenvelopefrom("a@example.org")])
        #expect(
            Compiling.places("require \"setenvelopefrom\"; setenvelopefrom \"nobody\";").count == 1)
        #expect(
            try Trial().outcome(
                "require [\"setenvelopefrom\", \"variables\"]; set \"a\" \"x\"; setenvelopefrom \"${a}\";"
            ).error != nil)
    }
}
