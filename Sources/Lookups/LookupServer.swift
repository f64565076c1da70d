// SPDX-License-Identifier: MIT

internal import CPostern
internal import Glibc
internal import Mail
package import Telemetry

/// The lookups role: answers the other roles' questions over a Unix socket. The only process with the network
/// for look-ups, with one cache for all.
///
/// One thread, one `poll` loop: libunbound has a thread of its own, so has each sense that blocks, and all
/// that is left is carrying frames.
package final class LookupServer {
    private struct Client {
        let descriptor: Int32
        let number: UInt64
        var unread: [UInt8] = []
        var unwritten: [UInt8] = []
        var outstanding = 0
        var isBroken = false
    }

    /// An errand that a sense has.
    private struct Awaited {
        let client: UInt64
        let id: UInt32
        let errand: Errand
        let sense: any Sense
        let deadlineMs: Int64
    }

    private let resolver: Resolver
    private let settings: LookupSettings
    /// For the last questions of `nameWatch`.
    private var testResolver: Resolver?
    private let senses: Senses
    private let counters: CounterPage
    private let listener: Int32
    private let results: ResultLine
    private var clients: [Client] = []
    private var nextNumber: UInt64 = 0
    private var awaited: [UInt64: Awaited] = [:]
    private var nextToken: UInt64 = 0
    private var nextSweepMs: Int64 = 0
    private var nextWatchMs: Int64 = 0

    /// Binds `path`, replacing what a predecessor left there. What `senses` doesn't hold fails when it is
    /// asked for.
    package init(
        path: String, settings: LookupSettings, senses: Senses = Senses(), counters: CounterPage
    ) throws(LookupError) {
        resolver = try Resolver(settings: settings)
        self.settings = settings
        self.senses = senses
        self.counters = counters
        results = try ResultLine()
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
                pollfd(fd: results.descriptor, events: Int16(POLLIN), revents: 0),
                // -1 is passed over.
                pollfd(fd: testResolver?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let fixed = polled.count
            for client in clients {
                polled.append(
                    pollfd(
                        fd: client.descriptor,
                        events: Int16(client.unwritten.isEmpty ? POLLIN : POLLIN | POLLOUT),
                        revents: 0))
            }
            guard poll(&polled, nfds_t(polled.count), waitMs()) >= 0 else { continue }
            if polled[0].revents != 0, stop() { return }
            for (index, entry) in polled.dropFirst(fixed).enumerated() where entry.revents != 0 {
                if entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { read(index) }
            }
            if polled[1].revents != 0 { resolver.process() }
            if polled[3].revents != 0 { takeResults() }
            if polled[4].revents != 0 { testResolver?.process() }
            expire()
            watchNames()
            for index in clients.indices { write(index) }
            for client in clients where client.isBroken { close(client.descriptor) }
            clients.removeAll { $0.isBroken }
            if polled[2].revents != 0 { accept() }
        }
    }

    /// How long nothing need happen: a sense's deadline is kept to a tenth of a second.
    private func waitMs() -> Int32 {
        if !awaited.isEmpty { return 100 }
        return senses.nameWatch == nil ? 10_000 : 1_000
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
            return finish(
                request.id, request.errand.failure("too many look-ups under way"),
                for: clients[index].number)
        }
        clients[index].outstanding += 1
        let number = clients[index].number
        if case .ask(.dns(let question), _) = request.errand {
            resolve(question) { [unowned self] answer in
                settle(request.id, .answer(.dns(answer)), for: number)
            }
        } else if let sense = senses.sense(for: request.errand) {
            nextToken += 1
            let deadline = SteadyTime.milliseconds() + Int64(sense.budgetMs)
            awaited[nextToken] = Awaited(
                client: number, id: request.id, errand: request.errand, sense: sense, deadlineMs: deadline)
            sense.take(
                SenseTask(errand: request.errand, deadlineMs: deadline, token: nextToken, line: results))
        } else {
            settle(request.id, request.errand.failure(Senses.absence(for: request.errand)), for: number)
        }
    }

    private func resolve(_ question: DNSQuestion, finish: @escaping (DNSAnswer) -> Void) {
        if let reason = senses.nameWatch?.objection(to: question) { return finish(.failed(reason)) }
        resolver.resolve(question, finish: finish)
    }

    private func takeResults() {
        for (token, result) in results.takeAll() {
            // Gone at its deadline, or answered before.
            guard let one = awaited.removeValue(forKey: token) else { continue }
            settle(one.id, result, for: one.client)
        }
    }

    private func expire() {
        guard !awaited.isEmpty else { return }
        let now = SteadyTime.milliseconds()
        guard now >= nextSweepMs else { return }
        nextSweepMs = now + 50
        for (token, one) in awaited where now >= one.deadlineMs {
            awaited[token] = nil
            let reason = "\(one.sense.name) did not answer within \(one.sense.budgetMs) ms"
            settle(one.id, one.errand.failure(reason), for: one.client)
        }
    }

    private func watchNames() {
        guard let watch = senses.nameWatch else { return }
        let now = SteadyTime.milliseconds()
        guard now >= nextWatchMs else { return }
        nextWatchMs = now + 1_000
        let questions = watch.due(nowMs: now)
        guard !questions.isEmpty else { return }
        // A new one each time, which remembers nothing: what is tested is the list, not what we know of it.
        // (How long a resolver may remember is one setting for all of a process.) Questions that the last one
        // still has are given up, and the watch takes them for unanswered.
        do throws(LookupError) {
            let fresh = try Resolver(settings: settings)
            testResolver = fresh
            for question in questions {
                fresh.resolve(question) { answer in
                    watch.hear(answer, to: question, nowMs: SteadyTime.milliseconds())
                }
            }
        } catch {
            for question in questions { watch.hear(.failed(error.description), to: question, nowMs: now) }
        }
    }

    /// An errand that counted as under way is done.
    private func settle(_ id: UInt32, _ result: ErrandResult, for number: UInt64) {
        if let index = clients.firstIndex(where: { $0.number == number }) {
            clients[index].outstanding -= 1
        }
        finish(id, result, for: number)
    }

    private func finish(_ id: UInt32, _ result: ErrandResult, for number: UInt64) {
        if case .answer(.dns) = result {
            counters.add(result.isSuccess ? .lookupsAnswered : .lookupsFailed)
        } else {
            counters.add(result.isSuccess ? .sensesAnswered : .sensesFailed)
        }
        guard let index = clients.firstIndex(where: { $0.number == number }) else { return }
        clients[index].unwritten += LookupFrame.encode(LookupFrame.Response(id: id, result: result))
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
