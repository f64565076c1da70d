// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// A gateway of its own: the shipped rules and scripts in a temporary folder, free ports, a fresh state
/// folder.
final class Gateway {
    let folder: TestFolder
    /// Of SMTP, as the ready line has it.
    private(set) var port = 0
    /// Of `/metrics` and `/health`.
    private(set) var operationsPort = 0
    private var program: RunningProgram?
    /// Beside the state, or wherever else the test put it.
    let state: String

    var rules: String { folder.path + "/rules" }
    var config: String { rules + "/postern.toml" }
    var maildir: String { state + "/maildir/new" }
    private var logPath: String { folder.path + "/log" }
    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// Text of a file as shipped, and what stands in its place.
    typealias Edit = (text: String, replacement: String)

    /// Copies the shipped rules and starts. `edit` changes `postern.toml`, `mappings` the tables: each text
    /// must be there. `state` puts the state folder elsewhere.
    init(
        edit: [Edit] = [], mappings: [Edit] = [], state: String? = nil, isStarted: Bool = true
    ) throws {
        folder = try TestFolder()
        self.state = state ?? folder.path + "/state"
        for name in ["rules", "sieve"] {
            try FileManager.default.copyItem(
                atPath: Self.project + "/" + name, toPath: folder.path + "/" + name)
        }
        let own: [Edit] = [
            ("127.0.0.1:2525", "127.0.0.1:0"), ("127.0.0.1:8025", "127.0.0.1:0"), ("../.postern", self.state),
        ]
        try change("postern.toml", own + edit)
        try change("mappings", mappings)
        if isStarted { try start() }
    }

    deinit { _ = try? stop() }

    /// The project's folder, with the shipped `rules/` and `sieve/`.
    static let project: String = {
        let here = URL(filePath: #filePath).resolvingSymlinksInPath()
        return here.deletingLastPathComponent().appending(path: "../../..").standardized.path
    }()

    /// Changes a file of the rules folder.
    func change(_ name: String, _ edits: [Edit]) throws {
        var text = try String(contentsOfFile: rules + "/" + name, encoding: .utf8)
        for edit in edits {
            try #require(text.contains(edit.text), "\(name) has no \(edit.text)")
            text = text.replacingOccurrences(of: edit.text, with: edit.replacement)
        }
        try Data(text.utf8).write(to: URL(filePath: rules + "/" + name))
    }

    // MARK: Starting and stopping

    /// Starts, and does not wait for anything.
    @discardableResult
    func launch() throws -> RunningProgram {
        let program = try RunningProgram(
            try Programs.built("postern"), ["serve", "--config", config], errors: logPath)
        self.program = program
        return program
    }

    /// Starts, and returns when every role serves.
    func start() throws {
        let before = log.utf8.count
        let program = try launch()
        let line = try awaited("the ready line") { () throws -> Substring? in
            let new = String(decoding: Array(log.utf8.dropFirst(before)), as: UTF8.self)
            if let line = new.split(separator: "\n").first(where: { $0.hasPrefix("postern: ready ") }) {
                return line
            }
            guard program.isRunning else { throw HarnessError("the gateway ended at its start") }
            return nil
        }
        // postern: ready smtp 127.0.0.1:40001, operations 127.0.0.1:40002
        let ports = line.split(separator: ",").compactMap {
            $0.split(separator: ":").last.flatMap { Int($0) }
        }
        try #require(ports.count == 2, "the ready line is \(line)")
        (port, operationsPort) = (ports[0], ports[1])
    }

    var pid: Int32 { program?.pid ?? 0 }
    var isRunning: Bool { program?.isRunning ?? false }

    /// SIGTERM, and the exit status.
    @discardableResult
    func stop() throws -> Int32 {
        guard let program else { return 0 }
        if program.isRunning { kill(program.pid, SIGTERM) }
        return try ended()
    }

    /// The exit status of a gateway that was told to end, or 128 and the signal.
    func ended() throws -> Int32 {
        guard let program else { return 0 }
        return try awaited("the gateway's end") { program.isRunning ? nil : try program.wait() }
    }

    /// As `Waiting.until`, with the log's end in the error.
    func awaited<Value>(_ what: String, _ found: () throws -> Value?) throws -> Value {
        do {
            return try Waiting.until(what, found)
        } catch let error as HarnessError {
            throw HarnessError("\(error); the log ends: \(log.suffix(4_000))")
        }
    }

    /// Until it is so.
    func wait(until what: String, _ isTrue: () throws -> Bool) throws {
        try awaited(what) { () throws -> Void? in try isTrue() ? () : nil }
    }

    // MARK: Commands

    /// `postern NAME ... --config CONFIG`.
    func command(_ arguments: String...) throws -> Programs.Finished {
        try Programs.run(try Programs.built("postern"), arguments + ["--config", config])
    }

    /// The id of the case that a reply names.
    static func caseID(_ reply: String) throws -> String {
        let tail = try #require(reply.range(of: "(case "), "no case in \(reply)")
        return String(reply[tail.upperBound...].prefix { $0 != ")" })
    }

    /// `case explain` in words, once the case is written.
    func explanation(_ reply: String) throws -> String {
        let id = try Self.caseID(reply)
        return try awaited("case \(id)") {
            let finished = try command("case", "explain", id)
            return finished.status == 0 ? finished.output : nil
        }
    }

    /// The cases, as `case list` has them, once there are `count` of them that `isMeant`.
    func cases(_ count: Int, where isMeant: ([String: Any]) -> Bool) throws -> [[String: Any]] {
        try awaited("\(count) cases") {
            let found = try command("case", "list", "--json").objects.filter(isMeant)
            return found.count >= count ? found : nil
        }
    }

    /// The value of a metric, as `/metrics` has it.
    func metric(_ name: String) throws -> Int {
        let page = try Programs.run("/usr/bin/curl", ["-sS", "http://127.0.0.1:\(operationsPort)/metrics"])
        let lines = page.output.split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("postern_\(name) ") }, "no \(name) in \(page)")
        return try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }

    // MARK: Mail

    /// The messages that arrived in the maildir, an octet a character.
    func arrived() throws -> [String] { try Maildir.messages(maildir) }

    /// Those that hold `text`, once there are `count` of them.
    func arrived(_ count: Int, with text: String) throws -> [String] {
        try awaited("\(count) messages with \(text)") {
            let found = try arrived().filter { $0.contains(text) }
            return found.count >= count ? found : nil
        }
    }

    /// `held list`, once it has `count` entries.
    func held(_ count: Int) throws -> [[String: Any]] {
        try awaited("\(count) held messages") {
            let rows = try command("held", "list", "--json").objects
            return rows.count >= count ? rows : nil
        }
    }

    /// A message from outside to `b@example.test`; its final reply.
    func deliver(
        from source: String = "127.0.0.1", sender: String = "a@outside.example", subject: String
    ) throws -> String {
        try SMTPDialogue.deliver(
            port: port, from: source, sender: sender, "Subject: \(subject)\n\nThe text of \(subject).\n")
    }
}

extension Gateway {
    /// One worker takes in all mail, so that a test knows which.
    static let oneWorker: Edit = ("# [process]", "[process]\ninbound_workers = 1")
}
