// SPDX-License-Identifier: MIT

internal import Glibc
internal import Mail
internal import NIOCore
internal import NIOPosix
internal import SMTPProtocol

/// One next hop and the connections to it: messages wait here for the first connection that is free, and
/// further connections are made while more wait than are being made.
final class NextHop: @unchecked Sendable {
    // Sendable: everything but the constants is touched on `loop` alone.

    /// How often deadlines are looked at, in milliseconds: they are given in seconds.
    private static let tickMs: Int64 = 250
    /// After the server turned a connection away while others live, we make do with those for so long.
    private static let modestSeconds: Int64 = 60

    let channel: String
    let host: String
    let port: Int
    private let connectionsMax: Int
    let settings: OutboundSettings
    private let judge: (any DeliveryJudge)?
    let loop: any EventLoop
    private let reports: ReportBatch
    /// Where `host` is an address already.
    let address: SocketAddress?
    let lookup: HostLookup

    private var waiting = Fifo<Delivery>()
    /// Those that are connected, the greeting not yet read or work under way.
    private var connections: [ObjectIdentifier: NextHopConnection] = [:]
    private var readyCount = 0
    /// Connections being made: until EHLO is answered.
    private var attempts = 0
    /// The one that was used last is used first; the others get old and go.
    private var idle: [NextHopConnection] = []
    /// Connections that the server stands, while `modestUntil` lasts.
    private var modestMax = Int.max
    private var modestUntil = NIODeadline.distantPast
    private var ticker: RepeatedTask?
    private var isStopping = false

    /// One try at a connection. A host with several addresses may give several sockets; the first that
    /// connects counts.
    final class Attempt {
        fileprivate(set) var isTaken = false
        fileprivate(set) var isOver = false
    }

    init(
        channel: String, host: String, port: Int, connectionsMax: Int, settings: OutboundSettings,
        judge: (any DeliveryJudge)?, loop: any EventLoop, reports: ReportBatch
    ) {
        self.channel = channel
        self.judge = judge
        self.host = host
        self.port = port
        self.connectionsMax = max(connectionsMax, 1)
        self.settings = settings
        self.loop = loop
        self.reports = reports
        // What is no address is a name.
        address = try? SocketAddress(ipAddress: host, port: port)
        lookup = HostLookup(host: host, port: port, loop: loop, ask: settings.lookUp)
    }

    // MARK: What the controller tells, from its thread

    func deliver(_ deliveries: [Delivery]) {
        loop.execute { self.take(deliveries) }
    }

    /// Closes what is idle now and the others once they are done. With `isHard`, all at once: what is under
    /// way is reported as it stands.
    func stop(isHard: Bool) {
        loop.execute {
            self.isStopping = true
            for connection in self.idle { connection.leave() }
            guard isHard else { return self.lookup.cancel() }
            for delivery in self.waiting.removeAll() {
                self.reports.append(Self.unsent(delivery, "we are stopping"))
            }
            self.lookup.cancel()
            for connection in Array(self.connections.values) { connection.abort() }
        }
    }

    // MARK: What connections tell

    /// The next message for a connection that is free.
    func next() -> Delivery? { waiting.popFirst() }

    /// Whether the connection is wanted.
    func isConnected(_ connection: NextHopConnection) -> Bool {
        guard !connection.attempt.isTaken, !connection.attempt.isOver else { return false }
        connection.attempt.isTaken = true
        connections[ObjectIdentifier(connection)] = connection
        startTicking()
        return true
    }

    func isReady(_ connection: NextHopConnection) {
        finish(connection.attempt)
        readyCount += 1
    }

    func isIdle(_ connection: NextHopConnection) {
        if isStopping { return connection.leave() }
        idle.append(connection)
    }

    func isLeaving(_ connection: NextHopConnection) { idle.removeAll { $0 === connection } }

    func settled(_ report: DeliveryReport) { reports.append(report) }

    /// A message whose connection was closed before it was looked at: it goes first.
    func takeBack(_ delivery: Delivery) { waiting.prepend(delivery) }

