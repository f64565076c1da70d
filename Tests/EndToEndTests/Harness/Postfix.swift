// SPDX-License-Identifier: MIT

import Foundation

/// Debian's Postfix, in folders of its own: takes mail for its domains, and delivers it into a maildir.
final class Postfix {
    let port: Int
    private let folder: TestFolder
    private var config: String { folder.path + "/etc" }
    var maildir: String { folder.path + "/mail/inbox/new" }

    /// Whose mail it takes; nil: anybody's at its domains.
    private let recipients: [String]?
    private let domains: [String]
    /// Whether it takes mail for recipients whom it doesn't know, and reports later.
    private let bouncesUnknown: Bool

    /// Starts, and returns when it greets.
    init(
        recipients: [String]? = nil, domains: [String] = ["example.test"], bouncesUnknown: Bool = false,
        isStarted: Bool = true
    ) throws {
        self.recipients = recipients
        self.domains = domains
        self.bouncesUnknown = bouncesUnknown
        try HarnessError.requireRoot(for: "Postfix")
        folder = try TestFolder()
        port = try LocalPort.free()
        try makeFolders()
        try folder.write(settings.map { "\($0) = \($1)\n" }.joined(), to: "etc/main.cf")
        try folder.write(try services(), to: "etc/master.cf")
        if isStarted { try start() }
    }

    /// Begins, or begins again after `stop`, on the same port; returns when it greets.
    func start() throws {
        let started = try postfix("start")
        guard started.status == 0 else { throw HarnessError("postfix start: \(started.errors) \(log)") }
        try Waiting.until("Postfix's greeting on port \(port)") {
            try (try? SMTPDialogue(port: port))?.reply()?.hasPrefix("220") == true
        }
    }

    deinit { stop() }

    func stop() {
        // `stop` waits for the master process, and fails where it has gone already.
        _ = try? postfix("stop")
    }

    private func postfix(_ verb: String) throws -> Programs.Finished {
        try Programs.run("/usr/sbin/postfix", ["-c", config, verb])
    }

    private var log: String { (try? folder.read("log/mail.log")) ?? "" }

    /// Until its log has `text` so often, and what came of it is done: the queue is empty.
    func waitForLog(_ text: String, count: Int) throws {
        try Waiting.until("\(count) times \(text) in Postfix's log") {
            log.components(separatedBy: text).count > count
        }
        try Waiting.until("an empty queue of Postfix") {
            try Programs.run("/usr/sbin/postqueue", ["-c", config, "-j"]).output.isEmpty
        }
    }

    /// The messages that it delivered, an octet a character.
    func arrived() throws -> [String] { try Maildir.messages(maildir) }

    /// Those that hold `text`, once there are `count` of them.
    func arrived(_ count: Int, with text: String) throws -> [String] {
        do {
            return try Waiting.until("\(count) messages with \(text) in Postfix's maildir") {
                let found = try arrived().filter { $0.contains(text) }
                return found.count >= count ? found : nil
            }
        } catch {
            throw HarnessError("\(error); Postfix's log ends: \(log.suffix(2_000))")
        }
    }

    private func makeFolders() throws {
        // The second call would write over what a pointer of the first one points to.
        guard let postfix = getpwnam("postfix")?.pointee, let nobody = getpwnam("nobody")?.pointee else {
            throw HarnessError("there is no user postfix; scripts/install build demo test brings it")
        }
        for name in ["etc", "queue", "data", "log", "mail"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/" + name, withIntermediateDirectories: true)
        }
        try folder.write("", to: "log/mail.log")
        for name in ["data", "log/mail.log"] {
            chown(folder.path + "/" + name, postfix.pw_uid, postfix.pw_gid)
        }
        chown(folder.path + "/mail", nobody.pw_uid, nobody.pw_gid)
    }

    private var mailboxes: String {
        guard let recipients else { return "static:inbox/" }
        return "inline:{" + recipients.map { "{ \($0) = inbox/ }" }.joined(separator: ", ") + "}"
    }

    private var settings: [(String, String)] {
        let path = folder.path
        return [
            ("compatibility_level", "3.6"), ("queue_directory", "\(path)/queue"),
            ("data_directory", "\(path)/data"), ("command_directory", "/usr/sbin"),
            ("daemon_directory", "/usr/lib/postfix/sbin"), ("mail_owner", "postfix"),
            ("setgid_group", "postdrop"), ("maillog_file", "\(path)/log/mail.log"),
            ("maillog_file_prefixes", path), ("inet_interfaces", "127.0.0.1"), ("inet_protocols", "ipv4"),
            ("myhostname", "mx.example.test"), ("mydestination", ""), ("local_recipient_maps", ""),
            ("alias_maps", ""), ("alias_database", ""), ("mynetworks", "127.0.0.0/8"),
            ("smtpd_peername_lookup", "no"), ("smtpd_tls_security_level", "none"),
            ("virtual_mailbox_domains", domains.joined(separator: " ")),
            ("virtual_mailbox_base", "\(path)/mail"),
            ("virtual_mailbox_maps", mailboxes),
            ("smtpd_reject_unlisted_recipient", bouncesUnknown ? "no" : "yes"),
            ("virtual_uid_maps", "static:65534"),
            ("virtual_gid_maps", "static:65534"),
        ]
    }

    /// Debian's own list of services, without those that reach beyond these folders, and with the one port.
    private func services() throws -> String {
        let shipped = try String(contentsOfFile: "/usr/share/postfix/master.cf.dist", encoding: .utf8)
        let left: Set<Substring> = [
            "pickup", "maildrop", "uucp", "ifmail", "bsmtp", "scalemail-backend", "mailman",
        ]
        var lines: [String] = []
        for line in shipped.split(separator: "\n") where !line.hasPrefix("#") && !line.hasPrefix(" ") {
            var fields = line.split { $0 == " " || $0 == "\t" }
            guard fields.count >= 8, !left.contains(fields[0]) else { continue }
            if fields[0] == "smtp", fields[1] == "inet" { fields[0] = "127.0.0.1:\(port)" }
            // No service changes its root: libraries and tables are where they are.
            fields[4] = "n"
            lines.append(fields.joined(separator: " "))
        }
        return (lines + [""]).joined(separator: "\n")
    }
}
