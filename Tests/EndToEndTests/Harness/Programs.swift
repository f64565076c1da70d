// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Running programs: our own, which stand beside the test bundle, and Debian's.
enum Programs {
    /// `postern` or `postern-scanner` of this build.
    static func built(_ name: String) -> String {
        // The test runner is given the bundle's path; the products lie beside it.
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        var folder = URL(filePath: bundle).deletingLastPathComponent()
        for _ in 0..<4 {
            let path = folder.appending(path: name).path()
            if FileManager.default.isExecutableFile(atPath: path) { return path }
            folder = folder.deletingLastPathComponent()
        }
        return FileManager.default.currentDirectoryPath + "/.build/debug/\(name)"
    }

    struct Finished {
        var status: Int32
        var output: String
        var errors: String

        /// Each line of the output as a JSON object.
        var objects: [[String: Any]] {
            output.split(whereSeparator: \.isNewline).compactMap {
                (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
            }
        }
    }

    /// Runs a program to its end. Nothing on its standard input.
    static func run(_ path: String, _ arguments: [String], input: String? = nil) throws -> Finished {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let folder = try TestFolder()
        let outputPath = folder.path + "/out"
        let errorsPath = folder.path + "/err"
        for path in [outputPath, errorsPath] { FileManager.default.createFile(atPath: path, contents: nil) }
        process.standardOutput = try #require(FileHandle(forWritingAtPath: outputPath))
        process.standardError = try #require(FileHandle(forWritingAtPath: errorsPath))
        if let input {
            let pipe = Pipe()
            process.standardInput = pipe
            try process.run()
            try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try pipe.fileHandleForWriting.close()
        } else {
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }
        process.waitUntilExit()
        return Finished(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: URL(filePath: outputPath)), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: URL(filePath: errorsPath)), as: UTF8.self))
    }
}

/// A folder that goes with the test.
final class TestFolder: @unchecked Sendable {
    // Sendable: the path is never written again.
    let path: String

    init() throws {
        let template = strdup("/tmp/postern-e2e-XXXXXX")
        defer { free(template) }
        path = String(cString: try #require(mkdtemp(template)))
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        let file = URL(filePath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}

/// Waits for something that another process does.
enum Waiting {
    /// Far more than anything takes on a quiet machine: a deadline is for a failing test, not a measurement.
    static let secondsMax = 60.0

    static func until<Value>(
        _ what: String, seconds: Double = secondsMax, _ found: () throws -> Value?
    ) throws -> Value {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end {
            if let value = try found() { return value }
            usleep(20_000)
        }
        throw WaitingError(what: what)
    }
}

struct WaitingError: Error, CustomStringConvertible {
    let what: String
    var description: String { "waited in vain for: \(what)" }
}
