// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// The built `postern`, run as people run it.
struct Program {
    var status: Int32
    var output: String
    var errors: String

    /// Lines of standard output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Standard output as one JSON value.
    func json() throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(output.utf8)) }

    /// Seconds that a command may take before the test gives up on it.
    private static let secondsMax = 120

    /// Runs `postern` in `folder` with `input` as its standard input and `environment` over ours.
    static func run(
        _ arguments: [String], in folder: Folder, input: String = "", environment: [String: String] = [:]
    ) throws -> Program {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let name = UUID().uuidString
        // Files, not pipes: nobody has to read while the command writes.
        process.standardInput = try FileHandle(
            forReadingFrom: URL(fileURLWithPath: folder.write(input, to: "\(name).in")))
        let output = try folder.write("", to: "\(name).out")
        let errors = try folder.write("", to: "\(name).err")
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        let finished = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in finished.signal() }
        try process.run()
        if finished.wait(timeout: .now() + .seconds(secondsMax)) == .timedOut {
            process.terminate()
            finished.wait()
            Issue.record("postern \(arguments.joined(separator: " ")) took more than \(secondsMax) s")
        }
        return Program(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    static func run(_ arguments: String..., in folder: Folder, input: String = "") throws -> Program {
        try run(arguments, in: folder, input: input)
    }

    /// Beside the test bundle in the build folder.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        for start in [own, CommandLine.arguments.first ?? "", CommandLine.arguments.last ?? ""] {
            var folder = URL(fileURLWithPath: start)
            while folder.path != "/" {
                folder = folder.deletingLastPathComponent()
                let built = folder.appendingPathComponent("postern").path
                if FileManager.default.isExecutableFile(atPath: built),
                    FileManager.default.isExecutableFile(atPath: built + "-scanner")
                {
                    return built
                }
            }
        }
        return "/nonexistent/postern"
    }()

    /// The project's folder, with the shipped `rules/` and `sieve/`.
    static let project: String = {
        let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        return here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    }()
}
