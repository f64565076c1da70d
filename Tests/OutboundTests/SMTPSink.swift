// SPDX-License-Identifier: MIT

import Foundation
import Glibc

/// A next hop on loopback that does as its script says, and remembers what it was given. One thread for each
/// connection.
final class SMTPSink: @unchecked Sendable {
    // Sendable: what changes lies in the journal.

    struct Mail: Equatable {
        var sender = ""
        var recipients: [String] = []
        /// As on the wire, dots not taken out, without the final dot.
        var content: [UInt8] = []
        /// From 1.
        var connection = 0

        /// Dots taken out.
        var message: [UInt8] {
            var out: [UInt8] = []
            var isLineStart = true
            for byte in content {
                if isLineStart, byte == UInt8(ascii: ".") {
                    isLineStart = false
                    continue
                }
                out.append(byte)
                isLineStart = byte == UInt8(ascii: "\n")
            }
            return out
        }
    }

    enum Act {
        case reply(String)
        case silence
        case drop
        /// Says it, and hangs up.
        case lastWords(String)
        /// Lines without end, until the client leaves.
        case endless(String)
    }

    struct Script: Sendable {
        var greeting: @Sendable (_ connection: Int) -> Act = { _ in .reply("220 sink ESMTP") }
        var hello = [
            "250-sink", "250-PIPELINING", "250-8BITMIME", "250-ENHANCEDSTATUSCODES", "250 SIZE 50000000",
        ]
        var mail: @Sendable (_ command: String, _ connection: Int) -> Act = { _, _ in .reply("250 2.1.0 ok") }
        var recipient: @Sendable (_ address: String) -> Act = { _ in .reply("250 2.1.5 ok") }
        /// By the ordinal of the content, from 1. What is answered 2xx counts as accepted.
        var content: @Sendable (_ ordinal: Int) -> Act = { .reply("250 2.0.0 queued as \($0)") }
    }

    struct Log {
        var connections = 0
        var open = 0
        var commands: [String] = []
        /// Every content that came whole, accepted or not.
        var contents: [Mail] = []
        var accepted: [Mail] = []
        var violations: [String] = []
    }

    let port: Int
    let log = Journal(Log())
    private let script: Script
    private let listener: Int32
    private var isAccepting = false

    /// With `isListening` false it has its port, at which connections are refused until `listen`.
    init(_ script: Script = Script(), isListening: Bool = true) throws {
        self.script = script
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard bound == 0 else { throw POSIXError(.EADDRINUSE) }
        var given = size
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &given) }
        }
        self.listener = listener
        port = Int(in_port_t(bigEndian: address.sin_port))
        if isListening { listen() }
    }

    func listen() {
        Glibc.listen(listener, 64)
        isAccepting = true
        let (listener, script, log) = (listener, script, log)
        Thread.detachNewThread { Self.acceptAll(listener, script, log) }
    }

    /// The thread that accepts is woken and closes the socket; connections end with their clients.
    deinit { _ = isAccepting ? shutdown(listener, Int32(SHUT_RDWR)) : close(listener) }

    private static func acceptAll(_ listener: Int32, _ script: Script, _ log: Journal<Log>) {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            // Replies go out one by one; none waits for the other's acknowledgement.
            var yes: Int32 = 1
            setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            let number = log.change { log in
                log.connections += 1
                log.open += 1
                return log.connections
            }
            Thread.detachNewThread {
                Conversation(client, number, script, log).run()
                close(client)
                log.change { $0.open -= 1 }
            }
        }
        close(listener)
    }

    private final class Conversation {
        let socket: Int32
        let number: Int
        let script: Script
        let log: Journal<Log>
        var buffer: [UInt8] = []
        var mail = Mail()

        init(_ socket: Int32, _ number: Int, _ script: Script, _ log: Journal<Log>) {
            self.socket = socket
            self.number = number
            self.script = script
            self.log = log
        }

        func run() {
            guard perform(script.greeting(number)) else { return }
            while let line = line() {
                log.change { $0.commands.append(line) }
                guard answer(line) else { return }
            }
        }

        private func answer(_ line: String) -> Bool {
            let verb = line.uppercased()
            if verb.hasPrefix("EHLO") { return script.hello.allSatisfy(say) }
            if verb.hasPrefix("MAIL FROM:") {
                mail = Mail(sender: address(in: line), connection: number)
                return perform(script.mail(line, number))
            }
            if verb.hasPrefix("RCPT TO:") {
                let recipient = address(in: line)
                let act = script.recipient(recipient)
                if case .reply(let text) = act, text.hasPrefix("2") { mail.recipients.append(recipient) }
                return perform(act)
            }
            if verb == "DATA" {
                guard !mail.recipients.isEmpty else { return say("554 5.5.1 no valid recipients") }
                return say("354 go on") && takeContent()
            }
            if verb == "RSET" {
                mail = Mail()
                return say("250 2.0.0 ok")
            }
            if verb == "QUIT" {
                _ = say("221 2.0.0 bye")
                return false
            }
            return say("500 5.5.2 what?")
        }

        private func takeContent() -> Bool {
            var lineStart = 0
            var searched = 0
            while true {
                guard let end = buffer[searched...].firstIndex(of: 0x0A) else {
                    searched = buffer.count
                    guard read() else { return false }
                    continue
                }
                if buffer[lineStart...end].elementsEqual(".\r\n".utf8) { break }
                lineStart = end + 1
                searched = lineStart
            }
            mail.content = Array(buffer[..<lineStart])
            buffer.removeSubrange(..<(lineStart + 3))
            let mail = self.mail
            let ordinal = log.change { log in
                if hasBareLineEnds(mail.content) { log.violations.append("a bare CR or LF in content") }
                log.contents.append(mail)
                return log.contents.count
            }
            let act = script.content(ordinal)
            if case .reply(let text) = act, text.hasPrefix("2") { log.change { $0.accepted.append(mail) } }
            return perform(act)
        }

        private func hasBareLineEnds(_ bytes: [UInt8]) -> Bool {
            bytes.indices.contains { at in
                switch bytes[at] {
                case 0x0D: at + 1 == bytes.count || bytes[at + 1] != 0x0A
                case 0x0A: at == 0 || bytes[at - 1] != 0x0D
                default: false
                }
            }
        }

        /// False where the conversation is over.
        private func perform(_ act: Act) -> Bool {
            switch act {
            case .reply(let text): return say(text)
            case .drop: return false
            case .lastWords(let text):
                _ = say(text)
                return false
            case .silence:
                while read() {}
                return false
            case .endless(let text):
                while say(text) {}
                return false
            }
        }

        private func say(_ text: String) -> Bool {
            var rest = Array((text + "\r\n").utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }

        private func line() -> String? {
            while true {
                if let end = buffer.firstIndex(of: 0x0A) {
                    let line = buffer[..<end]
                    buffer = Array(buffer[(end + 1)...])
                    if line.last != 0x0D { log.change { $0.violations.append("a bare LF in a command") } }
                    return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
                }
                guard read() else { return nil }
            }
        }

        private func read() -> Bool {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return false }
            buffer += chunk[..<count]
            return true
        }

        private func address(in line: String) -> String {
            let bytes = Array(line.utf8)
            guard let open = bytes.firstIndex(of: UInt8(ascii: "<")),
                let close = bytes.firstIndex(of: UInt8(ascii: ">"))
            else { return "" }
            return String(decoding: bytes[(open + 1)..<close], as: UTF8.self)
        }
    }
}
