// SPDX-License-Identifier: MIT

internal import Glibc
internal import NIOCore
internal import Synchronization

/// The addresses of one next hop's name, from the system's resolver, on a thread of our own: its call blocks,
/// and the queue that the event loop would put it on by itself reads files which the role's confinement
/// refuses.
///
/// One look-up is under way at a time, however many connections are being made: whoever asks meanwhile gets
/// the same answer. Nobody waits longer than its connection may take; the thread ends when the resolver lets
/// it go.
final class HostLookup: @unchecked Sendable {
    // Sendable: everything but the constants is touched on `loop` alone.

    /// Asks, and blocks until there is an answer.
    typealias Ask = @Sendable (_ host: String, _ port: Int) -> Answer

    enum Answer: Sendable {
        /// In the order in which they are to be tried (RFC 6724 §6).
        case addresses([SocketAddress])
        case failed(reason: String)
    }

    /// Addresses of one name that are tried, at most: each costs a socket.
    private static let addressesMax = 16

    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let ask: Ask
    private var waiting: [HostQuery] = []
    private var isUnderWay = false
    /// The loop may be gone when the resolver lets a thread go.
    private let isCancelled = Mutex(false)

    init(host: String, port: Int, loop: any EventLoop, ask: @escaping Ask) {
        self.host = host
        self.port = port
        self.loop = loop
        self.ask = ask
    }

    /// For one connection.
    func makeQuery() -> HostQuery { HostQuery(self, loop: loop) }

    /// Those who wait are told that there is no answer, and none comes any more.
    func cancel() {
        isCancelled.withLock { $0 = true }
        for query in waiting { query.finish(.failed(reason: "we are stopping")) }
        waiting = []
    }

    // MARK: What queries tell

    func begin(_ query: HostQuery) {
        waiting.append(query)
        guard !isUnderWay else { return }
        isUnderWay = true
        do throws(OutboundError) {
            try WorkThread(name: "look-up") { [self] in
                let answer = ask(host, port)
                isCancelled.withLock { isCancelled in
                    if !isCancelled { loop.execute { self.finish(answer) } }
                }
            }.detach()
        } catch {
            let reason = error.message
            loop.execute { self.finish(.failed(reason: reason)) }
        }
    }

    func leave(_ query: HostQuery) { waiting.removeAll { $0 === query } }

    private func finish(_ answer: Answer) {
        isUnderWay = false
        let answered = waiting
        waiting = []
        for query in answered { query.finish(answer) }
    }

    // MARK: The system's resolver

    /// What /etc/hosts and DNS say, as `getaddrinfo` sorts it.
    static func system(host: String, port: Int) -> Answer {
        var hint = addrinfo()
        hint.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hint.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hint, &list)
        guard status == 0 else {
            if status == EAI_SYSTEM { return .failed(reason: String(cString: strerror(errno))) }
            return .failed(reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee, addresses.count < addressesMax {
            if let address = address(entry) { addresses.append(address) }
            next = entry.ai_next
        }
        return .addresses(addresses)
    }

    /// Nil for a family that we don't speak.
    private static func address(_ entry: addrinfo) -> SocketAddress? {
        guard let bytes = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET where Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in>.size:
            return SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6 where Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in6>.size:
            return SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
        default: return nil
        }
    }
}
