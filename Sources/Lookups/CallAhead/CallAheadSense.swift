// SPDX-License-Identifier: MIT

package import Logging
internal import Mail
internal import Synchronization
package import Telemetry

/// Says whether a channel's next hop would take mail for a recipient. The outbound role asks it, since nobody
/// else speaks to next hops; here answers are remembered, and equal questions become one, so that what
/// strangers send never costs the server inside more than it can stand.
package final class CallAheadSense: Sense, Sendable {
    package let name = "call-ahead"
    package let budgetMs: Int
    private let settings: CallAheadSettings
    private let memory: AnswerMemory<RecipientQuestion>
    private let catchAlls: CatchAllWatch
    private let lines = Mutex<[String: SenseLine]>([:])
    private let counters: CounterPage

    package init(_ settings: CallAheadSettings, counters: CounterPage, logger: Logger) {
        self.settings = settings
        self.counters = counters
        budgetMs = settings.timeoutMs
        memory = AnswerMemory(
            entriesMax: settings.cacheEntries, octetsMax: CallAheadLimits.cachedOctetsMax,
            underWayMax: CallAheadLimits.underWayMax)
        catchAlls = CatchAllWatch(
            seconds: settings.positiveSeconds, counters: counters, logger: logger)
    }

    package func take(_ task: SenseTask) {
        guard case .recipient(let question) = task.question else {
            return task.fail("call-ahead answers questions about recipients alone")
        }
        guard let line = line(question.channel) else {
            return task.fail("call-ahead: \(CallAheadLimits.channelsMax) channels are asked about already")
        }
        switch memory.begin(task, key: question) {
        case .known(let answer):
            counters.add(.callAheadRemembered)
            task.answer(answer)
        case .wait: return
        case .ask: line.take(task)
        case .full: task.fail("call-ahead: too many recipients are being asked about")
        }
    }

    package func close() {
        for line in lines.withLock({ Array($0.values) }) { line.close() }
    }

    /// A channel's threads: one that hangs leaves the others theirs.
    private func line(_ channel: String) -> SenseLine? {
        lines.withLock { lines in
            if let line = lines[channel] { return line }
            guard lines.count < CallAheadLimits.channelsMax else { return nil }
            let (settings, memory, catchAlls, counters) = (settings, memory, catchAlls, counters)
            let line = SenseLine(
                name: "call-ahead to \(channel)", budgetMs: budgetMs, threads: settings.connections,
                waitingMax: CallAheadLimits.waitingMax
            ) {
                CallAheadWork(
                    settings: settings, memory: memory, catchAlls: catchAlls, counters: counters)
            }
            lines[channel] = line
            return line
        }
    }
}

/// One thread's part: carries questions to the outbound role and answers back.
final class CallAheadWork: SenseWork {
    private let settings: CallAheadSettings
    private let memory: AnswerMemory<RecipientQuestion>
    private let catchAlls: CatchAllWatch
    private let counters: CounterPage
    private let outbound: OutboundClient
    private var usedMs: Int64 = 0

    init(
        settings: CallAheadSettings, memory: AnswerMemory<RecipientQuestion>, catchAlls: CatchAllWatch,
        counters: CounterPage
    ) {
        self.settings = settings
        self.memory = memory
        self.catchAlls = catchAlls
        self.counters = counters
        outbound = OutboundClient(path: settings.socketPath)
    }

    func work(_ tasks: [SenseTask]) {
        for task in tasks {
            guard case .recipient(let question) = task.question else {
                task.fail("call-ahead answers questions about recipients alone")
                continue
            }
            let answer = outbound.verify(question, deadlineMs: task.deadlineMs)
            usedMs = SenseTask.nowMs()
            settle(question, answer)
            // Whoever waits has his answer: this is for the operator.
            if answer == .accepted { watch(question) }
        }
    }

    func rest() {
        if SenseTask.nowMs() - usedMs >= CallAheadLimits.idleMs { outbound.close() }
    }

    func end() { outbound.close() }

    private func settle(_ question: RecipientQuestion, _ answer: RecipientAnswer) {
        let seconds: Int?
        var octets = 300 + question.channel.utf8.count + question.recipient.description.utf8.count
        switch answer {
        case .accepted:
            counters.add(.callAheadAccepted)
            seconds = settings.positiveSeconds
        case .unknown(let reply):
            counters.add(.callAheadUnknown)
            seconds = settings.negativeSeconds
            octets += reply.utf8.count
        case .unsure:
            counters.add(.callAheadUnsure)
            seconds = nil
        }
        memory.finish(question, .recipient(answer), seconds: seconds, octets: octets)
    }

    /// A next hop that also takes an address which nobody can have takes them all.
    private func watch(_ question: RecipientQuestion) {
        let domain = question.recipient.foldedDomain
        let now = SenseTask.nowMs()
        guard !domain.isEmpty, catchAlls.isDue(channel: question.channel, domain: domain, nowMs: now) else {
            return
        }
        let nobody = Address(localPart: Self.unlikelyName(), domain: question.recipient.domain)
        let answer = outbound.verify(
            RecipientQuestion(channel: question.channel, recipient: nobody),
            deadlineMs: now + Int64(settings.timeoutMs))
        usedMs = SenseTask.nowMs()
        switch answer {
        case .accepted: catchAlls.note(channel: question.channel, domain: domain, takesAll: true)
        case .unknown: catchAlls.note(channel: question.channel, domain: domain, takesAll: false)
        case .unsure: catchAlls.forget(channel: question.channel, domain: domain)
        }
    }

    /// 64 random bits: nobody's mailbox.
    private static func unlikelyName() -> String {
        "no-such-user-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }
}
