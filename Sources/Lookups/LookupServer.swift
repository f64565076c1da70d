// SPDX-License-Identifier: MIT

internal import CPostern
internal import Glibc
internal import Mail
package import Telemetry

/// The lookups role: answers the other roles' questions over a Unix socket. The only process with the network
/// for look-ups, with one cache for all.
///
/// One thread, one `poll` loop: libunbound has a thread of its own, and all that is left is carrying frames.
package final class LookupServer {
    private struct Client {
        let descriptor: Int32
        let number: UInt64
        var unread: [UInt8] = []
        var unwritten: [UInt8] = []
        var outstanding = 0
        var isBroken = false
    }

    private let resolver: Resolver
    private let counters: CounterPage
    private let listener: Int32
    private var clients: [Client] = []
    private var nextNumber: UInt64 = 0

    /// Binds `path`, replacing what a predecessor left there.
    package init(path: String, settings: LookupSettings, counters: CounterPage) throws(LookupError) {
        resolver = try Resolver(settings: settings)
        self.counters = counters
        listener = try Self.listen(path)
    }

    deinit {
        close(listener)
        for client in clients { close(client.descriptor) }
    }

    /// Serves until `control` says so: it is polled too, and `stop` is asked whenever it is readable.
    package func run(control: Int32, stop: () -> Bool) {
        while true {
            var polled = [
                pollfd(fd: control, events: Int16(POLLIN), revents: 0),
                pollfd(fd: resolver.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: listener, events: clients.count < LookupLimits.clientsMax ? Int16(POLLIN) : 0,
                    revents: 0),
            ]
            for client in clients {
                polled.append(
                    pollfd(
                        fd: client.descriptor,
                        events: Int16(client.unwritten.isEmpty ? POLLIN : POLLIN | POLLOUT),
                        revents: 0))
            }
            guard poll(&polled, nfds_t(polled.count), 10_000) >= 0 else { continue }
            if polled[0].revents != 0, stop() { return }
            for (index, entry) in polled.dropFirst(3).enumerated() where entry.revents != 0 {
                if entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { read(index) }
            }
            if polled[1].revents != 0 { resolver.process() }
            for index in clients.indices { write(index) }
            for client in clients where client.isBroken { close(client.descriptor) }
            clients.removeAll { $0.isBroken }
            if polled[2].revents != 0 { accept() }
        }
    }

    private func accept() {
        let descriptor = postern_accept(listener)
        guard descriptor >= 0 else { return }
        // A client that doesn't read must not stop the others.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        nextNumber += 1
        clients.append(Client(descriptor: descriptor, number: nextNumber))
    }

    private func read(_ index: Int) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes {
            recv(clients[index].descriptor, $0.baseAddress, $0.count, 0)
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else {
            clients[index].isBroken = true
            return
        }
        clients[index].unread += chunk[..<count]
        while true {
            switch LookupFrame.split(&clients[index].unread) {
            case .needMore: return
            case .payload(let payload):
                guard let request = LookupFrame.request(payload) else {
                    clients[index].isBroken = true
                    return
                }
                take(request, from: index)
            case .broken:
                clients[index].isBroken = true
                return
            }
        }
    }

    private func take(_ request: LookupFrame.Request, from index: Int) {
        guard clients[index].outstanding < LookupLimits.outstandingMax else {
            return answer(request.id, .failed("too many look-ups under way"), to: clients[index].number)
        }
        clients[index].outstanding += 1
        let number = clients[index].number
        resolver.resolve(request.question) { [unowned self] answer in
            if let index = clients.firstIndex(where: { $0.number == number }) {
                clients[index].outstanding -= 1
            }
            self.answer(request.id, answer, to: number)
        }
    }

    private func answer(_ id: UInt32, _ answer: DNSAnswer, to number: UInt64) {
        switch answer {
        case .failed, .timedOut: counters.add(.lookupsFailed)
        case .records, .noData, .noSuchName: counters.add(.lookupsAnswered)
        }
        guard let index = clients.firstIndex(where: { $0.number == number }) else { return }
        clients[index].unwritten += LookupFrame.encode(LookupFrame.Response(id: id, answer: answer))
        if clients[index].unwritten.count > LookupLimits.unwrittenOctetsMax { clients[index].isBroken = true }
    }

    private func write(_ index: Int) {
        guard !clients[index].unwritten.isEmpty, !clients[index].isBroken else { return }
        let count = clients[index].unwritten.withUnsafeBytes {
            send(clients[index].descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count > 0 { clients[index].unwritten.removeFirst(count) }
        if count < 0, errno != EAGAIN, errno != EINTR { clients[index].isBroken = true }
    }

    private static func listen(_ path: String) throws(LookupError) -> Int32 {
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw LookupError("socket: \(String(cString: strerror(errno)))") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            close(descriptor)
            throw LookupError("\(path): the path is too long for a Unix socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        unlink(path)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, Glibc.listen(descriptor, 128) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw LookupError("\(path): \(reason)")
        }
        return descriptor
    }
}
