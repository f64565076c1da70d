// SPDX-License-Identifier: MIT
import Foundation

/// A folder of a test's own, gone with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "postern-commands-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A folder that can't be removed is the system's to clean.
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    /// A configuration that is right, with mappings and a script.
    static func withRules(_ more: String = "") throws -> Folder {
        let folder = try Folder()
        try folder.write(
            """
            [gateway]
            hostname = "gate.example.net"
            postmaster = "postmaster@example.net"
            state = "state"

            [[service]]
            name = "smtp"
            listen = "127.0.0.1:2525"

            [operations]
            listen = "127.0.0.1:8025"

            [channel.tcp_local]
            [channel.tcp_intranet]

            [channel.inside]
            maildir = "maildir"

            [domains]
            "example.net" = "inside"

            [dns]
            local_zones = ["list.example"]
            local_data = ["9.0.0.127.list.example. A 127.0.0.2"]
            \(more)
            """, to: "rules/postern.toml")
        try folder.write(
            """
            INTERNAL_IP

              127.0.0.2   $Y

            PORT_ACCESS

              TCP|*|*|*|*   $C$[dns_verify,dns_verify_domain_port,$2,list.example,Listed$ here]$E
              *             $Y

            """, to: "rules/mappings")
        try folder.write("keep;\n", to: "sieve/mta.sieve")
        return folder
    }
}
