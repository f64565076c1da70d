// SPDX-License-Identifier: MIT

internal import DurableQueue
package import Gates
internal import Glibc
package import Logging
package import NIOCore
package import NIOSSL
package import Telemetry

/// What all visits of one inbound process share. Belongs to its event loop.
package final class Worker {
    let settings: InboundSettings
    let rulesets: CurrentRuleset
    let driver: Driver
    let keeper: any CaseKeeper
    let counters: CounterPage
    let logger: Logger
    let attempts: AttemptTable
    let tls: NIOSSLContext?
    /// Nil where ETRN can't be carried out.
    let runner: (any QueueRunner)?
    let sessions: SessionList
    private let loop: any EventLoop
    private let hub: CommitHub
    private var caseNumber: CaseNumber
    /// Messages between the end of their content and their reply, or their commit where the client has gone.
    var messagesJudged = 0
    /// Octets of content in memory, of drafts and of messages being judged or committed.
    var contentOctets = 0
    /// Sessions whose client waits because we let it.
    var sessionsWaiting = 0
    private var overload = Overload()
    private var whenIdle: (() -> Void)?

    package init(
        settings: InboundSettings, rulesets: CurrentRuleset, carrier: any QuestionCarrier, hub: CommitHub,
        keeper: any CaseKeeper, attempts: AttemptTable, counters: CounterPage, logger: Logger,
        tls: NIOSSLContext?, runner: (any QueueRunner)? = nil, loop: any EventLoop
    ) {
        self.settings = settings
        self.rulesets = rulesets
        self.keeper = keeper
        self.counters = counters
        self.logger = logger
        self.attempts = attempts
        self.tls = tls
        self.runner = runner
        self.loop = loop
        self.hub = hub
        driver = Driver(carrier: carrier, counters: counters, loop: loop)
        sessions = SessionList(loop: loop)
        caseNumber = CaseNumber(startMs: Self.clockMs(), slot: settings.slot)
    }

    var offersTLS: Bool { tls != nil }
    var queue: Spool { hub.spool }
    var draftMemoryOctetsMax: Int { hub.draftMemoryOctetsMax }
    /// Wall clock, milliseconds since 1970. For records; it may jump.
    var nowMs: Int64 { Self.clockMs() }
    /// For durations.
    var monotonicNow: NIODeadline { loop.now }

    /// Calls `body` later, unless what it returns is cancelled.
    func after(hundredths: Int, _ body: @escaping () -> Void) -> Scheduled<Void> {
        loop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(hundredths) * 10), body)
    }

    /// Has the mail of `channel` tried now; calls back on the event loop.
    func runQueue(of channel: String, then finish: @escaping (Result<Int, any Error>) -> Void) {
        guard let runner else {
            return finish(.failure(OutboundRunner.Trouble(description: "nobody runs the queue here")))
        }
        let deadline = loop.now + .seconds(Int64(settings.commandSeconds))
        runner.run(channel: channel, deadline: deadline, on: loop).assumeIsolated().whenComplete(finish)
    }

    func nextSessionID() -> String { caseNumber.next() }

    /// Commits, and calls back on the event loop once the message is safe or isn't.
    func commit(_ commit: Commit, then finish: @escaping (Result<MessageID, QueueError>) -> Void) {
        hub.commit(commit, then: finish)
    }

    /// A message has come to its end.
    func release(_ attempt: Attempt) {
        contentOctets -= attempt.memoryOctets
        messagesJudged -= 1
        endIfIdle()
    }

    func count(_ fate: CaseRecord.Fate, octets: Int) {
        switch fate {
        case .accept:
            counters.add(.messagesAccepted)
            counters.add(.octetsAccepted, UInt64(octets))
        case .hold: counters.add(.messagesHeld)
        case .discard: counters.add(.messagesDiscarded)
        case .reject: counters.add(.messagesRejected)
        case .defer: counters.add(.messagesDeferred)
        case .abandoned: break
        }
    }

    // MARK: Sessions

    func add(_ session: SessionHandler) {
        sessions.add(session)
        counters.set(.sessionsOpen, to: UInt64(sessions.count))
    }

    func remove(_ session: SessionHandler) {
        sessions.remove(session)
        counters.set(.sessionsOpen, to: UInt64(sessions.count))
        endIfIdle()
    }

    /// Ends every session, those with a transaction after it. Calls back when the last is gone and no message
    /// is being judged or committed any more.
    func drain(then finish: @escaping () -> Void) {
        whenIdle = finish
        for session in sessions.all { session.drain() }
        endIfIdle()
    }

    private func endIfIdle() {
        guard let whenIdle, sessions.count == 0, messagesJudged == 0 else { return }
        self.whenIdle = nil
        whenIdle()
    }

    // MARK: Overload

    /// A client was told to come again because we are short of something. One line in the log stands for many
    /// clients.
    func reportRefusal(_ reason: String) {
        guard let refusals = overload.add(at: loop.now) else { return }
        logger.log(InboundEvent.queueRefusing(reason: reason, refusals: refusals))
    }

    /// A client was turned away because there are too many.
    func reportSessionsFull(client: String) {
        guard let refusals = overload.add(at: loop.now) else { return }
        logger.log(
            InboundEvent.sessionsFull(client: client, sessions: sessions.count, refusals: refusals))
    }

    package static func clockMs() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Counts refusals between two lines of the log.
private struct Overload {
    /// Seconds between two lines.
    private static let quietSeconds: Int64 = 10

    private var refusals = 0
    private var lastReported: NIODeadline?

    /// How many refusals the next line stands for; nil while it is too early for one.
    mutating func add(at now: NIODeadline) -> Int? {
        refusals += 1
        if let last = lastReported, now - last < .seconds(Self.quietSeconds) { return nil }
        lastReported = now
        defer { refusals = 0 }
        return refusals
    }
}
