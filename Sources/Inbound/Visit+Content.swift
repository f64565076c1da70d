// SPDX-License-Identifier: MIT

internal import Cryptography
internal import Logging
internal import Cryptography
internal import DurableQueue
internal import Gates
internal import Mail
internal import NIOCore
internal import SMTPProtocol
internal import Telemetry

extension Visit {
    /// Octets of a draft after which the disk is asked again whether it has room: what a client declared at
    /// MAIL FROM is its own word, or nothing.
    private static let admissionStepOctets = 1 << 20

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let before = draft?.octets else { return }
        do throws(QueueError) {
            try draft?.append(bytes)
        } catch {
            worker.logger.log(
                InboundEvent.commitFailed(caseID: transaction?.id ?? id, reason: error.description))
            return stopContent(.localFault)
        }
        digest.update(bytes)
        let octets = before + bytes.count
        if before / Self.admissionStepOctets != octets / Self.admissionStepOctets,
            case .refused(let reason) = worker.queue.admits(octets: Self.admissionStepOctets)
        {
            worker.reportRefusal(reason)
            return stopContent(.diskFull)
        }
        let inMemory = min(octets, worker.draftMemoryOctetsMax)
        worker.contentOctets += inMemory - claimedOctets
        claimedOctets = inMemory
        if worker.contentOctets > worker.settings.contentMemoryOctetsMax {
            worker.reportRefusal("the memory for content is used up: \(worker.contentOctets) octets")
            stopContent(.tooMuchAtOnce)
        }
    }

    /// Read to its end all the same: content must never be taken for commands.
    private func stopContent(_ reply: Reply) {
        dropDraft()
        machine.refuseContent(reply)
    }

    func refuseContent(_ reply: Reply) {
        if reply.isAboutNewlines { worker.counters.add(.bareNewlines) }
        let last = refusing(reply)
        endTransaction(reply.isPermanent ? .reject : .defer)
        self.reply(last)
    }

    /// The protocol ends the open transaction with `reply`: it is counted and told, and what the client hears
    /// names its case. Without a transaction the reply stays as it is.
    func refusing(_ reply: Reply) -> Reply {
        // 421 is for a client that was too slow, or for our own end: that is no refusal.
        guard let open = transaction, !reply.isPositive, reply.code != 421 else { return reply }
        worker.count(reply.isPermanent ? .reject : .defer, octets: 0)
        worker.logger.log(
            InboundEvent.contentRefused(caseID: open.id, client: client, reply: reply.text))
        return reply.naming(refusal: open.id)
    }

    func dropDraft() {
        draft = nil
        worker.contentOctets -= claimedOctets
        claimedOctets = 0
    }

    // MARK: Judging

    /// The content is whole. It is noted as an attempt before anything looks inside, so that a message which
    /// kills this process is known when it comes again (promise P11).
    func judgeContent() {
        guard let open = transaction.take(), let finished = draft.take() else {
            dropDraft()
            return answer(.settled(.localFault))
        }
        let body: MessageBytes
        do throws(QueueError) {
            body = try finished.finish()
        } catch {
            dropDraft()
            worker.logger.log(InboundEvent.commitFailed(caseID: open.id, reason: error.description))
            return settle(.localFault, .defer, open)
        }
        // From here on the memory is the attempt's: it outlives this visit if the client goes away.
        let attempt = Attempt(
            transaction: open, body: body, digest: digest.finish(), memoryOctets: claimedOctets,
            arrivedMs: worker.nowMs, started: worker.monotonicNow)
        claimedOctets = 0
        worker.messagesJudged += 1
        switch worker.attempts.begin(attempt.key, now: attempt.arrivedMs / 1_000) {
        case .full:
            worker.reportRefusal("\(AttemptTable.entriesPerSlot) messages are being judged")
            return settle(.tooMuchAtOnce, .defer, open, attempt)
        case .poisoned(let reason):
            worker.counters.add(.messagesPoisoned)
            worker.logger.log(InboundEvent.messagePoisoned(caseID: open.id, client: client, reason: reason))
            attempt.poison = reason
            attempt.isSuspected = true
        case .judge(let ticket):
            attempt.ticket = ticket
        }
        let facts = ContentFacts(
            session: open.session, sender: open.sender,
            recipients: open.ruleset.policy.session.holding(
                open.admitted, from: open.session.sourceChannel),
            caseID: open.id,
            poison: attempt.poison)
        let gate = ContentGate(ruleset: open.ruleset, facts: facts, bytes: body)
        worker.driver.judge(gate, message: body, seconds: worker.settings.contentSeconds, budget: budget) {
            [self] judgement in
            judged(attempt, facts, judgement)
        }
    }

    private func judged(_ attempt: Attempt, _ facts: ContentFacts, _ judgement: Judgement<Settlement>) {
        if let ticket = attempt.ticket {
            let limit = TimeAmount.seconds(Int64(worker.settings.contentSeconds))
            let overran = worker.monotonicNow - attempt.started >= limit
            attempt.isSuspected = worker.attempts.end(ticket: ticket, overran: overran)
        }
        guard !isGone else { return leave(attempt) }
        let settlement = judgement.outcome
        let content = { [worker] in attempt.record(facts, judgement, level: worker.keeper.level) }
        guard !settlement.entries.isEmpty else {
            return settle(settlement.reply, Fate.of(settlement), attempt, content())
        }
        if let refusal = refusalToHold(settlement, attempt) {
            return settle(refusal, refusal.isPermanent ? .reject : .defer, attempt, content())
        }
        guard let commit = attempt.commit(judgement) else {
            return settle(.localFault, .defer, attempt, content())
        }
        worker.commit(commit) { [self] result in
            switch result {
            case .success:
                settle(settlement.reply, Fate.of(settlement), attempt, content())
            case .failure(let error):
                worker.counters.add(.queueCommitFailures)
                worker.logger.log(
                    InboundEvent.commitFailed(caseID: attempt.transaction.id, reason: error.description))
                settle(.localFault, .defer, attempt, content())
            }
        }
    }

    /// The client went away while its message was being judged. It has no reply and will send the message
    /// again: to commit it now would bring it twice.
    private func leave(_ attempt: Attempt) {
        keepCase(attempt.transaction, .abandoned)
        worker.release(attempt)
    }

    /// Held mail has a quota of its own, and nothing held is deleted to make room.
    private func refusalToHold(_ settlement: Settlement, _ attempt: Attempt) -> Reply? {
        let holds = settlement.entries.contains { if case .hold = $0.debt { true } else { false } }
        guard holds,
            case .refused(let reason) = worker.queue.admits(octets: attempt.body.count, holding: true)
        else { return nil }
        worker.reportRefusal(reason)
        return worker.settings.defersWhenHeldFull ? .diskFull : Reply(552, "5.3.4", "Message refused")
    }

    // MARK: Settling

    /// A judged message's end: the counters, the log lines, the case, and the one reply.
    private func settle(
        _ reply: Reply, _ fate: CaseRecord.Fate, _ attempt: Attempt, _ content: ContentRecord
    ) {
        // A client that has its final reply doesn't come again.
        if attempt.isSuspected, !reply.isTransient { worker.attempts.forget(attempt.key) }
        let caseID = attempt.transaction.id
        for failure in content.judgement.outcome.scriptFailures ?? [] {
            worker.logger.log(InboundEvent.scriptFailed(caseID: caseID, failure: failure))
        }
        if worker.logger.logLevel <= .debug {
            for judged in content.judgement.outcome.verdicts {
                worker.logger.log(
                    InboundEvent.recipientJudged(
                        caseID: caseID, recipient: judged.recipient.original.description,
                        verdict: Fate.word(judged.verdict)))
            }
        }
        if worker.logger.logLevel <= .info {
            let took = worker.monotonicNow - attempt.started
            worker.logger.log(
                InboundEvent.messageSettled(
                    caseID: caseID, client: client, octets: attempt.body.count,
                    ruleset: String(
                        decoding: attempt.transaction.ruleset.hash.utf8.prefix(12), as: UTF8.self),
                    tookMs: took.nanoseconds / 1_000_000, reply: reply.text))
        }
        noteSettled(reply, attempt.body.count, content.judgement.outcome, attempt.transaction)
        settle(reply, fate, attempt.transaction, attempt, content)
    }

    /// The machine goes on, if the client is still there; the message is settled in any case.
    private func settle(
        _ reply: Reply, _ fate: CaseRecord.Fate, _ transaction: Transaction, _ attempt: Attempt? = nil,
        _ content: ContentRecord? = nil
    ) {
        worker.count(fate, octets: attempt?.body.count ?? 0)
        keepCase(transaction, fate, content: content)
        if let attempt { worker.release(attempt) }
        if reply.isPositive { budget.refill() }
        answer(.settled(reply.isTransient ? reply : reply.naming(case: transaction.id)))
    }
}
