// SPDX-License-Identifier: MIT
import Testing

@Suite("postern sieve check")
struct SieveCheckCommandTests {
    @Test("svtest: a line for each test, and status 0 only if all pass")
    func testFiles() throws {
        let folder = try Folder()
        let good = try folder.write(
            """
            require ["vnd.dovecot.testsuite", "relational", "comparator-i;ascii-numeric"];
            test_set "message" text:
            Subject: hello

            text
            .
            ;
            test "the subject" { if not header "subject" "hello" { test_fail "it differs"; } }
            """, to: "good.svtest")
        let bad = try folder.write(
            "require \"vnd.dovecot.testsuite\"; test \"never\" { test_fail \"as it must\"; }",
            to: "bad.svtest")
        let broken = try folder.write("test \"x\" { keep; }", to: "broken.svtest")
        let passed = try Program.run("sieve", "svtest", good, in: folder)
        #expect(passed.status == 0)
        #expect(
            passed.output
                == "{\"file\":\"\(good)\",\"n\":1,\"name\":\"the subject\",\"result\":\"pass\",\"reason\":\"\"}\n"
        )
        let failed = try Program.run("sieve", "svtest", good, bad, broken, in: folder)
        #expect(failed.status == 1)
        #expect(failed.output.contains("\"result\":\"fail\",\"reason\":\"line 1: as it must\""))
        #expect(failed.output.contains("\"result\":\"file-error\""))
        #expect(try Program.run("sieve", "svtest", "--expect-failure", bad, in: folder).status == 0)
    }

    @Test("run: what extensions do shows in the actions, by their keys")
    func extensions() throws {
        let folder = try Folder()
        let script = try folder.write(
            """
            require ["vacation", "editheader", "variables", "spamtest", "extlists", "environment", "date"];
            addheader "X-Seen" "yes";
            if allof (spamtest "5", environment "remote-ip" "192.0.2.7", address :list "from" "friends",
                currentdate "year" "2026") { vacation :days 3 :subject "Away" "Gone."; }
            """, to: "s.sieve")
        let message = try folder.write(
            "From: ann@example.net\r\nTo: bob@example.org\r\nSubject: x\r\n\r\ntext\r\n", to: "m")
        let friends = try folder.write("Ann@example.net\n", to: "friends")
        let ran = try Program.run(
            "sieve", "run", "--script", script, "--message", message, "--from", "ann@example.net", "--to",
            "bob@example.org", "--spam", "5", "--env", "remote-ip=192.0.2.7", "--list", "friends=\(friends)",
            "--now", "1792976000", in: folder)
        #expect(ran.status == 0)
        #expect(
            ran.output.hasPrefix(
                #"{"actions":[{"type":"vacation","reason":"Gone.","subject":"Away","days":3,"handle":null}],"#
                    + #""implicit_keep":true,"message":"X-Seen: yes\r\nFrom: ann@example.net\r\n"#))
    }

    @Test("has nothing to say of a good script")
    func good() throws {
        let folder = try Folder()
        try folder.write("require \"fileinto\";\r\nfileinto \"a\";\r\n", to: "s")
        let ran = try Program.run("sieve", "check", "s", in: folder)
        #expect(ran.status == 0)
        #expect(ran.output.isEmpty && ran.errors.isEmpty)
    }

    @Test("names every mistake of a script at once, and exits with 1")
    func mistakes() throws {
        let folder = try Folder()
        try folder.write("keep;\nfileinto \"a\";\nkep;\n", to: "s")
        let ran = try Program.run("sieve", "check", "s", in: folder)
        #expect(ran.status == 1)
        let complaints = try ran.lines.map { try Program(status: 0, output: $0, errors: "").json() }
        #expect(complaints.map { $0["line"] } == [.number(2), .number(3)])
        #expect(complaints.map { $0["column"] } == [.number(1), .number(1)])
        #expect(
            complaints.first?["message"] == .text("the fileinto command is used without require \"fileinto\"")
        )
        #expect(complaints.first?.keys == ["column", "file", "help", "line", "message", "severity"])
        #expect(
            ran.errors.hasPrefix("s:2:1: error: the fileinto command is used without require \"fileinto\"\n"))
    }
}

@Suite("postern sieve run")
struct SieveRunCommandTests {
    private static let message = "From: a@example.net\r\nSubject: hello\r\n\r\nbody\r\n"

