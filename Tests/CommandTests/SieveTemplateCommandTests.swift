// SPDX-License-Identifier: MIT
import Foundation
import Testing

@Suite("postern sieve template")
struct SieveTemplateCommandTests {
    private static let forward = """
        # $Template Send mail elsewhere
        # $Prompt to address : Where to
        # $Prompt days number min=1 max=9 default=3 : How long
        # $Prompt how choice values="all,some" default=all : Which mail
        require "copy";
        if not size :under %{days} { redirect :copy "%{to}"; }
        if header "x" "%{how}" { stop; }

        """

    private func folder() throws -> Folder {
        let folder = try Folder.withRules()
        try folder.write(Self.forward, to: "sieve/templates/forward.sieve-template")
        try folder.write("discard;\n", to: "sieve/templates/drop.sieve-template")
        return folder
    }

    private func run(_ arguments: String..., in folder: Folder) throws -> Program {
        try Program.run(["sieve", "template"] + arguments, in: folder)
    }

    @Test("list and show say what there is, and what one asks")
    func shown() throws {
        let folder = try folder()
        #expect(
            try run("list", in: folder).lines == [
                #"{"template":"drop","title":"drop"}"#,
                #"{"template":"forward","title":"Send mail elsewhere"}"#,
            ])
        let shown = try run("show", "forward", in: folder)
        #expect(
            shown.output == """
                {"template":"forward","title":"Send mail elsewhere","prompts":[\
                {"name":"to","type":"address","question":"Where to","default":null,"min":null,"max":null,"values":null},\
                {"name":"days","type":"number","question":"How long","default":"3","min":1,"max":9,"values":null},\
                {"name":"how","type":"choice","question":"Which mail","default":"all","min":null,"max":null,\
                "values":["all","some"]}]}

                """)
        let unknown = try run("show", "none", in: folder)
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("there are drop, forward"))
    }

    @Test("fill writes a script, and puts rules into one by their names and order")
    func filled() throws {
        let folder = try folder()
        let script = "\(folder.path)/ann.sieve"
        #expect(
            try run(
                "fill", "forward", "--set", "to=ann@example.org", "--name", "Away", "--order", "2", "--into",
                script,
                in: folder
            ).status == 0)
        #expect(
            try run("fill", "drop", "--order", "1", "--into", script, in: folder).status == 0)
        #expect(
            try String(contentsOfFile: script, encoding: .utf8) == """
                require ["copy"];

                # $Rule Info: Order=1 Template=drop Name=drop
                discard;

                # $Rule Info: Order=2 Template=forward Name=Away
                if not size :under 3 { redirect :copy "ann@example.org"; }
                if header "x" "all" { stop; }

                """)
        #expect(try Program.run("sieve", "check", script, in: folder).status == 0)
        #expect(
            try run("fill", "drop", "--order", "0", "--into", script, in: folder).status == 0)
        #expect(try String(contentsOfFile: script, encoding: .utf8).contains("\n#| discard;\n"))
    }

    @Test("a wrong value is bad usage by its prompt's name, and nothing is written")
    func wrong() throws {
        let folder = try folder()
        let script = "\(folder.path)/ann.sieve"
        let failed = try run("fill", "forward", "--set", "days=0", "--into", script, in: folder)
        #expect(failed.status == 2)
        #expect(failed.errors.contains("to: a value is missing: Where to"))
        #expect(failed.errors.contains("days: it must be from 1 to 9"))
        #expect(!FileManager.default.fileExists(atPath: script))
        try folder.write("foo;\n", to: "ann.sieve")
        let broken = try run("fill", "drop", "--into", script, in: folder)
        #expect(broken.status == 1)
        #expect(try String(contentsOfFile: script, encoding: .utf8) == "foo;\n")
    }
}
