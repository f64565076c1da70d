// SPDX-License-Identifier: MIT

internal import Glibc
internal import Logging
internal import Telemetry

/// One connection to a Redis server, made when it is needed and made again when it was lost. Used by one
/// thread; every call returns within the server's `timeoutMs`, a name that must be looked up excepted.
final class RedisConnection {
    struct Failure: Error {
        /// Names the server.
        let description: String
    }

    private let server: RedisServer
    private let logger: Logger
    private var descriptor: Int32 = -1
    private var lostMs: Int64?
    private var lastReason = ""
    private var nextTryMs: Int64 = .min
    private var pauseMs: Int64 = 0

    /// Milliseconds until the second attempt to connect.
    private static let pauseMsMin: Int64 = 100
    /// Milliseconds between two attempts, however long it is gone: it should be found soon when it is back.
    private static let pauseMsMax: Int64 = 5_000

    init(server: RedisServer, logger: Logger) {
        self.server = server
        self.logger = logger
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Sends `commands` together; a reply for each, in their order. What was sent before a failure may have
    /// been done or not.
    func run(_ commands: [[[UInt8]]]) throws(Failure) -> [RedisValue] {
        let deadline = SteadyTime.milliseconds() + Int64(server.timeoutMs)
        do throws(Failure) {
            if descriptor >= 0, isStale() { drop() }
            if descriptor < 0 { try connect(deadline) }
            let replies = try exchange(commands, deadline)
            if let lostMs {
                logger.log(
                    LookupsEvent.redisBack(
                        server: "\(server.address)", lostMs: SteadyTime.milliseconds() - lostMs))
            }
            lostMs = nil
            pauseMs = 0
            return replies
        } catch {
            lose(error)
            throw error
        }
    }

    private func lose(_ failure: Failure) {
        let now = SteadyTime.milliseconds()
        if descriptor >= 0 || nextTryMs <= now {
            pauseMs = min(max(pauseMs * 2, Self.pauseMsMin), Self.pauseMsMax)
            nextTryMs = now + pauseMs
            lastReason = failure.description
        }
        drop()
        guard lostMs == nil else { return }
        lostMs = now
        logger.log(LookupsEvent.redisLost(server: "\(server.address)", reason: failure.description))
    }

    private func drop() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// An end of the connection, or octets that nobody asked for, wait to be read.
    private func isStale() -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) != 0
    }

    // MARK: Connecting

    private func connect(_ deadline: Int64) throws(Failure) {
        guard SteadyTime.milliseconds() >= nextTryMs else { throw Failure(description: lastReason) }
        switch server.address {
        case .unix(let path): try connect(path: path, deadline)
        case .tcp(let host, let port): try connect(host: host, port: port, deadline)
        }
        guard let password = server.password else { return }
        guard case .status? = try exchange([[Array("AUTH".utf8), password]], deadline).first else {
            throw failure("it refuses the password")
        }
    }

    private func connect(path: String, _ deadline: Int64) throws(Failure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw failure("the path is too long for a Unix socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { open(AF_UNIX, $0, size, deadline) }
        }
        guard code == 0 else { throw failure(String(cString: strerror(code))) }
    }

    private func connect(host: String, port: Int, _ deadline: Int64) throws(Failure) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &found)
        guard code == 0 else { throw failure("\(host): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(found) }
        var next = found
        var reason = ETIMEDOUT
        while let one = next, SteadyTime.milliseconds() < deadline {
            reason = open(one.pointee.ai_family, one.pointee.ai_addr, one.pointee.ai_addrlen, deadline)
            if reason == 0 {
                var on: Int32 = 1
                setsockopt(
                    descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                return
            }
            next = one.pointee.ai_next
        }
        throw failure(String(cString: strerror(reason)))
    }

    /// 0, and `descriptor` is set; or an errno value.
    private func open(
        _ family: Int32, _ address: UnsafePointer<sockaddr>?, _ size: socklen_t, _ deadline: Int64
    ) -> Int32 {
        let end = socket(
            family,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard end >= 0 else { return errno }
        if Glibc.connect(end, address, size) != 0 {
            var code = errno
            if code == EINPROGRESS || code == EAGAIN {
                code = ETIMEDOUT
                var length = socklen_t(MemoryLayout<Int32>.size)
                if wait(end, for: POLLOUT, deadline) {
                    getsockopt(end, SOL_SOCKET, SO_ERROR, &code, &length)
                }
            }
            guard code == 0 else {
                close(end)
                return code
            }
        }
        descriptor = end
        return 0
    }

    // MARK: Speaking

    private func exchange(_ commands: [[[UInt8]]], _ deadline: Int64) throws(Failure) -> [RedisValue] {
        var unwritten = commands.flatMap(RedisValue.command)[...]
        var unread: [UInt8] = []
        var replies: [RedisValue] = []
        // It may answer the first while we still send the last.
        while replies.count < commands.count {
            let events = unwritten.isEmpty ? POLLIN : POLLIN | POLLOUT
            guard wait(descriptor, for: events, deadline) else {
                throw failure("no answer within \(server.timeoutMs) ms")
            }
            try send(&unwritten)
            try receive(&unread)
            reading: while replies.count < commands.count {
                switch RedisValue.read(unread[...]) {
                case .needMore: break reading
                case .broken: throw failure("it does not speak Redis's protocol")
                case .value(let value, let count):
                    replies.append(value)
                    unread.removeFirst(count)
                }
            }
        }
        guard unread.isEmpty else { throw failure("it says more than it was asked") }
        return replies
    }

    private func send(_ unwritten: inout ArraySlice<UInt8>) throws(Failure) {
        guard !unwritten.isEmpty else { return }
        let count = unwritten.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count > 0 {
            unwritten = unwritten.dropFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            throw failure(String(cString: strerror(errno)))
        }
    }

    private func receive(_ unread: inout [UInt8]) throws(Failure) {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count == 0 { throw failure("it ended the connection") }
        if count < 0 {
            guard errno == EAGAIN || errno == EINTR else { throw failure(String(cString: strerror(errno))) }
            return
        }
        unread += chunk[..<count]
    }

    private func wait(_ descriptor: Int32, for events: Int32, _ deadline: Int64) -> Bool {
        while true {
            let left = deadline - SteadyTime.milliseconds()
            guard left > 0 else { return false }
            var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            if poll(&polled, 1, Int32(clamping: left)) > 0 { return true }
        }
    }

    private func failure(_ reason: String) -> Failure {
        Failure(description: "redis \(server.address): \(reason)")
    }
}
