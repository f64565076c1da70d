// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// A gateway of its own: the shipped rules and scripts in a temporary folder, free ports, a fresh state folder.
final class Gateway {
    let folder: TestFolder
    let port: Int
    let operationsPort: Int
    private var process: Process?
    private let logPath: String

    var config: String { folder.path + "/rules/postern.toml" }
    var state: String { folder.path + "/state" }
    var maildir: String { state + "/maildir/new" }
    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// `edit` changes the rules before the start: each pair is text and what replaces it in `postern.toml`, and must be
    /// found. `files` adds or replaces files, by path below the folder.
    init(edit: [(String, String)] = [], files: [String: String] = [:]) throws {
        folder = try TestFolder()
        port = try Self.freePort()
        operationsPort = try Self.freePort()
        logPath = folder.path + "/log"
        try Self.copyRules(to: folder.path)
        var toml = try String(contentsOfFile: folder.path + "/rules/postern.toml", encoding: .utf8)
        let edits = [
            ("127.0.0.1:2525", "127.0.0.1:\(port)"), ("127.0.0.1:8025", "127.0.0.1:\(operationsPort)"),
            ("../.postern", "../state"),
        ]
        for (text, replacement) in edits + edit {
            try #require(toml.contains(text), "the shipped postern.toml has no \(text)")
            toml = toml.replacingOccurrences(of: text, with: replacement)
        }
        try folder.write(toml, to: "rules/postern.toml")
        for (name, text) in files { try folder.write(text, to: name) }
        try start()
    }

    deinit { stop() }

    static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    }

    private static func copyRules(to folder: String) throws {
        for name in ["rules", "sieve"] {
            try FileManager.default.copyItem(
                at: root.appending(path: name), to: URL(filePath: folder + "/" + name))
        }
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        try #require(code == 0)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Starts, and returns when every role serves.
    func start() throws {
        let process = Process()
        process.executableURL = URL(filePath: Programs.built("postern"))
        process.arguments = ["serve", "--config", config]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: logPath) {
            FileManager.default.createFile(atPath: logPath, contents: nil)
        }
        let handle = try #require(FileHandle(forWritingAtPath: logPath))
        let before = try handle.seekToEnd()
        process.standardError = handle
        try process.run()
        self.process = process
        do {
            try Waiting.until("postern: ready") {
                let text = try Data(contentsOf: URL(filePath: logPath)).dropFirst(Int(before))
                if String(decoding: text, as: UTF8.self).contains("postern: ready") { return true }
                if !process.isRunning { throw DialogueError("the gateway ended: \(log.suffix(3_000))") }
                return nil
            }
        } catch let error as WaitingError {
            throw DialogueError("\(error): \(log.suffix(3_000))")
        }
    }

    var pid: Int32 { process?.processIdentifier ?? 0 }
    var isRunning: Bool { process?.isRunning ?? false }

    /// An orderly stop; the exit status.
    @discardableResult
    func stop() -> Int32 {
        guard let process, process.isRunning else { return self.process?.terminationStatus ?? 0 }
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// `postern NAME ... --config CONFIG`.
    func command(_ arguments: String...) throws -> Programs.Finished {
        try Programs.run(Programs.built("postern"), arguments + ["--config", config])
    }

    /// The messages that arrived in the maildir.
    func arrived() throws -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: maildir)) ?? []
        return try names.sorted().map { try String(contentsOfFile: maildir + "/" + $0, encoding: .isoLatin1) }
    }

    /// Those that hold `text`, once there are `count` of them.
    func arrived(_ count: Int, with text: String) throws -> [String] {
        try Waiting.until("\(count) messages with \(text)") {
            let found = try arrived().filter { $0.contains(text) }
            return found.count >= count ? found : nil
        }
    }

    /// The id of the case that a reply names.
    static func caseID(_ reply: String) throws -> String {
        let tail = try #require(reply.range(of: "(case "), "no case in \(reply)")
        return String(reply[tail.upperBound...].prefix { $0 != ")" })
    }

    /// The case as JSON, once it is written.
    func caseRecord(_ id: String) throws -> [String: Any] {
        try Waiting.until("case \(id)") { try command("case", "show", id).objects.first }
    }

    /// `case explain` in words.
    func explanation(_ reply: String) throws -> String {
        let id = try Self.caseID(reply)
        return try Waiting.until("case \(id)") {
            let finished = try command("case", "explain", id)
            return finished.status == 0 ? finished.output : nil
        }
    }

    /// `status`, as JSON.
    func status() throws -> [String: Any] { try #require(command("status").objects.first) }

    func roles() throws -> [[String: Any]] { try #require(status()["roles"] as? [[String: Any]]) }

    /// EICAR, assembled here so that no file of the project trips a scanner.
    static let eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-" + "TEST-FILE!$H+H*"
}
