// SPDX-License-Identifier: MIT

import Foundation

/// A client at one end of a TCP connection, speaking lines. Blocking, with a time limit on every read.
final class SMTPDialogue {
    private let descriptor: Int32
    private var unread: [UInt8] = []
    private var isOpen = true

    /// Connects from `source`, which is what makes a client an outside, inside or listed one.
    init(port: Int, from source: String = "127.0.0.1") throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw DialogueError("no socket") }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard Self.with(source, 0, { bind(descriptor, $0, $1) }) == 0 else {
            throw DialogueError("bind \(source)")
        }
        guard Self.with("127.0.0.1", port, { connect(descriptor, $0, $1) }) == 0 else {
            throw DialogueError("connect to port \(port): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close() }

    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Foundation.close(descriptor)
    }

    private static func with<Result>(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw DialogueError("the server closed while we were sending") }
            done += count
        }
    }

    /// The next reply, its lines joined by newlines; nil at the end of the connection.
    func reply() throws -> String? {
        var lines: [String] = []
        while let line = try line() {
            lines.append(line)
            if line.utf8.dropFirst(3).first != UInt8(ascii: "-") { return lines.joined(separator: "\n") }
        }
        return nil
    }

    /// Sends a command and returns its reply.
    @discardableResult
    func say(_ command: String) throws -> String {
        try send(command + "\r\n")
        guard let reply = try reply() else { throw DialogueError("no reply to \(command)") }
        return reply
    }

    private func line() throws -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = unread[..<end].filter { $0 != 0x0D }
                unread.removeSubrange(...end)
                return String(decoding: line, as: UTF8.self)
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
            guard count > 0 else { throw DialogueError("the server said nothing for a minute") }
            unread += chunk[..<count]
        }
    }

    /// A whole message, from greeting to reply. The replies of MAIL, RCPT and the last one; what comes after a refusal
    /// isn't said.
    static func deliver(
        port: Int, from source: String = "127.0.0.1", sender: String = "a@outside.example",
        recipients: [String] = ["b@example.test"], _ message: String
    ) throws -> String {
        let dialogue = try SMTPDialogue(port: port, from: source)
        guard let greeting = try dialogue.reply() else { throw DialogueError("no greeting") }
        guard greeting.hasPrefix("220") else { return greeting }
        try dialogue.say("EHLO client.example")
        let mail = try dialogue.say("MAIL FROM:<\(sender)>")
        guard mail.hasPrefix("250") else { return mail }
        var refused = ""
        var isAdmitted = false
        for recipient in recipients {
            let reply = try dialogue.say("RCPT TO:<\(recipient)>")
            if reply.hasPrefix("250") { isAdmitted = true } else { refused = reply }
        }
        guard isAdmitted else { return refused }
        try dialogue.say("DATA")
        let final = try dialogue.say(
            message.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                let text = line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
                return text.hasPrefix(".") ? "." + text : text
            }.joined(separator: "\r\n") + "\r\n.")
        try dialogue.say("QUIT")
        return final
    }
}

struct DialogueError: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
}
