// SPDX-License-Identifier: MIT
import Testing

@Suite("Bad usage")
struct UsageTests {
    @Test(
        "exits with 2, says what is wrong on standard error, and answers nothing",
        arguments: [
            (["nonsense"], "nonsense"),
            (["mapping"], "say which"),
            (["sieve"], "say which"),
            (["mime"], "say which"),
            (["config"], "say which"),
            (["mapping", "test"], "--table"),
            (
                ["mapping", "test", "--table", "T", "--file", "missing", "x"],
                "missing: can't be read: No such file"
            ),
            (["mapping", "test", "--table", "T", "x"], "rules/postern.toml: can't be read"),
            (["mapping", "match", "--pattern", "a"], "--target"),
            (["check", "--config", "missing"], "missing: can't be read: No such file"),
            (["check", "--frobnicate"], "--frobnicate"),
            (["sieve", "check", "missing"], "missing: can't be read"),
            (["sieve", "check", "."], ".: can't be read: Is a directory"),
            (["sieve", "run", "--script", "missing", "--message", "missing"], "missing: can't be read"),
            (["sieve", "bench", "--script", "s", "--message", "m"], "--iterations"),
            (["sieve", "bench", "--script", "s", "--message", "m", "--iterations", "0"], "at least 1"),
            (
                ["sieve", "bench", "--script", "missing", "--message", "missing", "--iterations", "1"],
                "missing: can't be read"
            ),
            (["mime", "parse"], "<file>"),
            (["mime", "parse", "missing"], "missing: can't be read"),
            (["mime", "bench"], "--message"),
            (["mime", "bench", "--message", "missing"], "missing: can't be read"),
            (["scan"], "<file>"),
            (["scan", "missing"], "missing: can't be read"),
            (["scan", "--with", "clamav"], "<file>"),
            (
                ["config", "bench", "--listen", "nowhere", "--next-hop", "127.0.0.1:25", "--state", "s"],
                "--listen nowhere"
            ),
            (
                ["config", "bench", "--listen", "127.0.0.1:0", "--next-hop", ":", "--state", "s"],
                "--next-hop :"
            ),
            (
                ["config", "bench", "--listen", "127.0.0.1:0", "--next-hop", "h:1", "--state", "s"],
                "rules/mappings: can't be read"
            ),
        ])
    func refused(arguments: [String], words: String) throws {
        let ran = try Program.run(arguments, in: Folder())
        #expect(ran.status == 2, "\(ran)")
        #expect(ran.output.isEmpty)
        #expect(ran.errors.contains(words), "\(ran)")
    }

    @Test("control characters of a file's name don't reach the terminal")
    func escaped() throws {
        let ran = try Program.run("mime", "parse", "a\u{1B}[31mb", in: Folder())
        #expect(ran.status == 2)
        #expect(ran.errors == "postern: a?[31mb: can't be read: No such file or directory\n")
    }

    @Test(
        "help and version are answers",
        arguments: [["--help"], ["--version"], ["mapping", "test", "--help"], ["scan", "--help"]])
    func help(arguments: [String]) throws {
        let ran = try Program.run(arguments, in: Folder())
        #expect(ran.status == 0)
        #expect(!ran.output.isEmpty && ran.errors.isEmpty)
    }

    @Test(
        "what an option of a trial can't take is refused, and named",
        arguments: [
            ("--env", "name"), ("--spam", "11"), ("--spam-percent", "101"), ("--virus", "6"),
            ("--list", "friends"), ("--auth", "nobody"), ("--now", "noon"),
        ])
    func badValue(option: String, value: String) throws {
        let folder = try Folder()
        let script = try folder.write("keep;", to: "s")
        let ran = try Program.run(
            "sieve", "run", "--script", script, "--message", script, option, value, in: folder)
        #expect(ran.status == 2)
        #expect(ran.errors.contains(option))
    }
}
