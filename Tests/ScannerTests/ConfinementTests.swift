// SPDX-License-Identifier: MIT
import CPostern
import Confinement
import Foundation
import Testing

/// What the probe brought about in one profile.
private struct Attempts {
    /// `refused: WORDS` or `allowed`, by the attempt's name.
    private(set) var results: [String: String] = [:]
    private(set) var measures: [String] = []
    private(set) var isComplete = false
    let otherFile: String

    init(as profile: String) throws {
        let folder = TestFolder()
        let own = try folder.makeFolder("own")
        let rules = try folder.makeFolder("rules")
        _ = try folder.makeFolder("other")
        try folder.write(Array("another job's file".utf8), to: "other/file")
        let other = folder.path("other/file")
        var outputs: [Int32] = [-1, -1]
        guard postern_pipe(&outputs) == 0 else { throw TestFailure("no pipe") }
        let process = spawn(
            ["/bin/sh", "-c", "exec \"$0\" \"$@\" >&3 3>&-", Built.probe, profile]
                + (profile == "worker" ? [own, other] : [rules, own, other]), descriptors: [outputs[1]])
        close(outputs[1])
        let output = LineReader(outputs[0])
        while let line = output.next(withinMs: ScannerProcess.wait) {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            switch words[0] {
            case "measure": measures.append(words[1])
            case "complete": isComplete = true
            default: results[words[0]] = words.count > 1 ? words[1] : ""
            }
        }
        var status: Int32 = -1
        waitpid(process, &status, 0)
        guard status == 0 else { throw TestFailure("the probe ended with \(status)") }
        otherFile = try String(contentsOfFile: other, encoding: .utf8)
    }
}

@Suite("A confined process, from inside")
struct ConfinementTests {
    /// One run per profile serves all tests.
    private static let asWorker = Result { try Attempts(as: "worker") }
    private static let asInbound = Result { try Attempts(as: "inbound") }

    private static let refusedEverywhere = [
        "open_system_file", "list_system_folder", "open_other_jobs_file", "write_other_jobs_file",
        "truncate_other_jobs_file", "read_parents_memory", "make_in_readable_folder", "socket_inet",
        "socket_inet6",
        "socket_netlink", "execve", "fork_bomb", "ptrace", "trace_me", "kill_parent", "kill_everyone",
        "unshare",
        "memory_2_gb",
    ]

    @Test("a scanner worker has every measure of its profile; a kernel without one of them fails here")
    func workerComplete() throws {
        let attempts = try Self.asWorker.get()
        #expect(attempts.isComplete, "\(attempts.measures)")
    }

    @Test("an inbound process has every measure of its profile; a kernel without one of them fails here")
    func inboundComplete() throws {
        let attempts = try Self.asInbound.get()
        #expect(attempts.isComplete, "\(attempts.measures)")
    }

    @Test(
        "a scanner worker can't open files, sockets or processes, nor take 2 GB of memory",
        arguments: refusedEverywhere + ["socket_unix", "memory_file", "thread"])
    func worker(_ attempt: String) throws {
        let result = try Self.asWorker.get().results[attempt]
        #expect(result?.hasPrefix("refused: ") == true, "\(attempt): \(result ?? "not tried")")
    }

    @Test("a scanner worker keeps its own folder")
    func workerKeeps() throws {
        #expect(try Self.asWorker.get().results["write_own_file"] == "allowed")
    }

    @Test(
        "an inbound process can't reach the Internet, other files or processes, nor take 2 GB of memory",
        arguments: refusedEverywhere)
    func inbound(_ attempt: String) throws {
        let result = try Self.asInbound.get().results[attempt]
        #expect(result?.hasPrefix("refused: ") == true, "\(attempt): \(result ?? "not tried")")
    }

    @Test(
        "an inbound process keeps its spool and rules, Unix sockets, memory files for the scanner, threads",
        arguments: ["write_own_file", "read_readable_folder", "socket_unix", "memory_file", "thread"])
    func inboundKeeps(_ attempt: String) throws {
        #expect(try Self.asInbound.get().results[attempt] == "allowed")
    }

    /// Neither has opened one before it was confined.
    @Test("text of every charset can be read by whoever reads mail")
    func charsets() throws {
        #expect(try Self.asInbound.get().results["charsets"] == "allowed")
        #expect(try Self.asWorker.get().results["charsets"] == "allowed")
    }

    @Test("another job's file is as it was")
    func untouched() throws {
        #expect(try Self.asWorker.get().otherFile == "another job's file")
        #expect(try Self.asInbound.get().otherFile == "another job's file")
    }

    @Test("a report names what is missing, and is complete only if nothing is")
    func report() {
        var report = ConfinementReport(profile: "inbound")
        report.add(.init(measure: "seccomp", isApplied: true, detail: ""))
        #expect(report.isComplete && report.summary == "complete: seccomp")
        report.add(.init(measure: "Landlock", isApplied: false, detail: "Function not implemented"))
        #expect(!report.isComplete)
        #expect(report.summary == "incomplete: Landlock MISSING (Function not implemented)")
    }

    @Test("a user that doesn't exist, or that is root, is refused")
    func users() {
        #expect(
            throws: ConfinementError(
                code: .noSuchUser, message: "there is no user \"postern-none\": create it, or name another")
        ) { try ProcessUser(named: "postern-none") }
        #expect(
            throws: ConfinementError(
                code: .userIsRoot, message: "user \"root\" is root: name an account without rights")
        ) { try ProcessUser(named: "root") }
    }
}

@Suite("Starting a process")
struct SpawnTests {
    @Test(
        "descriptors are placed from 3 on, even if they stand in each other's way; others are closed"
    )
    func placement() throws {
        var first: [Int32] = [-1, -1]
        var second: [Int32] = [-1, -1]
        #expect(postern_pipe(&first) == 0 && postern_pipe(&second) == 0)
        let process = spawn(
            ["/bin/sh", "-c", "echo one >&3; echo two >&4; ls /proc/$$/fd >&4"],
            descriptors: [second[1], first[1]])
        close(first[1])
        close(second[1])
        let (one, two) = (LineReader(second[0]), LineReader(first[0]))
        #expect(one.next(withinMs: ScannerProcess.wait) == "one")
        #expect(two.next(withinMs: ScannerProcess.wait) == "two")
        var open: [String] = []
        while let line = two.next(withinMs: ScannerProcess.wait) { open.append(line) }
        #expect(open.filter { $0 != "10" && $0 != "255" } == ["0", "1", "2", "3", "4"])
        var status: Int32 = -1
        waitpid(process, &status, 0)
        #expect(process > 0 && status == 0)
    }

    @Test("a program that isn't there is an error, not a child")
    func missing() {
        #expect(spawn(["/nonexistent/program"], descriptors: []) == -ENOENT)
    }
}
