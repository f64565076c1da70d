// SPDX-License-Identifier: MIT

package import FoundationEssentials
internal import Glibc

/// Asks the outbound role over its command socket and waits: for the command line, and for whoever has no
/// event loop.
package struct CommandClient: Sendable {
    private let path: String
    private let timeoutMs: Int

    /// Octets of an answer, at most.
    package static let answerOctetsMax = 256 << 20

    /// `timeoutMs` bounds each wait for the next piece of the answer. A release waits for a next hop.
    package init(path: String, timeoutMs: Int = 300_000) {
        self.path = path
        self.timeoutMs = timeoutMs
    }

    /// One answer: its lines and how it ended.
    package struct Answer: Sendable {
        package let lines: [Data]
        package let end: AnswerEnd

        package func decoded<Line: Decodable>(as type: Line.Type) throws -> [Line] {
            try lines.map { try JSONDecoder().decode(Line.self, from: $0) }
        }
    }

    /// Sends one request. `end.error` says what outbound thought wrong with it.
    package func ask(_ request: QueueRequest) throws(OutboundError) -> Answer {
        // A request is strings and numbers, which JSON holds.
        guard let line = try? JSONEncoder().encode(request) else {
            throw OutboundError(
                code: .socket, message: "the request can't be written as JSON; check its texts")
        }
        return try ask(raw: Array(line) + [UInt8(ascii: "\n")])
    }

    /// Sends bytes as they are.
    func ask(raw request: [UInt8]) throws(OutboundError) -> Answer {
        let descriptor = try connected()
        defer { close(descriptor) }
        var rest = request[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // Outbound may answer and hang up before it has read all of a bad request: the answer tells.
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        return try answer(from: descriptor)
    }

    private func connected() throws(OutboundError) -> Int32 {
        let help = "check that \"postern serve\" is running and that you may use its socket"
        guard var address = WakeSocket.address(path) else {
            throw OutboundError(code: .socket, message: "\(path): the path is longer than 107 octets")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(.socket, path, help: help) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let number = errno
            close(descriptor)
            throw .system(.socket, path, help: help, number: number)
        }
        return descriptor
    }

    private func answer(from descriptor: Int32) throws(OutboundError) -> Answer {
        var bytes: [UInt8] = []
        var lines: [Data] = []
        var start = 0
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < Self.answerOctetsMax {
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waited, 1, Int32(clamping: timeoutMs)) > 0 else { break }
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            var searched = bytes.count
            bytes += chunk[..<count]
            while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(bytes[start..<end])
                start = end + 1
                searched = start
                // Rows have neither "done" nor "error": what decodes with one of them is the end.
                if let last = try? JSONDecoder().decode(AnswerEnd.self, from: line),
                    last.done != nil || last.error != nil
                {
                    return Answer(lines: lines, end: last)
                }
                lines.append(line)
            }
        }
        throw OutboundError(
            code: .socket,
            message:
                "\(path): outbound gave no whole answer; ask again, an act with the same key is not repeated")
    }
}
