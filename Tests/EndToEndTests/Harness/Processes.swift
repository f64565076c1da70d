// SPDX-License-Identifier: MIT

import Foundation

/// What the kernel tells of processes.
enum Processes {
    /// Running, or stopped: not gone, and not a body that nobody has taken away.
    static func isAlive(_ pid: Int32) -> Bool {
        guard let state = fields(pid)?.first else { return false }
        return state != "Z" && state != "X"
    }

    static func isStopped(_ pid: Int32) -> Bool { fields(pid)?.first == "T" }

    static func children(of parent: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { fields($0)?.dropFirst().first == "\(parent)" }.sorted()
    }

    /// Sends a signal to each, and waits until those that were stopped or killed are.
    static func signal(_ signal: Int32, _ pids: [Int32]) throws {
        for pid in pids { kill(pid, signal) }
        switch signal {
        case SIGKILL: try Waiting.until("the death of \(pids)") { !pids.contains(where: isAlive) }
        case SIGSTOP: try Waiting.until("\(pids) to stop") { pids.allSatisfy(isStopped) }
        default: break
        }
    }

    /// A line of `/proc/PID/status`, such as `Uid` or `VmHWM`, as its words.
    static func status(_ pid: Int32, _ name: String) throws -> [String] {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }) else {
            throw HarnessError("process \(pid) has no \(name)")
        }
        return line.dropFirst(name.count + 1).split { $0 == " " || $0 == "\t" }.map(String.init)
    }

    /// How many sockets it has open.
    static func sockets(_ pid: Int32) throws -> Int {
        let folder = "/proc/\(pid)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { name in
            // It may have closed one meanwhile.
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + name)
            return target?.hasPrefix("socket:") == true
        }.count
    }

    /// Of `/proc/PID/stat`, from the state on; nil where the process is gone.
    private static func fields(_ pid: Int32) -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }
}
