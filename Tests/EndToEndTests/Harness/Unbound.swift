// SPDX-License-Identifier: MIT

import Foundation

/// Debian's Unbound, on a port of its own, with the records that it is given and no others.
final class Unbound {
    let port: Int
    private let folder: TestFolder
    private let program: RunningProgram

    /// Starts, and returns when it serves. `zone` is answered from `records` alone.
    init(zone: String, records: [String]) throws {
        folder = try TestFolder()
        port = try LocalPort.free()
        let config = """
            server:
                interface: 127.0.0.1
                port: \(port)
                do-daemonize: no
                username: ""
                chroot: ""
                directory: "\(folder.path)"
                pidfile: "\(folder.path)/pid"
                use-syslog: no
                logfile: ""
                verbosity: 1
                num-threads: 1
                access-control: 127.0.0.0/8 allow
                module-config: "iterator"
                do-ip6: no
                local-zone: "\(zone)." static
            \(records.map { "    local-data: '\($0)'\n" }.joined())
            remote-control:
                control-enable: no

            """
        let path = try folder.write(config, to: "unbound.conf")
        let program = try RunningProgram(
            "/usr/sbin/unbound", ["-d", "-c", path], output: folder.path + "/log",
            errors: folder.path + "/log")
        self.program = program
        let folder = folder
        try Waiting.until("Unbound's start") {
            let log = try folder.read("log")
            guard program.isRunning else { throw HarnessError("unbound ended: \(log)") }
            return log.contains("start of service")
        }
    }

    func stop() throws {
        kill(program.pid, SIGTERM)
        try program.wait()
    }
}
