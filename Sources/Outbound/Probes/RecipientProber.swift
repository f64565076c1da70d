// SPDX-License-Identifier: MIT

internal import Glibc
internal import Mail
internal import NIOCore
internal import NIOPosix
internal import SMTPProtocol
internal import Telemetry

/// Asks one next hop about recipients, over few connections of its own, and never faster than it may be
/// asked: however many strangers name addresses, the server inside sees `ProbeLimits`.
final class RecipientProber: @unchecked Sendable {
    // Sendable: everything but the constants is touched on `loop` alone.

    private let host: String
    private let port: Int
    private let settings: OutboundSettings
    private let limits: ProbeLimits
    private let loop: any EventLoop
    private let counters: CounterPage
    /// Where `host` is an address already.
    private let address: SocketAddress?
    private let lookup: HostLookup

    private var waiting = Fifo<Probe>()
    private var connections: [ObjectIdentifier: ProbeConnection] = [:]
    /// Connections being made, until TCP is up.
    private var attempts = 0
    /// The one that was used last is used first.
    private var idle: [ProbeConnection] = []
    private var restUntil = NIODeadline.distantPast
    private var restReason = ""
    /// Connections that the server stands, while `modestUntil` lasts.
    private var modestMax = Int.max
    private var modestUntil = NIODeadline.distantPast
    private var asking: SecondBudget
    private var connecting: SecondBudget
    private var isResuming = false
    private var isStopping = false

    /// After the server turned a connection away while others live, we make do with those for so long.
    private static let modestSeconds: Int64 = 60

    init(
        host: String, port: Int, settings: OutboundSettings, loop: any EventLoop, counters: CounterPage
    ) {
        self.host = host
        self.port = port
        self.settings = settings
        limits = settings.probes
        asking = SecondBudget(max: settings.probes.perSecondMax)
        connecting = SecondBudget(max: settings.probes.perSecondMax)
        self.loop = loop
        self.counters = counters
        // What is no address is a name.
        address = try? SocketAddress(ipAddress: host, port: port)
        lookup = HostLookup(host: host, port: port, loop: loop, ask: settings.lookUp)
    }

    // MARK: What the controller tells, from its thread

    /// `answer` is called once, on the loop, within `timeoutMs` milliseconds (`ProbeLimits.timeoutMs` where
    /// nil).
    func verify(
        _ recipient: Address, timeoutMs: Int?, answer: @escaping @Sendable (RecipientAnswer) -> Void
    ) {
        let ms = min(max(timeoutMs ?? limits.timeoutMs, 1), limits.timeoutMsMax)
        let deadline = NIODeadline.now() + .milliseconds(Int64(ms))
        loop.execute {
            self.take(Probe(recipient: recipient, deadline: deadline, answer: answer))
        }
    }

    /// Everything that waits is answered "unsure", and every connection closed.
    func stop() {
        loop.execute {
            self.isStopping = true
            self.lookup.cancel()
            self.refuseWaiting("we are stopping")
            for connection in Array(self.connections.values) { connection.abort("we are stopping") }
        }
    }

    // MARK: What connections tell

    /// It can be asked: a question, if one may be asked now.
    func isReady(_ connection: ProbeConnection) {
        idle.append(connection)
        serve()
    }

    func isLeaving(_ connection: ProbeConnection) { idle.removeAll { $0 === connection } }

    /// The connection had been idle, and was closed before the question was looked at: it goes first.
    func takeBack(_ probe: Probe) { waiting.prepend(probe) }

