// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import Synchronization

/// A server on an LDAP port that does as a test says. One thread for each connection.
final class ScriptedDirectory: Sendable {
    /// What it does once it has read the first request of a connection.
    enum Act: Sendable {
        case say([UInt8])
        /// The same octets for ever, until the client leaves.
        case endless([UInt8])
        /// These first, and then one by one, at least a tenth of a second apart.
        case trickle([UInt8])
        case silence
        case drop
        /// Waits for `release`, then says it.
        case held([UInt8])
    }

    let port: Int
    private let listener: Int32
    private let act: Act
    private let requests = Mutex(0)
    private let isReleased = Mutex(false)

    var url: String { "ldap://127.0.0.1:\(port)" }
    /// Requests that came, unbinds left out.
    var requestCount: Int { requests.withLock { $0 } }

    init(_ act: Act) throws {
        let (listener, port) = try FreePort.bound()
        listen(listener, 64)
        self.listener = listener
        self.port = port
        self.act = act
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { break }
                Thread.detachNewThread {
                    self.serve(client)
                    close(client)
                }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// A `held` answer may go.
    func release() { isReleased.withLock { $0 = true } }

    func awaitRequests(_ count: Int) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 30)
        while requestCount < count {
            guard Date() < deadline else { return false }
            Self.pause(10)
        }
        return true
    }

    private func serve(_ client: Int32) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(client, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            // 0x42 is the tag of an unbind request, 5 octets into a message with a short id.
            if count >= 6, chunk[5] == 0x42 { return }
            requests.withLock { $0 += 1 }
            guard perform(client) else { return }
        }
    }

    private func perform(_ client: Int32) -> Bool {
        switch act {
        case .say(let octets): return Self.say(client, octets)
        case .endless(let octets):
            while Self.say(client, octets) {}
            return false
        case .trickle(let octets):
            guard Self.say(client, octets) else { return false }
            repeat { Self.pause(100) } while Self.say(client, [0])
            return false
        case .silence: return true
        case .drop: return false
        case .held(let octets):
            while !isReleased.withLock({ $0 }) { Self.pause(5) }
            return Self.say(client, octets)
        }
    }

    private static func say(_ client: Int32, _ octets: [UInt8]) -> Bool {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func pause(_ ms: Int32) {
        var nothing = pollfd(fd: -1, events: 0, revents: 0)
        poll(&nothing, 1, ms)
    }

    // MARK: Messages (RFC 4511), for the first request of a connection

    static func entry(_ name: String, _ attributes: [(String, [[UInt8]])]) -> [UInt8] {
        let list = attributes.flatMap { name, values in
            element(
                0x30, element(0x04, Array(name.utf8)) + element(0x31, values.flatMap { element(0x04, $0) }))
        }
        return message(element(0x64, element(0x04, Array(name.utf8)) + element(0x30, list)))
    }

    static func done(_ code: UInt8 = 0) -> [UInt8] {
        message(element(0x65, [0x0A, 1, code] + element(0x04, []) + element(0x04, [])))
    }

    private static func message(_ operation: [UInt8]) -> [UInt8] {
        element(0x30, [0x02, 1, 1] + operation)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        if count < 0x80 { return [tag, UInt8(count)] + content }
        return [tag, 0x83, UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)] + content
    }
}
