// SPDX-License-Identifier: MIT
import Foundation
import Testing

@Suite("postern scan")
struct ScanCommandTests {
    /// The EICAR test string, in two halves, so that this file trips no scanner.
    private static let eicar = #"X5O!P%@AP[4\PZX54(P^)7CC)7}$"# + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    private static let warning = "only test signatures are loaded: real malware is not found\n"

    private static func folder(signatures: String = "\(Program.project)/rules/signatures") throws -> Folder {
        let folder = try Folder.withRules(
            """
            [scanner.first]
            kind = "clamav"
            signatures = "\(signatures)"
            [scanner.second]
            kind = "clamav"
            signatures = "\(signatures)"
            """)
        // Rules that don't compile are no reason not to scan.
        try folder.write("BROKEN\n", to: "rules/mappings")
        return folder
    }

    @Test("each scanner reports on a line of its own; nothing of it stays behind")
    func reports() throws {
        let folder = try Self.folder()
        try folder.write("Nothing to see.", to: "clean")
        let temporary = "\(folder.path)/temporary"
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        let ran = try Program.run(["scan", "clean"], in: folder, environment: ["TMPDIR": temporary])
        #expect(ran.status == 0)
        let lines = try ran.lines.map { try Program(status: 0, output: $0, errors: "").json() }
        #expect(lines.map { $0["scanner"] } == [.text("first"), .text("second")])
        #expect(lines.map { $0["state"] } == [.text("clean"), .text("clean")])
        #expect(lines.first?.keys == ["name", "part", "reason", "scanner", "state", "took_ms"])
        #expect(ran.errors == "postern: first: \(Self.warning)postern: second: \(Self.warning)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
    }

    @Test("what is found is named, and in a message its part; that is an answer, so the exit status is 0")
    func infected() throws {
        let folder = try Self.folder()
        let encoded = Data(Self.eicar.utf8).base64EncodedString()
        try folder.write(
            [
                "Subject: x", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "text", "--b",
                "Content-Transfer-Encoding: base64", "", encoded, "--b--", "",
            ].joined(separator: "\r\n"), to: "message")
        try folder.write(Self.eicar, to: "file")
        let message = try Program.run("scan", "message", "--with", "second", in: folder)
        #expect(message.status == 0)
        #expect(message.lines.count == 1)
        #expect(
            message.output.hasPrefix(
                #"{"scanner":"second","state":"infected","name":"Postern.Test.EICAR.UNOFFICIAL","part":"2","reason":null,"took_ms":"#
            ))
        let file = try Program.run("scan", "--with", "first", "file", in: folder)
        #expect(
            file.output.hasPrefix(
                #"{"scanner":"first","state":"infected","name":"Postern.Test.EICAR.UNOFFICIAL","part":null,"reason":null,"#
            ))
    }

    @Test("a scanner that can't start leaves the file unscanned, with its reason; never clean")
    func unscanned() throws {
        let folder = try Self.folder(signatures: "/nonexistent/signatures")
        try folder.write("x", to: "file")
        let ran = try Program.run("scan", "file", "--with", "first", in: folder)
        #expect(ran.status == 0)
        #expect(
            ran.output.hasPrefix(
                #"{"scanner":"first","state":"unscanned","name":null,"part":null,"reason":"first: the scanner ended at its start: "#
                    + "cannot read the signature folder /nonexistent/signatures: No such file or directory"),
            "\(ran)")
    }

    @Test("a scanner that isn't configured, or none at all, is bad usage")
    func unknown() throws {
        let folder = try Self.folder()
        try folder.write("x", to: "file")
        let ran = try Program.run("scan", "file", "--with", "third", in: folder)
        #expect(ran.status == 2)
        #expect(ran.errors == "postern: rules/postern.toml has no scanner third; it has first, second\n")
        let none = try Folder.withRules()
        try none.write("x", to: "file")
        #expect(
            try Program.run("scan", "file", in: none).errors
                == "postern: rules/postern.toml has no scanner; add [scanner.clamav]\n")
    }
}
