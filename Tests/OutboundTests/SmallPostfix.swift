// SPDX-License-Identifier: MIT

import Foundation
import Glibc

/// Debian's Postfix in a folder of its own, on a port of loopback: it takes mail for some addresses of
/// example.test, and for nobody else.
final class SmallPostfix {
    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    let port: Int
    private let folder: String

    /// Returns when it greets. Needs root, as Postfix does.
    init(recipients: [String]) throws {
        guard geteuid() == 0 else { throw NotStarted(description: "Postfix is started by root alone") }
        folder = "/tmp/po-postfix-\(UInt32.random(in: 0...UInt32.max))"
        port = try Self.freePort()
        for name in ["etc", "queue", "data", "log"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        guard let owner = getpwnam("postfix")?.pointee else {
            throw NotStarted(description: "there is no user postfix; scripts/install test brings it")
        }
        try Data().write(to: URL(fileURLWithPath: "\(folder)/log/mail.log"))
        for name in ["data", "log/mail.log"] { chown("\(folder)/\(name)", owner.pw_uid, owner.pw_gid) }
        let known = recipients.map { "\($0)=x" }.joined(separator: ", ")
        let settings = [
            ("compatibility_level", "3.6"), ("queue_directory", "\(folder)/queue"),
            ("data_directory", "\(folder)/data"), ("command_directory", "/usr/sbin"),
            ("daemon_directory", "/usr/lib/postfix/sbin"), ("mail_owner", "postfix"),
            ("setgid_group", "postdrop"), ("maillog_file", "\(folder)/log/mail.log"),
            ("maillog_file_prefixes", folder), ("inet_interfaces", "127.0.0.1"),
            ("inet_protocols", "ipv4"), ("myhostname", "mx.example.test"), ("mydestination", ""),
            ("local_recipient_maps", ""), ("alias_maps", ""), ("alias_database", ""),
            ("mynetworks", ""), ("smtpd_peername_lookup", "no"), ("smtpd_tls_security_level", "none"),
            ("virtual_mailbox_domains", "example.test"), ("virtual_mailbox_base", "\(folder)/mail"),
            ("virtual_mailbox_maps", "inline:{ \(known) }"),
        ]
        try write(settings.map { "\($0) = \($1)\n" }.joined(), "etc/main.cf")
        try write(try services(), "etc/master.cf")
        try run("start")
        try awaitGreeting()
    }

    func stop() {
        // It may be gone already; the folder is a temporary one.
        try? run("stop")
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    /// Debian's own list of services with the one port, none of them in a root of its own.
    private func services() throws -> String {
        let shipped = try String(contentsOfFile: "/usr/share/postfix/master.cf.dist", encoding: .utf8)
        var lines: [String] = []
        for line in shipped.split(separator: "\n") where !line.hasPrefix("#") && !line.hasPrefix(" ") {
            var fields = line.split { $0 == " " || $0 == "\t" }
            guard fields.count >= 8,
                !["pickup", "maildrop", "uucp", "ifmail", "bsmtp", "mailman"].contains(fields[0]),
                fields[0] != "scalemail-backend"
            else { continue }
            if fields[0] == "smtp", fields[1] == "inet" { fields[0] = "127.0.0.1:\(port)" }
            fields[4] = "n"
            lines.append(fields.joined(separator: " "))
        }
        return (lines + [""]).joined(separator: "\n")
    }

    private func run(_ verb: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/postfix")
        process.arguments = ["-c", "\(folder)/etc", verb]
        let output = Pipe()
        process.standardError = output
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = output.fileHandleForReading.availableData
            throw NotStarted(description: "postfix \(verb): \(String(decoding: said, as: UTF8.self))")
        }
    }

    private func awaitGreeting() throws {
        let deadline = Date(timeIntervalSinceNow: 30)
        while Date() < deadline {
            let end = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(end) }
            var address = Self.loopback(port)
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(end, $0, size) }
            }
            var octet: UInt8 = 0
            if status == 0, recv(end, &octet, 1, 0) == 1, octet == UInt8(ascii: "2") { return }
        }
        throw NotStarted(description: "Postfix does not greet")
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    private static func freePort() throws -> Int {
        let end = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(end) }
        var address = loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(end, $0, size) == 0 ? getsockname(end, $0, &size) : -1
            }
        }
        guard status == 0 else { throw NotStarted(description: "no free port") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
