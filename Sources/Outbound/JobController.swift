// SPDX-License-Identifier: MIT

internal import DurableQueue
internal import Glibc
internal import Logging
internal import Mail
internal import SMTPProtocol
internal import Telemetry

/// Decides what is delivered when, and tells the queue what came of it. The one owner of the queue's keeper.
///
/// One thread of its own does all of it: it sleeps until reports, commands or hints are there, takes all of
/// them, and hands out what became due. Sockets live on an event loop and maildirs on threads of their own,
/// so a disk call here never holds up a conversation; both ways, what travels between threads travels in
/// batches.
///
///     intake       keeper -> ready, or waiting until it is due
///     dispatch     ready -> with a next hop or maildir, in order, as far as its window goes
///     settle       its report -> delivered, deferred, held
final class JobController: @unchecked Sendable {
    // Sendable: everything but the mailbox is touched on the controller's thread alone.

    /// What became of an entry that is owed.
    enum Stage: Equatable {
        case ready
        case waiting
        /// A rule is asked whether it is to be tried.
        case asked
        /// With a next hop or maildir, since (milliseconds, monotonic); its place in the in-flight table.
        case handed(sinceMs: Int, slot: Int)
    }

    struct Job {
        let destination: Destination
        let octets: Int
        var stage: Stage
        /// Since when it is ready (milliseconds, monotonic): how long it has waited for its next hop.
        var readySinceMs: Int
    }

    /// Entries of a resting next hop that are moved out in one turn: each costs a file.
    private static let deferralsPerTurnMax = 100
    /// How long to leave the queue alone after it refused to be read, in milliseconds.
    private static let queueRetryMs = 1_000
    /// How often the same failure is told, in milliseconds.
    private static let failureRepeatMs = 60_000
    /// How long a hard stop waits for the last reports, in milliseconds.
    private static let lastReportsMs = 2_000

    let keeper: Keeper
    let settings: OutboundSettings
    let counters: CounterPage
    let logger: Logger
    let mailbox: Mailbox<ControllerLetter>
    var acts: ActLog
    private let wake: WakeSocket
    let judge: (any DeliveryJudge)?
    let carrier: (any EffectCarrier)?
    var effects = EffectDesk()
    /// Of messages whose copies a rule is being asked about.
    var copiesPendingOctets = 0
    let inFlight: InFlightTable
    /// Places in that table whose entries' records are not yet in the queue's log.
    private var settledSlots: [Int] = []

    var destinations: [String: Destination] = [:]
    var jobs: [EntryID: Job] = [:]
    private var due = DueHeap()
    /// Releases that someone waits for.
    var releases = ReleaseDesk()

    private var readyCount = 0
    private var handedCount = 0
    private var lastHousekeepingMs = Int.min / 2
    private var brokenUntilMs = Int.min / 2
    private var lastFailure = (text: "", atMs: 0)
    private var stopDeadlineMs: Int?

    init(
        keeper: Keeper, settings: OutboundSettings, companions: DeliveryCompanions, counters: CounterPage,
        logger: Logger, mailbox: Mailbox<ControllerLetter>
    ) throws(OutboundError) {
        judge = companions.judge
        carrier = companions.carrier
        self.keeper = keeper
        self.settings = settings
        self.counters = counters
        self.logger = logger
        self.mailbox = mailbox
        acts = try ActLog(path: settings.actLogPath)
        wake = try WakeSocket(path: settings.wakeSocketPath)
        inFlight = InFlightTable(path: settings.runningMarkPath, bootID: settings.bootID)
    }

    // MARK: The thread

    /// Until it is told to stop.
    func run() {
        logger.log(
            OutboundEvent.started(
                channels: destinations.count, waiting: keeper.report.waiting + keeper.report.inFlight,
                held: keeper.report.held))
        beginMarked()
        var isHinted = true
        while true {
            let nowMs = Timestamp.monotonicMs
            let isPollDue = nowMs - lastHousekeepingMs >= settings.pollIntervalMs
            for letter in mailbox.take() { open(letter) }
            if stopDeadlineMs == nil {
                if isHinted || isPollDue || keeper.hasPendingWork { intake() }
                carryEffects(nowMs)
                dispatchAll()
            }
            flush()
            if isPollDue { housekeep(nowMs) }
            answerLate(nowMs)
            if let stopDeadlineMs, handedCount == 0 || nowMs >= stopDeadlineMs { break }
            isHinted = sleep()
        }
        end()
    }

