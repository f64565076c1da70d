// SPDX-License-Identifier: MIT
import Foundation
import Testing

@Suite("postern mime bench")
struct MIMEBenchCommandTests {
    private struct Report: Decodable {
        var mb_per_second: Double
        var cpu_us_per_parse: Double
        var octets: Int
        var iterations: Int
        var parts: Int
        var decoded_octets: Int
        var defects: [String]
        var memory_octets: Int
        var wall_seconds: Double
    }

    private func report(_ arguments: String..., in folder: Folder) throws -> Report {
        let ran = try Program.run(["mime", "bench"] + arguments, in: folder)
        #expect(ran.status == 0, "\(ran)")
        #expect(ran.errors.isEmpty)
        return try JSONDecoder().decode(Report.self, from: Data(ran.output.utf8))
    }

    @Test("reads the message as often as asked, and says how long it takes and what is in it")
    func counts() throws {
        let folder = try Folder()
        let lines = [
            "Content-Type: multipart/mixed; boundary=b", "MIME-Version: 1.0", "From: a@b", "Date: x", "",
            "--b",
            "Content-Transfer-Encoding: base64", "", "aGVs*bG8=", "--b", "", "text", "--b--", "",
        ]
        let text = lines.joined(separator: "\r\n")
        try folder.write(text, to: "m")
        let plain = try report("--message", "m", "--iterations", "7", in: folder)
        #expect(plain.octets == text.utf8.count)
        #expect(plain.iterations == 7)
        #expect(plain.parts == 3)
        #expect(plain.decoded_octets == 0)
        #expect(plain.defects.isEmpty)
        #expect(plain.mb_per_second > 0 && plain.cpu_us_per_parse > 0)
        #expect(plain.memory_octets >= 0 && plain.wall_seconds >= 0)
        let decoded = try report("--message", "m", "--iterations", "1", "--decode", in: folder)
        #expect(decoded.decoded_octets == 5 + 4)
        #expect(decoded.defects == ["junkInBase64"])
    }

    @Test("the messages of Benchmarks/mime are the same each time, as large as they should be, and are read")
    func generated() throws {
        let folder = try Folder()
        let generate = Program.project + "/Benchmarks/mime/generate"
        for name in ["one", "two"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: generate)
            process.arguments = [folder.path + "/" + name, "--octets", "20000"]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/one")
        #expect(files.count >= 13)
        for file in files {
            let one = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/one/\(file)"))
            #expect(
                try one == Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/two/\(file)")), "\(file)")
            #expect((13_000...22_000).contains(one.count), "\(file): \(one.count)")
            let read = try report("--message", "one/\(file)", "--iterations", "1", "--decode", in: folder)
            #expect(read.octets == one.count)
        }
        let attachment = try report("--message", "one/attachment-20000.eml", "--iterations", "1", in: folder)
        #expect(attachment.parts == 5 && attachment.defects.isEmpty)
    }

    @Test("without a message, or with iterations that make no sense, it is bad usage")
    func usage() throws {
        let folder = try Folder()
        for arguments in [[], ["--message", "none"], ["--message", "none", "--iterations", "0"]] {
            let ran = try Program.run(["mime", "bench"] + arguments, in: folder)
            #expect(ran.status == 2)
            #expect(ran.output.isEmpty && !ran.errors.isEmpty)
        }
    }
}