    private static func run(_ script: String, _ options: [String] = []) throws -> Program {
        let folder = try Folder()
        try folder.write(script, to: "s")
        try folder.write(message, to: "m")
        return try Program.run(["sieve", "run", "--script", "s", "--message", "m"] + options, in: folder)
    }

    @Test("lists the actions in order, each with the keys of its type")
    func actions() throws {
        let ran = try Self.run(
            """
            require ["fileinto", "copy", "hold"];
            fileinto :copy "Lists/one";
            redirect :copy "x@example.org";
            hold "look at it";
            keep;
            """)
        #expect(ran.status == 0)
        #expect(
            ran.output == #"{"actions":["#
                + #"{"type":"fileinto","folder":"Lists/one","flags":[],"copy":true,"create":false},"#
                + #"{"type":"redirect","address":"x@example.org","copy":true},"#
                + #"{"type":"hold","reason":"look at it"},{"type":"keep","flags":[]}],"#
                + #""implicit_keep":false,"message":null,"error":null}"# + "\n")
    }

    @Test("the actions that stand alone have no keys but their type, or a reason")
    func alone() throws {
        #expect(
            try Self.run("discard;").output
                == #"{"actions":[{"type":"discard"}],"implicit_keep":false,"message":null,"error":null}"#
                + "\n")
        #expect(
            try Self.run("require \"jettison\"; jettison;").output
                == #"{"actions":[{"type":"jettison"}],"implicit_keep":false,"message":null,"error":null}"#
                + "\n")
        for name in ["reject", "ereject"] {
            let ran = try Self.run("require \"\(name)\"; \(name) \"no, \\\"no\\\"\";")
            #expect(
                ran.output
                    == #"{"actions":[{"type":"\#(name)","reason":"no, \"no\""}],"implicit_keep":false,"#
                    + #""message":null,"error":null}"# + "\n")
        }
    }

    @Test("the implicit keep is a key, and no action")
    func implicitKeep() throws {
        #expect(
            try Self.run("if false { discard; }").output
                == #"{"actions":[],"implicit_keep":true,"message":null,"error":null}"# + "\n")
    }

    @Test(
        "--from, --to and --orig-to are the envelope; no sender, an empty one and <> are the null reverse-path"
    )
    func envelope() throws {
        let script = """
            require ["envelope", "fileinto"];
            if envelope :is "from" "a@x.example" { fileinto "from"; }
            if envelope :is "from" "" { fileinto "null"; }
            if envelope :is "to" "-b@y.example" { fileinto "to"; }
            """
        func folders(_ options: [String]) throws -> [JSON?] {
            guard case .list(let actions)? = try Self.run(script, options).json()["actions"] else {
                return []
            }
            return actions.map { $0["folder"] }
        }
        #expect(
            try folders(["--from", "<a@x.example>", "--to", "-b@y.example"]) == [.text("from"), .text("to")])
        #expect(try folders(["--from", ""]) == [.text("null")])
        #expect(try folders(["--from", "<>"]) == [.text("null")])
        #expect(try folders([]) == [.text("null")])
        #expect(
            try folders(["--from", "c@x.example", "--to", "d@y.example", "--orig-to", "e@y.example"]) == [])
    }

    @Test("an address that is none is bad usage")
    func badAddress() throws {
        let ran = try Self.run("keep;", ["--to", "nobody"])
        #expect(ran.status == 2)
        #expect(ran.output.isEmpty)
        #expect(ran.errors == "postern: --to nobody: this is no mail address; write ann@example.net\n")
    }

    @Test("a mistake at run time is in the answer, and the message is kept")
    func runTimeError() throws {
        let ran = try Self.run("require \"reject\"; keep; reject \"no\";")
        #expect(ran.status == 0)
        let answer = try ran.json()
        #expect(answer["actions"] == .list([]))
        #expect(answer["implicit_keep"] == .flag(true))
        guard case .text(let error)? = answer["error"] else {
            Issue.record("no error in \(ran.output)")
            return
        }
        #expect(error.hasPrefix("s:1: "))
    }

    @Test("a script that doesn't compile is not run: its first mistake is in the answer, exit status 1")
    func faulty() throws {
        let ran = try Self.run("kep;")
        #expect(ran.status == 1)
        #expect(
            ran.output
                == #"{"actions":[],"implicit_keep":true,"message":null,"error":"s:1:1: unknown command \"kep\""}"#
                + "\n")
        #expect(ran.errors.hasPrefix("s:1:1: error: unknown command \"kep\"\n"))
    }
}
