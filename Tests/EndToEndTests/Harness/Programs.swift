// SPDX-License-Identifier: MIT

import Foundation

/// Running programs to their end: our own, which stand beside the test bundle, and Debian's.
enum Programs {
    /// `postern` or `postern-scanner` of this build.
    static func built(_ name: String) throws -> String {
        var folder = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let starts = [folder.path] + CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
        for start in starts {
            folder = URL(filePath: start)
            while folder.path != "/" {
                folder = folder.deletingLastPathComponent()
                let path = folder.appending(path: name).path
                if FileManager.default.isExecutableFile(atPath: path) { return path }
            }
        }
        throw HarnessError("\(name) doesn't stand above any of \(starts); build it first")
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

    /// A program under way, whose output is asked for once it has ended.
    struct Running {
        fileprivate let folder: TestFolder
        fileprivate let program: RunningProgram

        func finish() throws -> Finished {
            let status = try program.wait(seconds: 2 * Waiting.secondsMax)
            return Finished(status: status, output: try folder.read("out"), errors: try folder.read("err"))
        }
    }

    static func start(_ path: String, _ arguments: [String]) throws -> Running {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw HarnessError("\(path) is missing; scripts/install build demo test brings it")
        }
        let folder = try TestFolder()
        try folder.write("", to: "out")
        try folder.write("", to: "err")
        return Running(
            folder: folder,
            program: try RunningProgram(
                path, arguments, output: folder.path + "/out", errors: folder.path + "/err"))
    }

    /// Runs a program to its end, with nothing on its standard input.
    static func run(_ path: String, _ arguments: [String]) throws -> Finished {
        try start(path, arguments).finish()
    }
}
