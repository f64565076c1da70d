// SPDX-License-Identifier: MIT

internal import Gates
internal import Logging
internal import Mail
internal import NIOCore
internal import SMTPProtocol
internal import Telemetry

/// What a decision wants besides yes and no: replies that are put off, an end of the session, words for the
/// system's log.
extension Visit {
    // MARK: Waiting

    /// Goes on after so many 1/100 s. The client's next commands wait in the buffer meanwhile, as for any
    /// answer; no thread does. How much of it is granted has limits.
    func wait(hundredths: Int, then goOn: @escaping () -> Void) {
        guard let granted = grant(hundredths) else { return goOn() }
        isAsking = true
        waited += granted
        worker.sessionsWaiting += 1
        worker.counters.add(.repliesDelayed)
        waiting = Waiting(
            timer: worker.after(hundredths: granted) { [self] in endWait() }, goOn: goOn)
    }

    private func grant(_ hundredths: Int) -> Int? {
        guard hundredths > 0, !isGone, !isDraining else { return nil }
        let granted = min(
            hundredths, DelayLimits.replyHundredthsMax, DelayLimits.sessionHundredthsMax - waited)
        guard granted > 0 else { return nil }
        guard worker.sessionsWaiting < max(1, worker.settings.sessionsMax / DelayLimits.waitingShareMax)
        else {
            worker.counters.add(.delaysSkipped)
            return nil
        }
        return granted
    }

    /// The time is over, or there is none to lose any more.
    func endWait() {
        guard let ended = waiting else { return }
        waiting = nil
        ended.timer.cancel()
        worker.sessionsWaiting -= 1
        ended.goOn()
    }

    /// The client is gone: nobody waits.
    func dropWait() {
        listening?.cancel()
        listening = nil
        guard let dropped = waiting else { return }
        waiting = nil
        dropped.timer.cancel()
        worker.sessionsWaiting -= 1
    }

    /// As `answer`, so many 1/100 s later.
    func answer(_ answer: ReceivingAnswer, after hundredths: Int) {
        wait(hundredths: hundredths) { [self] in self.answer(answer) }
    }

    /// How long the reply to a command of this transaction waits, where its own judgement said `own`.
    func delay(_ own: Consequences = Consequences()) -> Int {
        max(own.replyDelay ?? 0, own.transactionDelay ?? 0, transaction?.delay ?? 0)
    }

    // MARK: The rest

    /// A refusal, and the session's end with it where a table wants that.
    func refusal(_ reply: Reply, _ consequences: Consequences) -> ReceivingAnswer {
        consequences.disconnects ? .dismissed(reply) : .refused(reply)
    }

    /// Notices and notes for the log. Their text came from a rule and from the client: it is escaped there.
    func tell(_ consequences: Consequences, caseID: String) {
        guard !consequences.isEmpty else { return }
        if let note = consequences.connectionNote {
            worker.logger.log(InboundEvent.connectionNoted(caseID: caseID, client: client, note: note))
        }
        for notice in consequences.notices {
            worker.logger.log(
                InboundEvent.accessNoticed(
                    caseID: caseID, client: client, syslog: "user.notice", notice: notice))
        }
    }

    /// One judgement, for whoever looks closely: at level debug, or where a table set `$U` for this
    /// transaction.
    func detail<Outcome>(_ gate: String, _ judgement: Judgement<Outcome>, caseID: String, level: Int?) {
        var logger = worker.logger
        if let level, level > 0 { logger.logLevel = .debug }
        guard logger.logLevel <= .debug else { return }
        for entry in judgement.trail.entries {
            logger.log(
                InboundEvent.gateJudged(
                    caseID: caseID, client: client, gate: gate, rule: entry.rule ?? "",
                    result: "\(entry.about): \(entry.result)"))
        }
    }
}
