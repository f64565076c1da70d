// SPDX-License-Identifier: MIT

import Foundation

/// A next hop on loopback that takes messages, and says nothing after the final dot until it is told to.
final class MuteHop: @unchecked Sendable {
    // Sendable: what changes is behind the lock.
    let port: Int
    private let listener: Int32
    private let lock = NSLock()
    private var contents: [String] = []
    private var isMute = true

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
                    ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard code == 0 else { throw HarnessError("no port: \(String(cString: strerror(errno)))") }
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { self.serve(client) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Every content that came whole, answered or not.
    var taken: [String] { lock.withLock { contents } }

    /// From now on messages are answered 250.
    func speak() { lock.withLock { isMute = false } }

    private func serve(_ client: Int32) {
        defer { close(client) }
        var buffer = Data()
        func line() -> String? {
            while true {
                if let end = buffer.firstIndex(of: 0x0A) {
                    let line = String(decoding: buffer[..<end], as: UTF8.self)
                    buffer = Data(buffer[(end + 1)...])
                    return line.hasSuffix("\r") ? String(line.dropLast()) : line
                }
                var chunk = [UInt8](repeating: 0, count: 4_096)
                let count = recv(client, &chunk, chunk.count, 0)
                guard count > 0 else { return nil }
                buffer.append(contentsOf: chunk[..<count])
            }
        }
        func say(_ text: String) {
            let bytes = Array((text + "\r\n").utf8)
            _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }
        say("220 hop")
        while let command = line() {
            guard command.uppercased() == "DATA" else {
                say(command.uppercased() == "QUIT" ? "221 bye" : "250 ok")
                continue
            }
            say("354 go on")
            var content = ""
            while let next = line(), next != "." { content += next + "\n" }
            let isMute = lock.withLock {
                contents.append(content)
                return self.isMute
            }
            if !isMute { say("250 2.0.0 taken") }
        }
    }
}
