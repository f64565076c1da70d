// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import SieveLanguage

@Suite("A filter template")
struct FilterTemplateTests {
    private static let vacation = """
        # $Template Answer while away
        # $Prompt days number min=1 max=60 default=7 : Days between two answers
        # $Prompt reason text : What the answer says
        require "vacation";
        vacation :days %{days} "%{reason}";
        """

    private func template(_ source: String, name: String = "t") throws -> FilterTemplate {
        let parsed = FilterTemplate.parse(name: name, file: "t.sieve-template", source: Array(source.utf8))
        #expect(parsed.complaints.map(\.message) == [])
        return try #require(parsed.template)
    }

    private func mistakes(_ source: String) -> [String] {
        FilterTemplate.parse(name: "t", file: "t", source: Array(source.utf8)).complaints.map {
            "\($0.line):\($0.column) \($0.message)"
        }
    }

    @Test("knows its title and what it asks")
    func prompts() throws {
        let template = try template(Self.vacation)
        #expect(template.title == "Answer while away")
        #expect(template.prompts.map(\.name) == ["days", "reason"])
        #expect(template.prompts.map(\.kind) == [.number(1...60), .text])
        #expect(template.prompts.map(\.standard) == ["7", nil])
        #expect(template.prompts.map(\.question) == ["Days between two answers", "What the answer says"])
    }

    @Test("filled in, it is a rule with a comment, and compiles")
    func filled() throws {
        let rule = try template(Self.vacation, name: "vacation").rule(
            ["reason": "I am away.\nBack in May."], order: 1, name: "May")
        var rules = StoredRules()
        rules.put(rule)
        #expect(
            rules.stored == """
                require ["vacation"];

                # $Rule Info: Order=1 Template=vacation Name=May
                vacation :days 7 "I am away.
                Back in May.";

                """)
        #expect(Script.compile(name: "s", source: Array(rules.stored.utf8)).script != nil)
    }

    @Test(
        "no value breaks out of its string",
        arguments: [
            "\"; discard; #", "\\", "\\\"; discard; stop; \"",
            "\"]; redirect \"x@example.org\"; # $Rule Info: Order=1",
            "a\r\n.\r\ndiscard;", "*/ discard; /*", "text:\n", "%{days}", "ü\u{FEFF}\u{2028}",
        ])
    func inert(value: String) throws {
        let source = """
            # $Prompt reason text : x
            require "vacation"; vacation "%{reason}";
            """
        let rule = try template(source).rule(["reason": value], order: 1, name: "n")
        var rules = StoredRules()
        rules.put(rule)
        let compiled = Script.compile(name: "s", source: Array(rules.stored.utf8))
        let script = try #require(compiled.script)
        let subject = SieveSubject(
            message: Message(
                parsing: MessageBytes(Array("From: a@example.org\nTo: b@example.org\n\nx\n".utf8))),
            sender: Address("a@example.org"), recipient: Address("b@example.org"), originalRecipient: nil)
        var run = ScriptEvaluation(script: script, subject: subject)
        var answers: [Answer] = []
        while case .ask(let questions) = run.next(answers) {
            answers = questions.map { _ in .memory(expires: nil) }
        }
        guard case .done(let outcome, _) = run.next(answers),
            case .vacation(let reply)? = outcome.actions.first?.kind
        else {
            Issue.record("the script did something else")
            return
        }
        #expect(outcome.actions.count == 1)
        // RFC 5228 §2.4.2: a line end in a string is CRLF, however the file has it.
        let lines = value.split(separator: /\r?\n/, omittingEmptySubsequences: false)
        #expect(reply.reason == lines.joined(separator: "\r\n"))
        // Stored and read again, it is the same one rule.
        #expect(StoredRules(rules.stored).rules == [rule])
    }

    @Test("wrong and missing values are told all at once, by their prompts' names")
    func values() throws {
        let source = """
            # $Prompt n number min=2 max=5 : x
            # $Prompt to address : x
            # $Prompt how choice values="a,b" : x
            # $Prompt t text : What?
            redirect "%{to}%{how}%{t}%{n}";
            """
        let parsed = try template(source)
        func texts(_ values: [String: String], order: Int = 1, name: String = "n") -> [String] {
            do {
                _ = try parsed.rule(values, order: order, name: name)
                return []
            } catch {
                return error.texts
            }
        }
        #expect(
            texts(["n": "9", "to": "nobody", "how": "c", "u": "x"], order: -1, name: "a\nb") == [
                "order: it must be from 0 to 9999; 0 switches the rule off",
                "name: it holds a control character",
                "u: the template doesn't ask for it; it asks for n, to, how, t", "n: it must be from 2 to 5",
                "to: it is no mail address", "how: it is none of \"a\", \"b\"",
                "t: a value is missing: What?",
            ])
        let good = ["n": "3", "to": "a@example.org", "how": "a"]
        #expect(texts(good.merging(["t": "${env}"]) { $1 }).first?.contains("variable") == true)
        #expect(texts(good.merging(["t": "a\u{0}b"]) { $1 }) == ["t: it holds a control character"])
        #expect(texts(good.merging(["t": "a\rb"]) { $1 }) == ["t: it holds a carriage return of its own"])
        #expect(texts(good.merging(["n": "+3"]) { $1 }).first == "n: it is no number")
    }

    @Test("its mistakes have places")
    func complaints() {
        #expect(
            mistakes("# $Prompt a text : x\nrequire \"vacation\"; vacation \"%{b}\";") == [
                "2:31 no prompt asks for \"b\"", "1:1 prompt a is asked for and used nowhere",
            ])
        #expect(
            mistakes("# $Prompt a text : x\nredirect %{a};") == [
                "2:10 the value of a stands outside a string"
            ])
        #expect(
            mistakes("# $Prompt a text : x\nreject text:\n%{a}\n.\n;").first
                == "3:1 a value can't stand in a multi-line string")
        #expect(mistakes("# $Prompt a thing : x\n") == ["1:1 \"thing\" is no type of prompt"])
        #expect(mistakes("# $Prompt a number min=5 max=1 : x\n") == ["1:1 min and max make no range"])
        #expect(mistakes("# $Prompt a text\n") == ["1:1 prompt a asks nothing"])
        #expect(
            mistakes("# $Prompt a number default=x : q\nif size :over %{a} { discard; }")
                == [
                    "1:1 the default of prompt a can't be used: it is no number",
                    "2:15 no prompt asks for \"a\"",
                ])
        #expect(
            mistakes("# $Prompt a text : x\nvacation \"%{a}\";").first
                == "2:1 the vacation command is used without require \"vacation\"")
    }
}