    private func open(_ letter: ControllerLetter) {
        switch letter {
        case .reports(let reports): for report in reports { settle(report) }
        case .command(let command): perform(command)
        case .maildirTrouble(let path, let reply): rest(maildir: path, reply.text)
        case .ruled(let id, let ruling): obey(ruling, id)
        case .copy(let content, let path): keepCopy(content, at: path)
        case .effects(let message, let failure): effectsCarried(message, failure: failure)
        case .stop: stopDeadlineMs = stopDeadlineMs ?? Timestamp.monotonicMs + settings.limits.stopBudgetMs
        }
    }

    /// Until a letter, a hint, the next due entry, or the poll interval. Whether there was a hint.
    private func sleep() -> Bool {
        var descriptors = [
            pollfd(fd: mailbox.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&descriptors, 2, Int32(clamping: sleepMs))
        return count > 0 && descriptors[1].revents != 0 && wake.drain()
    }

    private var sleepMs: Int {
        let nowMs = Timestamp.monotonicMs
        var untilMs = lastHousekeepingMs + settings.pollIntervalMs
        if let stopDeadlineMs { return max(0, min(untilMs, stopDeadlineMs) - nowMs) }
        if keeper.hasPendingWork, readyCount < settings.limits.itemsMax, nowMs >= brokenUntilMs { return 0 }
        if let first = due.first {
            untilMs = min(untilMs, nowMs + Int(clamping: max(0, first - Timestamp.now)) * 1_000)
        }
        // A rest that is over has its probe under way, and waits for the report.
        for destination in destinations.values {
            guard let rest = destination.rest, rest.untilMs > nowMs, !destination.ready.isEmpty else {
                continue
            }
            untilMs = min(untilMs, rest.untilMs)
        }
        if let deadline = releases.firstDeadlineMs { untilMs = min(untilMs, deadline) }
        if let next = effects.nextMs { untilMs = min(untilMs, next) }
        return max(untilMs - nowMs, 1)
    }

    // MARK: Intake

    func intake() {
        guard readyCount < settings.limits.itemsMax, Timestamp.monotonicMs >= brokenUntilMs else { return }
        let items: [QueueItem]
        do throws(QueueError) {
            items = try keeper.poll()
        } catch {
            brokenUntilMs = Timestamp.monotonicMs + Self.queueRetryMs
            return failed("reading the queue", error)
        }
        let now = Timestamp.now
        for item in items { place(item, now: now) }
    }

    func place(_ item: QueueItem, now: Int64) {
        guard let destination = destinations[item.channel] else { return holdUnroutable(item) }
        switch jobs[item.id]?.stage {
        // It has its place; a report will say more.
        case .ready, .asked, .handed: return
        case .waiting, nil: break
        }
        guard item.nextAttempt <= now else {
            return wait(item.id, octets: item.octets, for: destination, until: item.nextAttempt)
        }
        makeReady(item.id, octets: item.octets, for: destination)
    }

    private func wait(_ id: EntryID, octets: Int, for destination: Destination, until: Int64) {
        jobs[id] = Job(destination: destination, octets: octets, stage: .waiting, readySinceMs: 0)
        due.insert(id, at: until)
    }

    private func makeReady(_ id: EntryID, octets: Int, for destination: Destination) {
        let nowMs = Timestamp.monotonicMs
        jobs[id] = Job(destination: destination, octets: octets, stage: .ready, readySinceMs: nowMs)
        readyCount += 1
        if releases.isAwaited(id) {
            destination.urgent.append(id)
        } else {
            destination.ready.append(Destination.Waiting(id: id, sinceMs: nowMs))
        }
    }

    private func holdUnroutable(_ item: QueueItem) {
        let reason =
            "channel \(item.channel) has no next hop; name one in the configuration, then release this"
        logger.log(
            OutboundEvent.unroutable(entry: item.id.description, caseID: item.caseID, channel: item.channel))
        jobs[item.id] = nil
        hold(item.id, reason)
        answerRelease(item.id, .refused, reply: nil, reason: reason)
    }

    // MARK: Dispatch

    private func dispatchAll() {
        let now = Timestamp.now
        while let id = due.pop(now: now) {
            guard let job = jobs[id], job.stage == .waiting, let item = keeper.item(id),
                item.nextAttempt <= now
            else { continue }
            makeReady(id, octets: job.octets, for: job.destination)
        }
        // Nothing may be delivered that nobody would remember.
        guard Timestamp.monotonicMs >= brokenUntilMs else { return }
        for destination in destinations.values {
            destination.takeBack()
            dispatch(destination)
            deferResting(destination)
        }
    }

    private func dispatch(_ destination: Destination) {
        let nowMs = Timestamp.monotonicMs
        var batch: [Delivery] = []
        while inFlight.hasRoom, let id = destination.cleared.popFirst() {
            guard let job = jobs[id], job.stage == .asked else { continue }
            open(id, job, isUrgent: false, nowMs: nowMs, into: &batch)
        }
        while destination.handedOctets < settings.limits.handedOctetsMax, inFlight.hasRoom,
            let id = destination.urgent.popFirst()
        {
            take(id, isUrgent: true, nowMs: nowMs, into: &batch)
        }
        while destination.room(nowMs: nowMs, octetsMax: settings.limits.handedOctetsMax) > 0,
            inFlight.hasRoom, let waiting = destination.ready.popFirst()
        {
            take(waiting.id, isUrgent: false, nowMs: nowMs, into: &batch)
        }
        guard !batch.isEmpty else { return }
        switch destination.outlet {
        case .nextHop(let hop): hop.deliver(batch)
        case .maildir(let writer): writer.deliver(batch)
        }
    }

    /// Opens an entry that is ready still, and counts it as handed over; or asks first whether it may be. One
    /// that a person has released is not asked about: he has decided.
    private func take(
        _ id: EntryID, isUrgent: Bool, nowMs: Int, into batch: inout [Delivery]
    ) {
        guard let job = jobs[id], job.stage == .ready else { return }
        readyCount -= 1
        handedCount += 1
        job.destination.handed += 1
        job.destination.handedOctets += job.octets
        if !isUrgent, matters(.dequeue), let item = keeper.item(id) {
            jobs[id]?.stage = .asked
            return ask(about: item)
        }
        open(id, job, isUrgent: isUrgent, nowMs: nowMs, into: &batch)
    }

    /// It has its place with its destination no more.
    private func uncount(_ job: Job) {
        handedCount -= 1
        job.destination.handed -= 1
        job.destination.handedOctets -= job.octets
    }

    private func obey(_ ruling: DequeueRuling, _ id: EntryID) {
        guard let job = jobs[id], job.stage == .asked else { return }
        if case .proceed = ruling, stopDeadlineMs == nil { return job.destination.cleared.append(id) }
        uncount(job)
        jobs[id] = nil
        guard case .abort(let delaySeconds, let reason) = ruling, let item = keeper.item(id) else { return }
        postpone(item, delaySeconds: delaySeconds, reason)
    }

    /// Opens an entry whose place is counted.
    private func open(_ id: EntryID, _ job: Job, isUrgent: Bool, nowMs: Int, into batch: inout [Delivery]) {
        guard let slot = inFlight.add(id) else {
            // Whoever dispatches has looked for room before.
            uncount(job)
            jobs[id]?.stage = .waiting
            return due.insert(id, at: Timestamp.now + 1)
        }
        do throws(QueueError) {
            batch.append(Delivery(try keeper.open(id), isUrgent: isUrgent))
        } catch {
            inFlight.remove(slot)
            uncount(job)
            failed("opening entry \(id)", error)
            guard error.isTransient else {
                jobs[id] = nil
                return answerRelease(id, .failed, reply: nil, reason: error.description)
            }
            jobs[id]?.stage = .waiting
            return due.insert(id, at: Timestamp.now + 1)
        }
        jobs[id]?.stage = .handed(sinceMs: nowMs, slot: slot)
    }

    /// Entries that have waited in the spool too long for a next hop that can't be reached move out of it,
    /// and so do some when others would find no room.
    private func deferResting(_ destination: Destination) {
        guard let reason = destination.rest?.reason else { return }
        let nowMs = Timestamp.monotonicMs
        let isFull = readyCount >= settings.limits.itemsMax
        for _ in 0..<Self.deferralsPerTurnMax {
            guard let oldest = destination.ready.first,
                isFull || nowMs - oldest.sinceMs >= settings.limits.restingPatienceMs
            else { return }
            _ = destination.ready.popFirst()
            guard jobs[oldest.id]?.stage == .ready, let item = keeper.item(oldest.id) else { continue }
            readyCount -= 1
            deferEntry(item, reason)
        }
    }

    // MARK: Settle

    private func settle(_ report: DeliveryReport) {
        guard let job = jobs.removeValue(forKey: report.id), case .handed(let sinceMs, let slot) = job.stage
        else { return }
        settledSlots.append(slot)
        uncount(job)
        guard let item = keeper.item(report.id) else { return }
        let fates = Fates(report.results)
        noteNextHop(job.destination, report, fates)
        if report.isUnreachable, mayWait(job), !releases.isAwaited(item.id) { return giveBack(item.id, job) }
        if !fates.delivered.isEmpty {
            let reply = fates.deliveredReply?.text ?? ""
            if fates.delivered.count == item.recipients.count { askForCopy(item) }
            keeper.delivered(item.id, recipients: fates.delivered, note: reply)
            counters.add(.deliveriesDone, UInt64(fates.delivered.count))
            logger.log(
                OutboundEvent.delivered(
                    entry: item.id.description, caseID: item.caseID, channel: item.channel,
                    recipients: fates.delivered.count, tookMs: Timestamp.monotonicMs - sinceMs, reply: reply))
            note(.delivered, item, fates.delivered, reply)
        }
        if let reply = fates.unknownReply {
            counters.add(.deliveriesUncertain, UInt64(fates.unknownCount))
            logger.log(
                OutboundEvent.uncertain(
                    entry: item.id.description, caseID: item.caseID, channel: item.channel, reason: reply.text
                ))
        }
        if releases.isAwaited(item.id) { return settleRelease(item, fates) }
        if let reply = fates.rejectedReply { refuse(item, fates, reply) }
        if let reply = fates.deferredReply, let rest = keeper.item(item.id) { deferEntry(rest, reply.text) }
    }

    /// An entry that was not even tried stays where it was for a while: most outages are restarts, and moving
    /// out of the spool costs a file.
    private func mayWait(_ job: Job) -> Bool {
        Timestamp.monotonicMs - job.readySinceMs < settings.limits.restingPatienceMs
            && readyCount < settings.limits.itemsMax
    }

    private func giveBack(_ id: EntryID, _ job: Job) {
        jobs[id] = Job(
            destination: job.destination, octets: job.octets, stage: .ready, readySinceMs: job.readySinceMs)
        readyCount += 1
        job.destination.returned.append(Destination.Waiting(id: id, sinceMs: job.readySinceMs))
    }

    /// Whether the next hop could be reached changes what is tried next.
    private func noteNextHop(_ destination: Destination, _ report: DeliveryReport, _ fates: Fates) {
        guard report.isUnreachable else {
            guard destination.rest != nil else { return }
            destination.rest = nil
            return logger.log(OutboundEvent.nextHopBack(channel: destination.channel))
        }
        rest(destination, fates.deferredReply?.text ?? "it could not be reached")
    }

    /// Channels may share a maildir.
    private func rest(maildir path: String, _ reason: String) {
        for destination in destinations.values {
            guard case .maildir(let writer) = destination.outlet, writer.path == path else { continue }
            rest(destination, reason)
        }
    }

    private func rest(_ destination: Destination, _ reason: String) {
        let isNews = destination.isUnreachable(
            reason, nowMs: Timestamp.monotonicMs, limits: settings.limits.restMs)
        guard isNews, let rest = destination.rest else { return }
        logger.log(
            OutboundEvent.nextHopResting(channel: destination.channel, restMs: rest.lengthMs, reason: reason))
    }

    /// Those whom the next hop refused for good wait for the postmaster.
    private func refuse(_ item: QueueItem, _ fates: Fates, _ reply: Reply) {
        counters.add(.deliveriesRefused, UInt64(fates.rejected.count))
        logger.log(
            OutboundEvent.refused(
                entry: item.id.description, caseID: item.caseID, channel: item.channel,
                recipients: fates.rejected.count, reply: reply.text))
        note(.refused, item, fates.rejected, reply.text)
        hold(item.id, recipients: fates.rejected, "refused by the next hop: \(reply.text)")
    }

    /// Until the schedule's next attempt, or, once it has waited for its lifetime, until a person decides.
    private func deferEntry(_ item: QueueItem, _ reason: String) {
        counters.add(.deliveriesDeferred, UInt64(item.recipients.count))
        let decision: RetryDecision
        do throws(QueueError) {
            decision = try keeper.deferred(item.id, now: Timestamp.now, reason: reason)
        } catch {
            failed("holding expired entry \(item.id)", error)
            decision = .again(at: Timestamp.now + 60)
        }
        switch decision {
        case .again(let until):
            waitAgain(item, until: until)
            logger.log(
                OutboundEvent.deferred(
                    entry: item.id.description, caseID: item.caseID, channel: item.channel,
                    attempts: item.attempts + 1, until: until, reason: reason))
            note(.deferred, item, item.recipients, reason)
        case .expired: expired(item, attempts: item.attempts + 1, reason)
        }
    }

    func expired(_ item: QueueItem, attempts: Int, _ reason: String) {
        jobs[item.id] = nil
        logger.log(
            OutboundEvent.expired(
                entry: item.id.description, caseID: item.caseID, channel: item.channel, attempts: attempts,
                reason: reason))
        note(.refused, item, item.recipients, "expired: \(reason)")
    }

    /// What the queue refuses to hold now is tried again in a while, as a delivery: nothing else may happen
    /// to it.
    func hold(_ id: EntryID, recipients: [Address]? = nil, _ reason: String) {
        do throws(QueueError) {
            try keeper.hold(id, recipients: recipients, reason: reason)
        } catch {
            failed("holding entry \(id)", error)
            guard let item = keeper.item(id) else { return }
            waitAgain(item, until: Timestamp.now + 60)
        }
    }

    func waitAgain(_ item: QueueItem, until: Int64) {
        guard let destination = destinations[item.channel] else {
            // Told again at the next start, and held then.
            jobs[item.id] = nil
            return
        }
        wait(item.id, octets: item.octets, for: destination, until: until)
    }

    // MARK: The rest

    /// An entry that a person held or deleted: whatever queue names it passes it over.
    func forget(_ id: EntryID) {
        if jobs[id]?.stage == .ready { readyCount -= 1 }
        jobs[id] = nil
    }

    func flush(sync: Bool = false) {
        do throws(QueueError) {
            try keeper.flush(sync: sync)
            for slot in settledSlots { inFlight.remove(slot) }
            settledSlots.removeAll(keepingCapacity: true)
        } catch {
            brokenUntilMs = Timestamp.monotonicMs + Self.queueRetryMs
            failed("writing the queue's log", error)
        }
    }

    private func housekeep(_ nowMs: Int) {
        lastHousekeepingMs = nowMs
        let usage = keeper.usage
        counters.set(.queueWaiting, to: UInt64(clamping: usage.inFlightEntries + usage.owedEntries))
        counters.set(.queueHeld, to: UInt64(clamping: usage.heldEntries))
        for finding in keeper.drainFindings() { logger.log(OutboundEvent.queueFinding(finding)) }
    }

    func failed(_ during: String, _ error: QueueError) {
        failed(
            OutboundEvent.queueFailed(during: during, reason: error.description), "\(during): \(error)")
    }

    /// Tells of a failure that `text` names.
    func failed(_ event: OutboundEvent, _ text: String) {
        let nowMs = Timestamp.monotonicMs
        // The same trouble each second is one trouble.
        guard text != lastFailure.text || nowMs - lastFailure.atMs >= Self.failureRepeatMs else { return }
        lastFailure = (text, nowMs)
        logger.log(event)
    }

    /// Everything that is under way has ended, or its time is over.
    private func end() {
        for destination in destinations.values {
            destination.prober?.stop()
            switch destination.outlet {
            case .nextHop(let hop): hop.stop(isHard: handedCount > 0)
            case .maildir(let writer): writer.stop()
            }
        }
        let deadlineMs = Timestamp.monotonicMs + Self.lastReportsMs
        while handedCount > 0, Timestamp.monotonicMs < deadlineMs {
            var descriptor = pollfd(fd: mailbox.readEnd, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, Int32(clamping: deadlineMs - Timestamp.monotonicMs))
            for letter in mailbox.take() { open(letter) }
        }
        answerLate(Int.max)
        do throws(QueueError) {
            try keeper.close()
            if handedCount == 0 { inFlight.end() }
        } catch {
            failed("closing the queue", error)
        }
        logger.log(OutboundEvent.stopped(inFlight: handedCount))
    }
}