    /// May be told twice. `wasOfUse`: EHLO was answered.
    func isGone(_ connection: ProbeConnection, _ end: SendingEnd, wasOfUse: Bool) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        idle.removeAll { $0 === connection }
        if wasOfUse { serve() } else { failed(Self.reason(end)) }
    }

    /// What went wrong, with whom.
    func naming(_ reason: String) -> String { "next hop \(host) port \(port): \(reason)" }

    // MARK: On the loop

    private func take(_ probe: Probe) {
        guard !isStopping else { return probe.finish(.unsure("we are stopping")) }
        guard restUntil <= .now() else { return probe.finish(.unsure(restReason)) }
        guard waiting.count < limits.waitingMax else {
            return probe.finish(
                .unsure("\(limits.waitingMax) recipients wait to be asked about at \(host) already"))
        }
        // Held until the deadline at most, and given up with the answer.
        probe.watch(on: loop) { [self] probe in isLate(probe) }
        waiting.append(probe)
        serve()
    }

    private func isLate(_ probe: Probe) {
        if let connection = connections.values.first(where: { $0.probe === probe }) {
            // What would come now is the answer to something else.
            return connection.abort(naming("no answer in time"))
        }
        probe.finish(.unsure(naming("it could not be asked in time")))
        serve()
    }

    private func serve() {
        dropAnswered()
        while !waiting.isEmpty, !idle.isEmpty {
            guard asking.take() else { return resume(at: asking.nextSecond) }
            guard let connection = idle.popLast(), let probe = waiting.popFirst() else { return }
            counters.add(.callAheadProbes)
            connection.begin(probe)
            dropAnswered()
        }
        // One for each that waits, as far as it goes; those being made will serve it too.
        let most = NIODeadline.now() < modestUntil ? modestMax : limits.connectionsMax
        let fresh = connections.values.count { !$0.isOfUse } + attempts
        let wanted = min(waiting.count - fresh, most - connections.count - attempts)
        for _ in 0..<max(0, wanted) {
            guard connecting.take() else { return resume(at: connecting.nextSecond) }
            connect()
        }
    }

    private func dropAnswered() {
        while let first = waiting.first, first.isOver { _ = waiting.popFirst() }
    }

    /// What this second has no room for is served in the next.
    private func resume(at time: NIODeadline) {
        guard !isResuming else { return }
        isResuming = true
        loop.assumeIsolated().scheduleTask(deadline: time) {
            self.isResuming = false
            self.serve()
        }
    }

    private func connect() {
        attempts += 1
        let query = address == nil ? lookup.makeQuery() : nil
        let bound = NIOLoopBound(self, eventLoop: loop)
        let settings = settings
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(Int64(min(settings.limits.connectMs, limits.timeoutMsMax))))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        let connecting =
            if let address {
                bootstrap.connect(to: address)
            } else {
                bootstrap.resolver(query).connect(host: host, port: port)
            }
        connecting.hop(to: loop).whenComplete { result in
            let prober = bound.value
            switch result {
            case .success(let channel): prober.adopt(channel)
            case .failure(let error):
                prober.attempts -= 1
                prober.failed(NextHop.reason(error))
            }
        }
    }

    private func adopt(_ channel: any Channel) {
        attempts -= 1
        guard !isStopping else { return channel.close(promise: nil) }
        let connection = ProbeConnection(prober: self, settings: settings)
        connections[ObjectIdentifier(connection)] = connection
        do {
            try channel.pipeline.syncOperations.addHandler(connection)
        } catch {
            // The channel was closed meanwhile.
            isGone(connection, .lost("the next hop closed the connection"), wasOfUse: false)
        }
    }

    /// A connection could not be made or was turned away. While others live, the server just doesn't want
    /// more of them; else nobody gets through: those who wait hear so, and for a while whoever asks.
    private func failed(_ reason: String) {
        guard connections.isEmpty else {
            modestMax = connections.count
            modestUntil = .now() + .seconds(Self.modestSeconds)
            return
        }
        guard attempts == 0 else { return }
        restReason = naming(reason)
        restUntil = .now() + .milliseconds(Int64(limits.restMs))
        refuseWaiting(restReason)
    }

    private func refuseWaiting(_ reason: String) {
        for probe in waiting.removeAll() { probe.finish(.unsure(reason)) }
    }

    static func reason(_ end: SendingEnd) -> String {
        switch end {
        case .quit: "the session was over"
        case .refused(let reply): "it turned us away: \(reply.text)"
        case .lost(let text), .faulty(let text): text
        }
    }
}
