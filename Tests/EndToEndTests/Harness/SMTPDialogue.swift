// SPDX-License-Identifier: MIT

import Foundation

/// A client at one end of a TCP connection, speaking lines. Blocking, with a time limit on every read.
final class SMTPDialogue {
    private static let silenceSecondsMax = 60

    private let descriptor: Int32
    private var unread: [UInt8] = []
    private var isOpen = true

    /// Connects from `source`, which is what makes a client an outside, inside or listed one.
    init(port: Int, from source: String = "127.0.0.1") throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessError("no socket") }
        var limit = timeval(tv_sec: Self.silenceSecondsMax, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard Self.with(source, 0, { bind(descriptor, $0, $1) }) == 0 else {
            throw HarnessError("bind \(source)")
        }
        guard Self.with("127.0.0.1", port, { connect(descriptor, $0, $1) }) == 0 else {
            throw HarnessError("connect to port \(port): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close() }

    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Foundation.close(descriptor)
    }

    /// Nothing more comes from us; what the server says can still be read.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether something to read is there, or the end, within this time.
    func hasReply(withinMs milliseconds: Int32) -> Bool {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waited, 1, milliseconds) > 0
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

    // MARK: Octets and lines

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw HarnessError("the server closed while we were sending") }
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
        guard let reply = try reply() else { throw HarnessError("no reply to \(command)") }
        return reply
    }

    /// The same, for a reply that must be so.
    func say(_ command: String, expecting prefix: String) throws {
        let reply = try say(command)
        guard reply.hasPrefix(prefix) else { throw HarnessError("\(command) was answered \(reply)") }
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
            guard count > 0 else { throw HarnessError("the server said nothing for a minute") }
            unread += chunk[..<count]
        }
    }

    // MARK: The usual

    /// Connects and says EHLO.
    static func greeted(port: Int, from source: String = "127.0.0.1") throws -> SMTPDialogue {
        let dialogue = try SMTPDialogue(port: port, from: source)
        guard let greeting = try dialogue.reply(), greeting.hasPrefix("220") else {
            throw HarnessError("we were not greeted")
        }
        try dialogue.say("EHLO client.example", expecting: "250")
        return dialogue
    }

    /// MAIL, RCPT and, where `thenData`, DATA, all of which must be taken.
    func begin(
        sender: String = "a@outside.example", recipient: String = "b@example.test", thenData: Bool = true
    ) throws {
        try say("MAIL FROM:<\(sender)>", expecting: "250")
        try say("RCPT TO:<\(recipient)>", expecting: "250")
        if thenData { try say("DATA", expecting: "354") }
    }

    /// The content, its dots doubled, and the end. Returns the final reply.
    func content(_ message: [UInt8]) throws -> String {
        try send(Self.wire(message))
        guard let reply = try reply() else { throw HarnessError("no reply to the content") }
        return reply
    }

    /// Lines may end in LF or CRLF; the last may have no end.
    static func wire(_ message: [UInt8]) -> [UInt8] {
        var wire: [UInt8] = []
        wire.reserveCapacity(message.count + message.count / 32)
        var lines = message.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            if line.first == UInt8(ascii: ".") { wire.append(UInt8(ascii: ".")) }
            wire += line.last == 0x0D ? line.dropLast() : line
            wire += [0x0D, 0x0A]
        }
        return wire + Array(".\r\n".utf8)
    }

    /// A whole message, from greeting to reply. The first reply that refuses all of it, or the last one; what
    /// comes after a refusal isn't said.
    static func deliver(
        port: Int, from source: String = "127.0.0.1", sender: String = "a@outside.example",
        recipients: [String] = ["b@example.test"], _ message: String
    ) throws -> String {
        let dialogue = try SMTPDialogue(port: port, from: source)
        guard let greeting = try dialogue.reply() else { throw HarnessError("no greeting") }
        guard greeting.hasPrefix("220") else { return greeting }
        try dialogue.say("EHLO client.example")
        return try dialogue.deliver(sender: sender, recipients: recipients, Array(message.utf8))
    }

    /// One more message in this session.
    func deliver(
        sender: String = "a@outside.example", recipients: [String] = ["b@example.test"], _ message: [UInt8]
    ) throws -> String {
        let mail = try say("MAIL FROM:<\(sender)>")
        guard mail.hasPrefix("250") else { return mail }
        var refused = ""
        var isAdmitted = false
        for recipient in recipients {
            let reply = try say("RCPT TO:<\(recipient)>")
            if reply.hasPrefix("250") { isAdmitted = true } else { refused = reply }
        }
        guard isAdmitted else { return refused }
        let start = try say("DATA")
        guard start.hasPrefix("354") else { return start }
        return try content(message)
    }
}
