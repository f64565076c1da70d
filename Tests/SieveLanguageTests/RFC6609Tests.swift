// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("RFC 6609: include")
struct RFC6609Tests {
    private func trial(_ personal: [String: String], global: [String: String] = [:]) -> Trial {
        var trial = Trial()
        trial.library = ScriptLibrary(
            personal: personal.mapValues { Array($0.utf8) }, global: global.mapValues { Array($0.utf8) })
        return trial
    }

    private let head = "require [\"include\", \"variables\", \"fileinto\"];"

    @Test("§3.2: an included script runs in the place of the include; the two locations are apart")
    func include() throws {
        let trial = trial(
            ["a": "\(head) fileinto \"one\";"], global: ["a": "\(head) fileinto \"two\";"])
        #expect(
            try trial.actions("\(head) include \"a\"; include :global \"a\"; fileinto \"three\";") == [
                "fileinto one", "fileinto two", "fileinto three",
            ])
    }

    @Test("§3.4.1: a variable that was set can't be declared global any more")
    func lateGlobal() {
        #expect(
            Compiling.places("\(head) global \"a\"; global \"a\"; set \"a\" \"\"; global \"a\";") == [])
        #expect(Compiling.complaints("\(head) set \"b\" \"\"; global \"b\";").count == 1)
        #expect(Compiling.complaints("require \"include\"; global \"a\"; global \"b\";").count == 2)
    }

    @Test("§3.2: :once runs a script once; :optional forgives a missing one; without it that is a mistake")
    func tags() throws {
        let trial = trial(["a": "\(head) global \"n\"; set \"n\" \"${n}x\";"])
        #expect(
            try trial.actions(
                "\(head) global \"n\"; include :once \"a\"; include :once \"a\"; include \"a\";"
                    + "include :optional \"b\"; fileinto \"${n}\";") == ["fileinto xx"])
        #expect(
            Compiling.places("\(head) include \"b\";")
                == ["1:55: there is no personal script \"b\""])
    }

    @Test("§3.3: return leaves the included script, stop leaves all")
    func leaving() throws {
        let trial = trial([
            "a": "\(head) fileinto \"one\"; return; fileinto \"two\";",
            "b": "\(head) if true { stop; }",
        ])
        #expect(
            try trial.actions("\(head) include \"a\"; include \"b\"; fileinto \"three\";") == [
                "fileinto one"
            ])
    }

    @Test("§3.4: variables are a script's own unless it declares them global, or names the namespace")
    func variables() throws {
        let trial = trial([
            "a": """
            \(head) global ["shared"]; set "shared" "${shared}+a"; set "own" "lost"; set "global.third" "t";
            """
        ])
        #expect(
            try trial.actions(
                """
                \(head) global "shared"; set "shared" "s"; set "own" "o"; include "a";
                fileinto "${shared}|${own}|${global.third}";
                """) == ["fileinto s+a|o|t"])
    }

    @Test("a script that includes itself, through others too, is a mistake; with :once it ends")
    func cycles() throws {
        let cyclic = trial(["a": "\(head) include \"b\";", "b": "\(head) include \"a\";"])
        let compiled = Script.compile(
            name: "test.sieve", source: Array("\(head) include \"a\";".utf8), library: cyclic.library)
        #expect(compiled.script == nil)
        #expect(
            compiled.complaints.contains { $0.message == "\"a\" includes itself" && $0.file == "b.sieve" })
        let once = trial([
            "a": "\(head) include :once \"b\";", "b": "\(head) include :once \"a\"; fileinto \"b\";",
        ])
        #expect(try once.actions("\(head) include \"a\";") == ["fileinto b"])
    }

    @Test("mistakes and run-time errors of an included script name its file and line")
    func places() throws {
        let broken = trial(["a": "keep;\nfrobnicate;"])
        let compiled = Script.compile(
            name: "test.sieve", source: Array("\(head) include \"a\";".utf8), library: broken.library)
        #expect(compiled.complaints.map { "\($0.file):\($0.line)" } == ["test.sieve:1", "a.sieve:2"])
        let failing = trial(["a": "require \"ihave\";\n\nerror \"no\";"])
        #expect(try failing.outcome("\(head)\ninclude \"a\";").error == "a.sieve:3: the script says: no")
    }

    @Test("chains that are too deep, and names that are none, are mistakes")
    func limits() throws {
        var scripts: [String: String] = [:]
        for number in 0..<20 { scripts["s\(number)"] = "\(head) include \"s\(number + 1)\";" }
        let compiled = Script.compile(
            name: "test.sieve", source: Array("\(head) include \"s0\";".utf8), library: trial(scripts).library
        )
        #expect(compiled.complaints.contains { $0.message.contains("deeper than 10") })
        for name in ["", "a/b", "a\nb"] {
            #expect(!Compiling.complaints("\(head) include \"\(name)\";").isEmpty)
        }
    }
}
