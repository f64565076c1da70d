// SPDX-License-Identifier: MIT

import Configuration
import Confinement
import FoundationEssentials
import Glibc
import Mail
import ScannerHost

/// A scanner of a command's own: started in a temporary folder, stopped and gone with it.
///
/// The folder becomes the working folder, as the state folder is that of every role: so the same paths serve,
/// and a socket's path stays short wherever temporary folders are.
struct OwnScanner: ~Copyable {
    /// Seconds that loading the signatures may take. ClamAV's official ones take about half a minute.
    static let startSecondsMax = 300
    /// Seconds that the scanner may take to end before it is killed.
    static let stopSecondsMax = 10
    /// How often its state is looked at, in microseconds.
    private static let pauseUs: UInt32 = 20_000
    /// Octets of its log that are read for the reason of a failure.
    private static let logOctetsMax = 1 << 20
    private static let logFile = "tmp/scanner.log"

    private let folder: String
    private let pid: pid_t
    /// Its end ends the scanner.
    private let control: Int32

    /// Starts a scanner, scans, and stops it. Whatever goes wrong is "unscanned" with the reason.
    static func scan(
        _ bytes: MessageBytes, as form: ScanForm, with settings: ScannerSettings, user: String?
    ) -> ScanReport {
        let start = nowMs()
        do throws(CommandFailure) {
            let scanner = try OwnScanner(settings, user: user)
            try scanner.waitUntilReady(settings.name)
            let client = ScannerClient(
                name: settings.name, socketPath: StateFolder.scannerSocket(settings.name),
                budgetMs: settings.budgetSeconds * 1_000)
            return client.scan(bytes, as: form)
        } catch {
            return ScanReport(
                state: .unscanned(.init("\(settings.name): \(error)", isTransient: true)),
                tookMs: nowMs() &- start)
        }
    }

    private init(_ settings: ScannerSettings, user: String?) throws(CommandFailure) {
        let folder = try Self.makeFolder(user: user)
        var settings = settings
        // There is one job.
        settings.workers = 1
        guard let (pid, control) = Self.start(ScannerProgram.arguments(settings, user: user)) else {
            Self.remove(folder)
            throw .badUsage("\(ScannerProgram.path) did not start; it belongs beside this program")
        }
        self.folder = folder
        self.pid = pid
        self.control = control
    }

    deinit {
        close(control)
        let end = Self.nowMs() &+ Self.stopSecondsMax * 1_000
        while waitpid(pid, nil, WNOHANG) == 0 {
            if Self.nowMs() >= end { kill(pid, SIGKILL) }
            usleep(Self.pauseUs)
        }
        Self.remove(folder)
    }

    private borrowing func waitUntilReady(_ name: String) throws(CommandFailure) {
        let end = Self.nowMs() &+ Self.startSecondsMax * 1_000
        while Self.nowMs() < end {
            if let status = ScannerProgram.status(name) {
                guard status.hasOnlyTestSignatures else { return }
                return StandardError.print(
                    "postern: \(name): only test signatures are loaded: real malware is not found")
            }
            var about = siginfo_t()
            // Left for `deinit` to reap.
            if waitid(P_PID, id_t(pid), &about, WEXITED | WNOHANG | WNOWAIT) == 0, about.si_signo == SIGCHLD {
                throw .faulty("the scanner ended at its start: \(Self.reason())")
            }
            usleep(Self.pauseUs)
        }
        throw .faulty("the scanner was not ready within \(Self.startSecondsMax) s")
    }

    /// Why it ended, by the last line that its log has about it.
    private static func reason() -> String {
        // A log that can't be read tells nothing.
        guard let bytes = try? InputFile.read(logFile, octetsMax: logOctetsMax) else {
            return "no reason given"
        }
        let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        guard let line = lines.last(where: { $0.contains("event=scanner.failed") }) ?? lines.last else {
            return "no reason given"
        }
        guard let from = line.firstRange(of: " reason=") else { return line }
        let rest = line[from.upperBound...]
        var value = rest.firstRange(of: " status=").map { rest[..<$0.lowerBound] } ?? rest
        if value.utf8.first == UInt8(ascii: "\""), value.utf8.count > 1 {
            value = value.dropFirst().dropLast()
        }
        return String(value).replacing("\\\"", with: "\"")
    }

    // MARK: The folder

    /// Makes the folder, with the layout of a state folder, and enters it.
    private static func makeFolder(user: String?) throws(CommandFailure) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(try InputFile.absolute(parent))/postern-scan-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .badUsage("no folder can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            var owner: (user: UInt32, group: UInt32)?
            if geteuid() == 0, let user {
                let account = try ProcessUser(named: user)
                owner = (account.uid, account.gid)
            }
            try StateFolder.prepare(folder, owner: owner)
            guard chdir(folder) == 0 else {
                throw CommandFailure.badUsage("\(folder): \(String(cString: strerror(errno)))")
            }
        } catch {
            remove(folder)
            throw .badUsage("\(error)")
        }
        return folder
    }

    private static func remove(_ folder: String) {
        _ = chdir("/")
        // What can't be removed is the system's to clear.
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: The process

    /// Starts the scanner with a log of its own as standard error: ours is for people.
    private static func start(_ arguments: [String]) -> (pid: pid_t, control: Int32)? {
        let log = open(logFile, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let ours = fcntl(2, F_DUPFD_CLOEXEC, 3)
        defer {
            if ours >= 0 {
                dup2(ours, 2)
                close(ours)
            }
            if log >= 0 { close(log) }
        }
        if log >= 0, ours >= 0 { dup2(log, 2) }
        return Dispatcher.spawn(ScannerProgram.path, arguments, passing: [])
    }

    private static func nowMs() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec &* 1_000 &+ time.tv_nsec / 1_000_000
    }
}
