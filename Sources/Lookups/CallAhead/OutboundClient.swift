// SPDX-License-Identifier: MIT

internal import Glibc
internal import Mail

/// Speaks to the outbound role over its command socket: JSON objects, one a line. Belongs to one thread; each
/// call ends at its deadline.
final class OutboundClient {
    private struct Request: Encodable {
        var verb = "verify"
        let channel: String
        let recipient: String
        let timeout_ms: Int
    }

    private let path: String
    private var descriptor: Int32 = -1

    init(path: String) { self.path = path }

    deinit { close() }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// What the channel's next hop says of the recipient; "unsure" where nobody can say.
    func verify(_ question: RecipientQuestion, deadlineMs: Int64) -> RecipientAnswer {
        let left = deadlineMs - SenseTask.nowMs()
        guard left > CallAheadLimits.marginMs else { return .unsure("call-ahead had no time for it") }
        let request = Request(
            channel: question.channel, recipient: question.recipient.description,
            timeout_ms: Int(left - CallAheadLimits.marginMs))
        // A role that was restarted has closed what we had: that is no answer, a new connection gives one.
        let isReused = descriptor >= 0
        if let answer = exchange(request, deadlineMs: deadlineMs) { return answer }
        if isReused, SenseTask.nowMs() < deadlineMs - CallAheadLimits.marginMs,
            let answer = exchange(request, deadlineMs: deadlineMs)
        {
            return answer
        }
        return .unsure("the outbound role gives no answer")
    }

    /// Nil where the connection is of no use; it is closed then.
    private func exchange(_ request: Request, deadlineMs: Int64) -> RecipientAnswer? {
        // Strings and a number: nothing in it that JSON can't hold.
        guard connect(), let line = try? FactsEncoder().encode(request),
            write(line + [UInt8(ascii: "\n")], deadlineMs: deadlineMs),
            let lines = answer(deadlineMs: deadlineMs)
        else {
            close()
            return nil
        }
        guard let said = lines.first.flatMap({ FlatObject($0) }) else {
            close()
            return .unsure("the outbound role's answer is none")
        }
        let reason = said.string("reason") ?? ""
        switch said.string("outcome") {
        case "accepted": return .accepted
        case "unknown": return .unknown(reply: reason)
        case "unsure": return .unsure(reason)
        default:
            // An error: it closes the connection after it.
            close()
            return .unsure("the outbound role: \(said.string("error") ?? "no outcome")")
        }
    }

    // MARK: The socket

    private func connect() -> Bool {
        guard descriptor < 0 else { return true }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let made = socket(AF_UNIX, kind, 0)
        guard made >= 0 else { return false }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(made, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            Glibc.close(made)
            return false
        }
        descriptor = made
        return true
    }

    private func write(_ bytes: [UInt8], deadlineMs: Int64) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else {
                guard count < 0, errno == EAGAIN || errno == EINTR, wait(POLLOUT, deadlineMs: deadlineMs)
                else {
                    return false
                }
            }
        }
        return true
    }

    /// The lines up to the last of the answer, that one included. It says `done`, or `error`.
    private func answer(deadlineMs: Int64) -> [[UInt8]]? {
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while octets.count <= CallAheadLimits.answerOctetsMax {
            guard wait(POLLIN, deadlineMs: deadlineMs) else { return nil }
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { return nil }
            octets += chunk[..<count]
            guard octets.last == UInt8(ascii: "\n") else { continue }
            let lines = octets.split(separator: UInt8(ascii: "\n")).map { [UInt8]($0) }
            guard let last = lines.last.flatMap({ FlatObject($0) }) else { return nil }
            if last.has("done") || last.has("error") { return lines }
        }
        return nil
    }

    private func wait(_ event: Int32, deadlineMs: Int64) -> Bool {
        let left = deadlineMs - SenseTask.nowMs()
        guard left > 0 else { return false }
        var polled = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        return poll(&polled, 1, Int32(clamping: left)) > 0
    }
}
