// SPDX-License-Identifier: MIT

import Foundation
import Glibc

/// A real directory as the test's child: Debian's slapd on a port of loopback and a Unix socket, with a
/// database of its own that holds `dc=example`.
final class Slapd: @unchecked Sendable {
    // Sendable: `process` is the test's own thread's.
    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    static let base = "dc=example"
    static let serviceName = "cn=postern,dc=example"
    static let serviceSecret = "service secret"

    let folder: String
    let port: Int
    let tlsPort: Int
    private var process: Process?

    var url: String { "ldap://127.0.0.1:\(port)" }
    var tlsURL: String { "ldaps://127.0.0.1:\(tlsPort)" }
    var socketURL: String {
        "ldapi://" + "\(folder)/slapd.sock".replacingOccurrences(of: "/", with: "%2F")
    }
    /// The authority that its certificate comes from: itself.
    var authorityPath: String { "\(folder)/certificate.pem" }

    /// Starts, and returns once it answers. `entries` is LDIF, behind the base and the service's own entry;
    /// `settings` stands in the database's part of its configuration.
    init(in folder: String, entries: String, settings: String = "") throws {
        self.folder = folder
        port = try FreePort.find()
        tlsPort = try FreePort.find()
        try FileManager.default.createDirectory(
            atPath: "\(folder)/data", withIntermediateDirectories: true)
        try Self.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(folder)/key.pem", "-out",
                "\(folder)/certificate.pem",
            ])
        try write(Self.configuration(folder, settings), "slapd.conf")
        try write(Self.first + entries, "entries.ldif")
        try Self.run(
            "/usr/sbin/slapadd", ["-f", "\(folder)/slapd.conf", "-l", "\(folder)/entries.ldif"])
        try start()
    }

    deinit { stop() }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/slapd")
        process.arguments = [
            "-f", "\(folder)/slapd.conf", "-h", "\(url)/ \(tlsURL)/ \(socketURL)/", "-d", "0",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        self.process = process
        let deadline = Date(timeIntervalSinceNow: 30)
        while !FreePort.isServed(port) {
            guard process.isRunning, Date() < deadline else {
                throw NotStarted(description: "slapd does not answer on port \(port)")
            }
            var nothing = pollfd(fd: -1, events: 0, revents: 0)
            poll(&nothing, 1, 20)
        }
    }

    func stop() {
        guard let process else { return }
        self.process = nil
        // Killed, not asked: it would wait for its clients.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Stops it where it is: it takes connections, and answers nothing. Returns when all its threads stand.
    func freeze() throws {
        guard let process else { return }
        kill(process.processIdentifier, SIGSTOP)
        let tasks = "/proc/\(process.processIdentifier)/task"
        let deadline = Date(timeIntervalSinceNow: 30)
        while true {
            let states = try FileManager.default.contentsOfDirectory(atPath: tasks).map { task in
                try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
            }
            if states.allSatisfy({ $0.contains("\nState:\tT") }) { return }
            guard Date() < deadline else { throw NotStarted(description: "slapd does not stand still") }
        }
    }

    func thaw() { if let process { kill(process.processIdentifier, SIGCONT) } }

    private func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private static func configuration(_ folder: String, _ settings: String) -> String {
        """
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/inetorgperson.schema
        modulepath /usr/lib/ldap
        moduleload back_mdb
        pidfile \(folder)/slapd.pid
        TLSCACertificateFile \(folder)/certificate.pem
        TLSCertificateFile \(folder)/certificate.pem
        TLSCertificateKeyFile \(folder)/key.pem
        referral ldap://127.0.0.1:1/
        database mdb
        suffix "\(base)"
        directory \(folder)/data
        maxsize 16777216
        access to attrs=userPassword by anonymous auth
        access to dn.subtree="ou=secret,\(base)" by dn="\(serviceName)" read
        access to * by * read
        \(settings)

        """
    }

    private static let first = """
        dn: dc=example
        objectClass: organization
        objectClass: dcObject
        o: Example
        dc: example

        dn: cn=postern,dc=example
        objectClass: organizationalRole
        objectClass: simpleSecurityObject
        cn: postern
        userPassword: service secret


        """

    static func run(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        process.standardError = output
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw NotStarted(description: "\(path): \(String(decoding: said, as: UTF8.self))")
        }
    }
}

/// Ports of loopback.
enum FreePort {
    static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    /// One that was free a moment ago.
    static func find() throws -> Int {
        let (end, port) = try bound()
        close(end)
        return port
    }

    /// A socket with a port of its own.
    static func bound() throws -> (descriptor: Int32, port: Int) {
        let end = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(end, $0, size) == 0 ? getsockname(end, $0, &size) : -1
            }
        }
        guard status == 0 else { throw POSIXError(.EADDRINUSE) }
        return (end, Int(in_port_t(bigEndian: address.sin_port)))
    }

    static func isServed(_ port: Int) -> Bool {
        let end = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(end) }
        var address = address(port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(end, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        } == 0
    }
}
