// SPDX-License-Identifier: MIT
import CPostern
import Foundation
import Mail
import ScannerHost
import ScannerWire

/// A real `postern-scanner` in a folder of its own, ended with the test.
final class ScannerProcess: Sendable {
    let process: Int32
    let folder: TestFolder
    /// Our end of its descriptor 3: the scanner ends when it closes, even if this test process crashes.
    private let control: Int32
    private let log: LineReader

    static let wait = 20_000

    /// Starts one and waits until it is ready.
    static func ready(
        in folder: TestFolder = TestFolder(), _ extra: [String] = [], signatures: String = Built.signatures
    ) throws -> ScannerProcess {
        let scanner = try ScannerProcess(in: folder, extra, signatures: signatures)
        _ = try scanner.event("scanner.ready")
        return scanner
    }

    init(in folder: TestFolder = TestFolder(), _ extra: [String] = [], signatures: String = Built.signatures)
        throws
    {
        self.folder = folder
        var ends: [Int32] = [-1, -1]
        var outputs: [Int32] = [-1, -1]
        guard postern_socket_pair(&ends) == 0, postern_pipe(&outputs) == 0 else {
            throw TestFailure("no descriptors")
        }
        // The helper places descriptors from 3 on; the shell makes the second one its standard error.
        let arguments =
            [
                "/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&4 4>&-", Built.scanner, "--socket",
                folder.path("scanner.sock"),
                "--signatures", signatures, "--temporary", folder.path("temporary"),
            ] + extra
        process = spawn(arguments, descriptors: [ends[1], outputs[1]])
        close(ends[1])
        close(outputs[1])
        control = ends[0]
        log = LineReader(outputs[0])
        guard process > 0 else { throw TestFailure("cannot start \(Built.scanner): \(process)") }
    }

    deinit {
        close(control)
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    var socket: String { folder.path("scanner.sock") }

    // Methods, not a client handed out: the scanner ends with its last user, which the client alone isn't.

    func scan(_ bytes: MessageBytes, as form: ScanForm = .message, budgetMs: Int = 30_000) -> ScanReport.State
    {
        ScannerClient(name: "clamav", socketPath: socket, budgetMs: budgetMs).scan(bytes, as: form).state
    }

    func status() throws -> ScannerStatus {
        try ScannerClient(name: "clamav", socketPath: socket, budgetMs: 30_000).status()
    }

    /// The next log line of that name; lines before it are passed over.
    func event(_ name: String) throws -> String {
        while let line = log.next(withinMs: Self.wait) {
            if line.contains("event=\(name) ") { return line }
        }
        throw TestFailure("the scanner said no \(name)")
    }

    /// Ids of the processes it has forked.
    var workers: [Int32] { children(of: process) }

    /// How it ended, as `wait` has it.
    func end(within milliseconds: Int = wait) throws -> Int32 {
        var status: Int32 = 0
        try eventually("the scanner ends", within: milliseconds) {
            waitpid(process, &status, WNOHANG) == process
        }
        return status
    }

    func closeControl() { shutdown(control, Int32(SHUT_RDWR)) }
}

/// Ids of a process's children, from the kernel.
func children(of process: Int32) -> [Int32] {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
    else {
        return []
    }
    return text.split(separator: " ").compactMap { Int32($0) }
}

/// Whether it runs: neither gone nor waiting to be buried.
func isAlive(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
    else { return false }
    let state = text[text.index(end, offsetBy: 2)]
    return state != "Z" && state != "X"
}

func spawn(_ arguments: [String], descriptors: [Int32]) -> Int32 {
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    defer { argv.forEach { free($0) } }
    return postern_spawn(arguments[0], &argv, &environment, descriptors, descriptors.count)
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Asks until it is so. The deadline is for a machine in trouble, not for the thing tested.
func eventually(_ what: String, within milliseconds: Int = ScannerProcess.wait, _ isSo: () throws -> Bool)
    throws
{
    let end = Date().addingTimeInterval(Double(milliseconds) / 1_000)
    while try !isSo() {
        guard Date() < end else { throw TestFailure("in vain: \(what)") }
        usleep(5_000)
    }
}
