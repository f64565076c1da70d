// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import Synchronization

/// An outbound role's command socket that answers as a test says. One thread for each connection.
final class FakeOutbound: Sendable {
    enum Act: Sendable {
        /// Lines, each ended.
        case say([String])
        case silence
        case drop
    }

    /// What a request holds; nil where it is none.
    struct Asked: Decodable, Hashable, Sendable {
        var verb: String
        var channel: String
        var recipient: String
        var timeout_ms: Int
    }

    let path: String
    private let listener: Int32
    private let act: @Sendable (Asked) -> Act
    private let asked = Mutex<[Asked]>([])
    private let connections = Mutex(0)

    var requests: [Asked] { asked.withLock { $0 } }
    var connectionCount: Int { connections.withLock { $0 } }

    static let accepted = Act.say([#"{"outcome":"accepted"}"#, #"{"count":1,"done":true}"#])
    static func unknown(_ reply: String) -> Act {
        .say([#"{"outcome":"unknown","reason":"\#(reply)"}"#, #"{"count":1,"done":true}"#])
    }
    static func unsure(_ reason: String) -> Act {
        .say([#"{"outcome":"unsure","reason":"\#(reason)"}"#, #"{"count":1,"done":true}"#])
    }

    init(path: String, _ act: @escaping @Sendable (Asked) -> Act) throws {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        unlink(path)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0, listen(listener, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
        self.path = path
        self.listener = listener
        self.act = act
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { break }
                self.connections.withLock { $0 += 1 }
                Thread.detachNewThread {
                    self.serve(client)
                    close(client)
                }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// True once there were so many requests.
    func awaitRequests(_ count: Int) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 30)
        while requests.count < count {
            guard Date() < deadline else { return false }
            var nothing = pollfd(fd: -1, events: 0, revents: 0)
            poll(&nothing, 1, 10)
        }
        return true
    }

    private func serve(_ client: Int32) {
        var buffer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(client, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            buffer += chunk[..<count]
            while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(buffer[..<end])
                buffer.removeFirst(end + 1)
                guard let request = try? JSONDecoder().decode(Asked.self, from: line) else { return }
                asked.withLock { $0.append(request) }
                switch act(request) {
                case .say(let lines):
                    let octets = Array((lines.joined(separator: "\n") + "\n").utf8)
                    guard send(client, octets, octets.count, Int32(MSG_NOSIGNAL)) == octets.count else {
                        return
                    }
                case .silence: continue
                case .drop: return
                }
            }
        }
    }
}