@Suite("Stored rules")
struct StoredRulesTests {
    @Test("are taken apart at their comments, not at those in strings, blocks and other comments")
    func apart() {
        let source = """
            require ["fileinto", "copy"];
            # $Rule Info: Order=2 Template=a Name=One two
            fileinto "# $Rule Info: Order=3";
            /*
            # $Rule Info: Order=4 Template=b Name=x
            */
            if true {
            # $Rule Info: Order=5 Template=b Name=x
            keep; }
            # $Rule Info: Order=1 Template=c Name=Second
            redirect :copy "a@example.org";
            """
        let rules = StoredRules(source).rules
        #expect(rules.map { $0.info?.name } == ["One two", "Second"])
        #expect(rules.map { $0.info?.order } == [2, 1])
        #expect(rules.map(\.requires) == [["fileinto", "copy"], ["fileinto", "copy"]])
        #expect(rules[1].body == #"redirect :copy "a@example.org";"#)
    }

    @Test("several make one script: one require, by their order, without those that are switched off")
    func joined() {
        let values = [
            "# $Rule Info: Order=2 Template=x Name=b\r\nrequire \"fileinto\";\r\nfileinto \"b\";\r\n",
            "# $Rule Info: Order=0 Template=x Name=off\nrequire \"reject\";\nreject \"no\";",
            "# $Rule Info: Order=1 Template=x Name=a\nrequire [\"copy\", \"fileinto\"]; fileinto :copy \"a\";",
            "require \"envelope\"; if envelope \"from\" \"x\" { stop; }",
        ]
        let text = StoredRules(joining: values).runnable
        #expect(
            text == """
                require ["copy", "fileinto", "envelope"];

                # $Rule Info: Order=1 Template=x Name=a
                fileinto :copy "a";

                # $Rule Info: Order=2 Template=x Name=b
                fileinto "b";

                if envelope "from" "x" { stop; }

                """)
        #expect(Script.compile(name: "s", source: Array(text.utf8)).script != nil)
    }

    @Test("one that is switched off stays in the script, does nothing, and can be switched on again")
    func disabled() {
        var rules = StoredRules("keep;")
        rules.put(
            StoredRules.Rule(
                info: RuleInfo(order: 0, template: "t", name: "off"), requires: ["reject"],
                body: "reject \"a\r\nb\";\nstop;"))
        let stored = rules.stored
        #expect(
            stored == """
                keep;

                # $Rule Info: Order=0 Template=t Name=off
                #| require ["reject"];
                #| reject "a\r
                #| b";
                #| stop;

                """)
        let again = StoredRules(stored)
        #expect(again.rules.last?.info?.order == 0)
        #expect(again.rules.last?.requires == ["reject"])
        #expect(again.stored == stored)
        #expect(again.runnable == "keep;\n")
    }

    @Test("whatever a script holds, none of it is lost, and storing it twice changes nothing more")
    func whole() {
        for source in [
            "", "keep;", "\"unclosed", "text:\nx", "require", "require \"a\"", "require \"a\" keep;", "/* x",
            "# $Rule Info: Order=1", "# $Rule Info: Order=x Name=y\nkeep;",
            "}}}} # $Rule Info: Order=1 Name=z\nkeep;",
        ] {
            let once = StoredRules(source).stored
            #expect(StoredRules(once).stored == once, "\(source)")
            for word in ["keep;", "unclosed", "/* x"] where source.contains(word) {
                #expect(once.contains(word))
            }
        }
    }
}
