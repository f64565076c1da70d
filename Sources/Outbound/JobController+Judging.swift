// SPDX-License-Identifier: MIT

internal import DurableQueue
internal import Mail
internal import SMTPProtocol

/// Where rules have a say in delivery. What nobody made a rule for is never asked.
extension JobController {
    func matters(_ what: DeliveryMatters) -> Bool { judge?.matters.contains(what) ?? false }

    // MARK: Attempts

    /// Asks about an attempt. Its place with its destination is counted from now on.
    func ask(about item: QueueItem) {
        let mailbox = mailbox
        judge?.judge(DequeueQuery(item, now: Timestamp.now)) { mailbox.post(.ruled(item.id, $0)) }
    }

    /// It was not tried, and that counts as no attempt.
    func postpone(_ item: QueueItem, delaySeconds: Int?, _ reason: String) {
        let decision: RetryDecision
        do throws(QueueError) {
            decision = try keeper.postponed(
                item.id, now: Timestamp.now, delaySeconds: delaySeconds, reason: reason)
        } catch {
            failed("holding expired entry \(item.id)", error)
            decision = .again(at: Timestamp.now + 60)
        }
        switch decision {
        case .again(let until):
            waitAgain(item, until: until)
            logger.log(
                OutboundEvent.postponed(
                    entry: item.id.description, caseID: item.caseID, channel: item.channel, until: until,
                    reason: reason))
        case .expired: expired(item, attempts: item.attempts, reason)
        }
    }

    // MARK: Records

    /// Tells what was done for `recipients`.
    func note(_ action: DeliveryNote.Action, _ item: QueueItem, _ recipients: [Address], _ diagnostic: String)
    {
        guard matters(.log), let judge else { return }
        for recipient in recipients.prefix(DeliveryNote.perAttemptMax) {
            judge.note(
                DeliveryNote(
                    action: action, entry: item.id, caseID: item.caseID, channel: item.channel,
                    octets: item.octets, sender: item.sender, recipient: recipient,
                    queuedSeconds: Int(clamping: max(0, Timestamp.now &- item.arrived)),
                    diagnostic: diagnostic))
        }
    }

    // MARK: Copies

    /// Asks whether a copy of an entry is to be kept that is about to leave the queue. Its content is read
    /// now, and its delivery is not held up: should we die before the copy is kept, there is none.
    func askForCopy(_ item: QueueItem) {
        guard matters(.copy), let judge else { return }
        guard
            copiesPendingOctets + item.octets <= settings.limits.copiesPendingOctetsMax
                || copiesPendingOctets == 0
        else {
            return copyFailed(item, "the rules are slow: \(copiesPendingOctets) octets wait for them")
        }
        let content: QueuedContent
        do throws(QueueError) {
            content = try keeper.open(item.id)
        } catch {
            return copyFailed(item, error.description)
        }
        copiesPendingOctets += item.octets
        let mailbox = mailbox
        judge.judge(CopyQuery(item)) { mailbox.post(.copy(content, path: $0)) }
    }

    func keepCopy(_ content: QueuedContent, at path: String?) {
        copiesPendingOctets -= content.item.octets
        guard let path else { return }
        let folder = CopyFolder(
            root: settings.copiesFolder, reserveOctets: settings.limits.copiesReserveOctets)
        do throws(OutboundError) {
            let place = try folder.keep(content, at: path)
            logger.log(
                OutboundEvent.copyKept(
                    entry: content.item.id.description, caseID: content.item.caseID, path: place))
        } catch {
            copyFailed(content.item, error.message)
        }
    }

    private func copyFailed(_ item: QueueItem, _ reason: String) {
        logger.log(
            OutboundEvent.copyFailed(entry: item.id.description, caseID: item.caseID, reason: reason))
    }

    // MARK: Effects

    /// Hands in what came, and what is to be tried again.
    func carryEffects(_ nowMs: Int) {
        effects.append(keeper.drainEffects())
        while let next = effects.next(nowMs: nowMs) {
            guard let carrier else {
                effects.finish(next.message)
                keeper.effectsDone(next.message)
                continue
            }
            let mailbox = mailbox
            carrier.carry(next) { mailbox.post(.effects(next.message, failure: $0)) }
        }
    }

    func effectsCarried(_ message: MessageID, failure: String?) {
        guard let failure else {
            effects.finish(message)
            return keeper.effectsDone(message)
        }
        let caseID = effects.caseID(message)
        if effects.putBack(message, now: Timestamp.now, nowMs: Timestamp.monotonicMs) {
            failed(OutboundEvent.effectsWaiting(caseID: caseID, reason: failure), failure)
        } else {
            keeper.effectsDone(message)
            logger.log(OutboundEvent.effectsDropped(caseID: caseID, reason: failure))
        }
    }

    // MARK: Clients' wishes

    /// Whoever asks for it (ETRN, RFC 1985) says that the channel's next hop is there: it is tried anew, and
    /// with it what waits for it. Each channel once in a while, for it costs a look at the whole queue. The
    /// answer is a line that says how many entries are on their way.
    func run(channel name: String) -> [UInt8] {
        guard let destination = destinations[name] else {
            let refusal = Refusal("there is no channel \"\(name)\" that mail leaves by")
            logger.log(OutboundEvent.commandRefused(reason: refusal.reason))
            return AnswerLines.error(refusal.text)
        }
        let nowMs = Timestamp.monotonicMs
        if nowMs - destination.runMs >= settings.limits.channelRunMs {
            destination.runMs = nowMs
            destination.rest?.untilMs = nowMs
            let items = keeper.list([.inFlight, .waiting]).filter { $0.channel == name }
            let waiting = items.filter { $0.state == .waiting && !isHanded($0.id) }
            for item in waiting.prefix(settings.limits.channelRunEntriesMax) {
                keeper.expedite(item.id, now: Timestamp.now)
            }
            destination.runEntries = items.count
            intake()
            logger.log(OutboundEvent.channelRun(channel: name, entries: items.count))
        }
        var lines = AnswerLines()
        lines.append(RunResult(channel: name, entries: destination.runEntries))
        return lines.finished()
    }
}
