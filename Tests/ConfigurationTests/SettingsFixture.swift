// SPDX-License-Identifier: MIT
import Mail

@testable import Configuration

/// Configuration text for tests: a small one that is right, and what reading another gives.
enum SettingsFixture {
    static let good = """
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

        """

    static func parse(_ text: String) -> SettingsFindings {
        Settings.parse(Array(text.utf8), file: "postern.toml", folder: "/srv/rules", isMachineChecked: false)
    }

    /// `good` with more at its end, as `line:column+length message`.
    static func complaints(appending text: String) -> [String] {
        parse(good + text).complaints.map(Self.text)
    }

    static func text(_ complaint: Complaint) -> String {
        "\(complaint.line):\(complaint.column)+\(complaint.length) \(complaint.message)"
    }
}
