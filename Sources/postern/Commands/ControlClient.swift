// SPDX-License-Identifier: MIT

import FoundationEssentials
import Glibc
import Outbound

/// The command line's end of the control socket: one line there, one line or several back.
struct ControlClient: ~Copyable {
    /// One line of an answer, in octets: the most that is ever passed on in one.
    static let lineOctetsMax = 64 << 20
    /// How long each piece of an answer may take, in milliseconds. The gateway's own limits are shorter, so
    /// that its words for what went wrong arrive.
    static let statusMs = 10_000
    static let reloadMs = 100_000
    static let outboundMs = 310_000

    private let descriptor: Int32
    /// For people.
    private let path: String
    private var buffer: [UInt8] = []

    /// Enters the state folder: a socket's path may have 107 octets, a folder's 4,095.
    init(stateFolder: String) throws(CommandFailure) {
        let path = "\(stateFolder)/\(StateFolder.controlSocket)"
        self.path = path
        guard chdir(stateFolder) == 0 else { throw Self.noGateway(path, errno) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .faulty("no socket: \(String(cString: strerror(errno)))") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(StateFolder.controlSocket.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            close(descriptor)
            throw Self.noGateway(path, code)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func noGateway(_ path: String, _ code: Int32) -> CommandFailure {
        switch code {
        case EACCES, EPERM:
            .faulty(
                "\(path): you may not use it; run this as the gateway's user, or as a member of its group")
        case ENOENT, ECONNREFUSED:
            .faulty("no gateway answers on \(path); start it with `postern serve`")
        default:
            .faulty("no gateway answers on \(path): \(String(cString: strerror(code)))")
        }
    }

    // MARK: Asking

    /// The dispatcher's answer to `status`, `reload` or `stop`: one JSON object.
    mutating func ask(_ command: String, timeoutMs: Int) throws(CommandFailure) -> [UInt8] {
        try send(Plain(command: command))
        guard let line = try line(timeoutMs: timeoutMs) else { throw cutOff() }
        if let error = Self.end(line)?.error { throw .faulty(error) }
        return line
    }

    /// Has outbound carry out `request` and hands on each line of its answer, in order, but the last.
    mutating func ask(
        _ request: QueueRequest, each: ([UInt8]) throws -> Void
    ) throws -> AnswerEnd {
        try send(ForOutbound(request: request))
        while let line = try line(timeoutMs: Self.outboundMs) {
            guard let end = Self.end(line) else {
                try each(line)
                continue
            }
            if let error = end.error { throw CommandFailure.faulty(error) }
            return end
        }
        throw cutOff()
    }

    private struct Plain: Encodable { var command: String }

    private struct ForOutbound: Encodable {
        var command = "outbound"
        var request: QueueRequest
    }

    /// The last line of an answer says `done` or `error`; no other line has either.
    private static func end(_ line: [UInt8]) -> AnswerEnd? {
        // A line that isn't one is what comes before.
        guard let end = try? JSONDecoder().decode(AnswerEnd.self, from: Data(line)),
            end.done != nil || end.error != nil
        else { return nil }
        return end
    }

    private func cutOff() -> CommandFailure {
        .faulty(
            "\(path): the gateway hung up before its answer was whole; "
                + "see `postern status` and what became of it"
        )
    }

    // MARK: Lines

    private func send(_ request: some Encodable) throws(CommandFailure) {
        // Strings and numbers: encoding can't fail.
        guard let data = try? JSONEncoder().encode(request) else {
            throw .faulty("the request can't be written")
        }
        var rest = (Array(data) + [0x0A])[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw cutOff() }
            rest = rest.dropFirst(count)
        }
    }

    /// The next line without its end; nil where the gateway hung up.
    private mutating func line(timeoutMs: Int) throws(CommandFailure) -> [UInt8]? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                let line = Array(buffer[..<end])
                buffer.removeSubrange(...end)
                return line
            }
            searched = buffer.count
            guard buffer.count <= Self.lineOctetsMax else {
                throw .faulty("\(path): a line without an end came")
            }
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waited, 1, Int32(clamping: timeoutMs))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else {
                throw .faulty("\(path): the gateway did not answer within \(timeoutMs / 1_000) s")
            }
            var chunk = [UInt8](repeating: 0, count: 262_144)
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }
}
