// SPDX-License-Identifier: MIT

import CPostern
import FoundationEssentials
import Glibc

/// One end of the socket between the dispatcher and a role. Both ends are ours, but a role may have been
/// taken over, so the dispatcher bounds what it reads and drops whoever sends anything else.
struct ControlLine: ~Copyable {
    /// A line beyond this ends the connection: the longest honest one is a status of 64 workers.
    static let lineOctetsMax = 1 << 20

    let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Descriptors that came and whose message hasn't been taken yet.
    private var descriptors: [Int32] = []

    /// Takes the descriptor over and closes it in the end.
    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// False when the other end is gone.
    @discardableResult
    func send(_ message: ControlMessage) -> Bool { Self.send(message, to: descriptor) }

    @discardableResult
    static func send(_ message: ControlMessage, to descriptor: Int32) -> Bool {
        // Encoding our own enum of strings and numbers can't fail; if it did, the line would just be missing.
        guard let data = try? JSONEncoder().encode(message) else { return false }
        var rest = Array(data) + [0x0A]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest.removeFirst(count)
        }
        return true
    }

    /// Sends a message with a descriptor beside it.
    static func send(_ message: ControlMessage, passing passed: Int32, to descriptor: Int32) -> Bool {
        // As for `send`: our own enum of numbers can be encoded.
        guard let data = try? JSONEncoder().encode(message) else { return false }
        let line = Array(data) + [0x0A]
        return line.withUnsafeBytes { postern_send(descriptor, $0.baseAddress, $0.count, passed) }
            == line.count
    }

    /// Reads once and returns the whole lines that came; nil at the end of the connection or where what came
    /// is no message.
    mutating func receive() -> [ControlMessage]? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var count = 0
        var passed: Int32 = -1
        repeat {
            count = chunk.withUnsafeMutableBytes {
                postern_receive(descriptor, $0.baseAddress, $0.count, &passed)
            }
        } while count == -Int(EINTR)
        if passed >= 0 { descriptors.append(passed) }
        guard count > 0 else { return nil }
        buffer += chunk[..<count]
        return Self.messages(from: &buffer)?.map { message in
            guard case .adopt = message else { return message }
            return .adopt(descriptor: descriptors.isEmpty ? -1 : descriptors.removeFirst())
        }
    }

    /// Takes the whole lines out of `buffer`; nil where one is no message or what is left is too long for
    /// one.
    static func messages(from buffer: inout [UInt8]) -> [ControlMessage]? {
        var messages: [ControlMessage] = []
        var start = 0
        while let end = buffer[start...].firstIndex(of: 0x0A) {
            guard
                let message = try? JSONDecoder().decode(ControlMessage.self, from: Data(buffer[start..<end]))
            else { return nil }
            messages.append(message)
            start = end + 1
        }
        buffer.removeSubrange(..<start)
        return buffer.count <= lineOctetsMax ? messages : nil
    }
}