    /// It is of no more use. May be told twice.
    func isGone(_ connection: NextHopConnection, _ end: SendingEnd) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if connections.isEmpty {
            ticker?.cancel()
            ticker = nil
        }
        guard connection.isReady else {
            finish(connection.attempt)
            return failed(end)
        }
        idle.removeAll { $0 === connection }
        readyCount -= 1
        connectIfNeeded()
    }

    // MARK: On the loop

    private func take(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            if delivery.isUrgent { waiting.prepend(delivery) } else { waiting.append(delivery) }
        }
        while let connection = idle.popLast() {
            guard let delivery = waiting.popFirst() else {
                idle.append(connection)
                break
            }
            connection.begin(delivery)
        }
        connectIfNeeded()
    }

    private func connectIfNeeded() {
        let most = NIODeadline.now() < modestUntil ? min(modestMax, connectionsMax) : connectionsMax
        while waiting.count > attempts, attempts + readyCount < most { connect() }
    }

    private func connect() {
        attempts += 1
        let attempt = Attempt()
        if let judge, judge.matters.contains(.address) {
            return AddressWalk(self, attempt, judge: judge).begin()
        }
        let query = address == nil ? lookup.makeQuery() : nil
        let bound = NIOLoopBound((hop: self, attempt: attempt), eventLoop: loop)
        let settings = settings
        let bootstrap = bootstrap(attempt).connectTimeout(.milliseconds(Int64(settings.limits.connectMs)))
        let connecting =
            if let address {
                bootstrap.connect(to: address)
            } else {
                bootstrap.resolver(query).connect(host: host, port: port)
            }
        connecting.hop(to: loop).whenFailure { error in
            let (hop, attempt) = bound.value
            guard hop.finish(attempt) else { return }
            if let query, !query.isAnswered {
                hop.failed(.lost("its address was not found within \(settings.limits.connectMs) ms"))
            } else {
                hop.failed(.lost(Self.reason(error)))
            }
        }
    }

    func bootstrap(_ attempt: Attempt) -> ClientBootstrap {
        let bound = NIOLoopBound((hop: self, attempt: attempt), eventLoop: loop)
        let settings = settings
        return ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (hop, attempt) = bound.value
                    try channel.pipeline.syncOperations.addHandler(
                        NextHopConnection(hop: hop, attempt: attempt, settings: settings))
                }
            }
    }

    /// A rule says that no mail may go to this host: whatever waits for a connection is refused.
    func refuseWaiting() {
        let reply = Reply(550, "5.1.2", "Invalid host or domain: \(host)")
        for delivery in waiting.removeAll() { reports.append(delivery.report(.rejected(reply))) }
    }

    /// False if it was over before.
    @discardableResult
    func finish(_ attempt: Attempt) -> Bool {
        guard !attempt.isOver else { return false }
        attempt.isOver = true
        attempts -= 1
        return true
    }

    /// A connection could not be made or was turned away. While others live, the server just doesn't want
    /// more of them; else nobody gets through, and whatever waits is told so.
    func failed(_ end: SendingEnd) {
        guard readyCount == 0 else {
            modestMax = readyCount
            modestUntil = .now() + .seconds(Self.modestSeconds)
            return
        }
        guard attempts == 0 else { return }
        let reply: Reply =
            switch end {
            case .refused(let reply):
                Reply(451, "4.4.1", "the next hop \(host) turned us away: \(reply.text)")
            case .lost(let text), .faulty(let text):
                Reply(451, "4.4.1", "next hop \(host) port \(port): \(text)")
            case .quit: Reply(451, "4.4.1", "next hop \(host) port \(port): the session was over")
            }
        for delivery in waiting.removeAll() {
            reports.append(delivery.report(.deferred(reply), isUnreachable: true))
        }
    }

    private func startTicking() {
        guard ticker == nil else { return }
        ticker = loop.scheduleRepeatedTask(
            initialDelay: .milliseconds(Self.tickMs), delay: .milliseconds(Self.tickMs)
        ) { _ in
            let now = NIODeadline.now()
            for connection in Array(self.connections.values) { connection.tick(now) }
        }
    }

    private static func unsent(_ delivery: Delivery, _ reason: String) -> DeliveryReport {
        delivery.report(.deferred(Reply(451, "4.3.2", reason)))
    }

    /// Why a connection could not be made.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            error.connectionErrors.last.map { reason($0.error) }
                ?? (error.dnsAError ?? error.dnsAAAAError).map { "\($0)" } ?? "no address"
        case ChannelError.connectTimeout(let amount):
            "no connection within \(amount.nanoseconds / 1_000_000) ms"
        default: "\(error)"
        }
    }
}
