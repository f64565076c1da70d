// SPDX-License-Identifier: MIT

import Foundation

/// Debian's slapd on a port of loopback, with a database of its own that holds `dc=example`.
final class Slapd {
    let port: Int
    private let folder: TestFolder
    private var program: RunningProgram?

    /// Starts, and returns once it answers. `entries` is LDIF, behind the base.
    init(entries: String) throws {
        folder = try TestFolder()
        port = try LocalPort.free()
        let path = folder.path
        try folder.write("", to: "data/.keep")
        try folder.write(
            """
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile \(path)/slapd.pid
            database mdb
            suffix "dc=example"
            directory \(path)/data
            maxsize 16777216
            access to * by * read

            """, to: "slapd.conf")
        let base =
            "dn: dc=example\nobjectClass: organization\nobjectClass: dcObject\no: Example\ndc: example\n"
        try folder.write(base + "\n" + entries, to: "entries.ldif")
        let added = try Programs.run(
            "/usr/sbin/slapadd", ["-f", "\(path)/slapd.conf", "-l", "\(path)/entries.ldif"])
        guard added.status == 0 else { throw HarnessError("slapadd: \(added.errors)") }
        try start()
    }

    deinit { stop() }

    func start() throws {
        let program = try RunningProgram(
            "/usr/sbin/slapd",
            ["-f", folder.path + "/slapd.conf", "-h", "ldap://127.0.0.1:\(port)/", "-d", "0"])
        self.program = program
        try Waiting.until("slapd on port \(port)") {
            guard program.isRunning else { throw HarnessError("slapd ended at its start") }
            return (try? SMTPDialogue(port: port)) == nil ? nil : ()
        }
    }

    /// Killed, not asked: it would wait for its clients.
    func stop() {
        guard let program else { return }
        self.program = nil
        kill(program.pid, SIGKILL)
        _ = try? program.wait()
    }

    /// It takes connections, by way of the kernel, and answers nothing.
    func freeze() throws { if let program { try Processes.signal(SIGSTOP, [program.pid]) } }

    func thaw() throws { if let program { try Processes.signal(SIGCONT, [program.pid]) } }
}
