// SPDX-License-Identifier: MIT

internal import DurableQueue
internal import FoundationEssentials
internal import Mail
internal import Telemetry

/// What people ask for, through Operations or the command line.
extension JobController {
    func perform(_ command: Command) {
        let request = command.request
        // What was committed a moment ago can be asked about.
        if request.verb != .verify { intake() }
        switch request.verb {
        case .list: command.answer(list(request))
        case .summary: command.answer(summary())
        case .show: command.answer(show(request))
        case .release: release(command)
        case .retry: command.answer(act(request) { self.retry($0, $1) })
        case .hold: command.answer(act(request) { self.holdByHand($0, $1) })
        case .delete: command.answer(act(request) { self.delete($0, $1) })
        case .verify: verify(command)
        case .run: command.answer(run(channel: request.channel ?? ""))
        }
    }

    // MARK: Reading

    private func list(_ request: QueueRequest) -> [UInt8] {
        guard let states = Self.states(request.state) else {
            let refusal = Refusal(
                "there is no state \"\(request.state ?? "")\": in_flight, waiting, held, owed")
            logger.log(OutboundEvent.commandRefused(reason: refusal.reason))
            return AnswerLines.error(refusal.text)
        }
        let from = request.from.map(Glob.init)
        let to = request.to.map(Glob.init)
        let reason = request.reason.map(Glob.init)
        let most = min(max(request.limit ?? QueueRequest.rowsMax, 0), QueueRequest.rowsMax)
        var lines = AnswerLines()
        var rows = 0
        for item in keeper.list(states) {
            if let channel = request.channel, channel != item.channel { continue }
            if let from, !from.matches(item.sender?.description ?? "") { continue }
            if let to, !item.recipients.contains(where: { to.matches($0.description) }) { continue }
            if let reason, !reason.matches(item.reason) { continue }
            guard rows < most else { return lines.finished(isTruncated: true) }
            rows += 1
            lines.append(row(item))
        }
        return lines.finished()
    }

    /// `owed` is what is in flight or waits; nil for a word that is no state.
    private static func states(_ word: String?) -> Set<QueueItem.State>? {
        guard let word else { return Set(QueueItem.State.allCases) }
        if word == "owed" { return [.inFlight, .waiting] }
        return QueueItem.State(rawValue: word).map { [$0] }
    }

    private func row(_ item: QueueItem) -> QueueRow {
        // What is in flight for a next hop that can't be reached waits for that reason, long before it is
        // deferred.
        let rest = item.state == .inFlight ? destinations[item.channel]?.rest : nil
        return QueueRow(
            id: item.id.description, entry: item.id.index, state: item.state.rawValue,
            from: item.sender?.description ?? "", to: item.recipients.map(\.description),
            sizeBytes: item.octets,
            arrived: Timestamp.text(item.arrived), reason: rest?.reason ?? item.reason, case: item.caseID,
            channel: item.channel,
            attempts: item.attempts,
            nextAttempt: item.state == .waiting ? Timestamp.text(item.nextAttempt) : nil)
    }

    private func summary() -> [UInt8] {
        var channels: [String: QueueSummary.Channel] = [:]
        for (name, destination) in destinations {
            channels[name] = QueueSummary.Channel(
                channel: name, inFlight: 0, waiting: 0, held: 0, resting: destination.rest?.reason)
        }
        var summary = QueueSummary(inFlight: 0, waiting: 0, held: 0, channels: [])
        for item in keeper.list(Set(QueueItem.State.allCases)) {
            var channel =
                channels[item.channel]
                ?? QueueSummary.Channel(channel: item.channel, inFlight: 0, waiting: 0, held: 0, resting: nil)
            switch item.state {
            case .inFlight:
                summary.inFlight += 1
                channel.inFlight += 1
            case .waiting:
                summary.waiting += 1
                channel.waiting += 1
            case .held:
                summary.held += 1
                channel.held += 1
            }
            channels[item.channel] = channel
        }
        summary.channels = channels.values.sorted { $0.channel < $1.channel }
        var lines = AnswerLines()
        lines.append(summary)
        return lines.finished()
    }

    private func show(_ request: QueueRequest) -> [UInt8] {
        let octetsMax = min(max(request.headerOctets ?? 4_096, 0), QueueRequest.headerOctetsMax)
        var lines = AnswerLines()
        for text in request.ids ?? [] {
            let ids = entries(named: text)
            if ids.isEmpty { lines.append(gone(text)) }
            for id in ids {
                do throws(QueueError) {
                    let content = try keeper.show(id)
                    lines.append(
                        QueueDetails(
                            row: row(content.item), isEightBit: content.envelope.isEightBit,
                            trail: Self.trail(content.note),
                            header: HeaderExcerpt.text(
                                content.edition, of: content.body, octetsMax: octetsMax)))
                } catch {
                    lines.append(ActResult(id: id.description, result: .failed, reason: error.description))
                }
            }
        }
        return lines.finished()
    }

    private static func trail(_ note: [UInt8]) -> JSONValue {
        // What isn't JSON is shown as text: it explains more than nothing.
        (try? JSONDecoder().decode(JSONValue.self, from: Data(note)))
            ?? .string(LogfmtHandler.escape(String(decoding: note, as: UTF8.self)))
    }

    // MARK: Acting

    /// An entry's id, or all entries of a message that is named.
    private func entries(named text: String) -> [EntryID] {
        if let id = EntryID(text) { return keeper.item(id) == nil ? [] : [id] }
        guard let message = MessageID(text) else { return [] }
        return keeper.list(Set(QueueItem.State.allCases)).map(\.id).filter { $0.message == message }
    }

    /// Why there is no such entry: what was done to it, if anything was.
    private func gone(_ text: String) -> ActResult {
        guard let act = acts.newest(entry: text) else {
            return ActResult(id: text, result: .notFound, reason: "nothing is owed or held by this id")
        }
        switch act.verb {
        case QueueRequest.Verb.release.rawValue:
            return ActResult(id: text, result: .alreadyReleased, nextHopReply: act.reply)
        case QueueRequest.Verb.delete.rawValue: return ActResult(id: text, result: .alreadyDeleted)
        default: return ActResult(id: text, result: .notFound, reason: "it was delivered or deleted since")
        }
    }

    /// The recorded answer, if this act was asked for before with this key.
    private func repeated(_ request: QueueRequest, _ id: String) -> ActResult? {
        guard let act = acts.act(key: request.key ?? "", entry: id), act.verb == request.verb.rawValue,
            let result = ActResult.Result(rawValue: act.result), result != .inProgress
        else { return nil }
        return ActResult(id: id, result: result, nextHopReply: act.reply)
    }

    private func act(_ request: QueueRequest, _ body: (EntryID, QueueRequest) -> ActResult) -> [UInt8] {
        var lines = AnswerLines()
        for text in request.ids ?? [] {
            if let result = repeated(request, text) {
                lines.append(result)
                continue
            }
            let ids = entries(named: text)
            if ids.isEmpty { lines.append(gone(text)) }
            for id in ids {
                let result = repeated(request, id.description) ?? body(id, request)
                logger.log(
                    OutboundEvent.acted(
                        verb: request.verb.rawValue, entry: result.id, result: result.result.rawValue,
                        key: request.key ?? "", reply: result.reason ?? ""))
                lines.append(result)
            }
        }
        return lines.finished()
    }

    /// True where a delivery is under way, which nobody can call back.
    func isHanded(_ id: EntryID) -> Bool {
        switch jobs[id]?.stage {
        case .handed, .asked: true
        case .ready, .waiting, nil: releases.isAwaited(id)
        }
    }

    private func retry(_ id: EntryID, _ request: QueueRequest) -> ActResult {
        let name = id.description
        guard !isHanded(id) else { return ActResult(id: name, result: .busy) }
        guard let item = keeper.item(id), item.state != .held else {
            return ActResult(id: name, result: .notPossible, reason: "it is held; release it")
        }
        // Whoever asks for a retry has reason to think that the next hop is back.
        destinations[item.channel]?.rest?.untilMs = Timestamp.monotonicMs
        keeper.expedite(id, now: Timestamp.now)
        intake()
        return ActResult(id: name, result: .scheduled)
    }

    private func holdByHand(_ id: EntryID, _ request: QueueRequest) -> ActResult {
        let name = id.description
        guard !isHanded(id) else { return ActResult(id: name, result: .busy) }
        guard keeper.item(id)?.state != .held else { return ActResult(id: name, result: .alreadyHeld) }
        do throws(QueueError) {
            try keeper.hold(id, reason: request.note ?? "held by hand")
        } catch {
            return ActResult(id: name, result: .failed, reason: error.description)
        }
        forget(id)
        return recorded(ActResult(id: name, result: .held), request)
    }

    private func delete(_ id: EntryID, _ request: QueueRequest) -> ActResult {
        let name = id.description
        guard !isHanded(id) else { return ActResult(id: name, result: .busy) }
        if let item = keeper.item(id) { askForCopy(item) }
        do throws(QueueError) {
            // Gone by now or deleted by us: nobody gets it.
            _ = try keeper.delete(id)
        } catch {
            return ActResult(id: name, result: .failed, reason: error.description)
        }
        forget(id)
        return recorded(ActResult(id: name, result: .deleted), request)
    }

    /// The act is done and synced; that it is remembered as well serves those who ask again.
    private func recorded(_ result: ActResult, _ request: QueueRequest) -> ActResult {
        record(request.verb, result, key: request.key ?? "")
        return result
    }

    private func record(_ verb: QueueRequest.Verb, _ result: ActResult, key: String) {
        do throws(OutboundError) {
            try acts.record(
                ActLog.Act(
                    key: key, verb: verb.rawValue, entry: result.id, result: result.result.rawValue,
                    reply: result.nextHopReply, at: Timestamp.now))
        } catch {
            logger.log(OutboundEvent.queueFailed(during: "recording an act", reason: error.message))
        }
    }

    // MARK: Release

    private func release(_ command: Command) {
        let request = ReleaseDesk.Request(
            deadlineMs: Timestamp.monotonicMs + settings.limits.releaseWaitMs, answer: command.answer)
        for text in command.request.ids ?? [] {
            let ids = entries(named: text)
            if ids.isEmpty { request.fill(request.reserve(), repeated(command.request, text) ?? gone(text)) }
            for id in ids { release(id, command.request, for: request) }
        }
        request.answerIfComplete()
    }

    private func release(_ id: EntryID, _ request: QueueRequest, for waiting: ReleaseDesk.Request) {
        let key = request.key ?? ""
        let place = waiting.reserve()
        let name = id.description
        if releases.isAwaited(id) {
            let isFirst = releases.isKeyOf(id, key)
            return releases.add(
                id, ReleaseDesk.Waiter(request: waiting, place: place, key: key, isFirst: isFirst))
        }
        if let result = repeated(request, name) { return waiting.fill(place, result) }
        guard let item = keeper.item(id), item.state == .held else {
            // Released, before a restart perhaps, and on its way.
            let wasReleased = acts.newest(entry: name)?.verb == QueueRequest.Verb.release.rawValue
            return waiting.fill(
                place,
                ActResult(
                    id: name, result: wasReleased ? .alreadyReleased : .notPossible,
                    reason: wasReleased ? "it is on its way" : "it is not held"))
        }
        guard destinations[item.channel] != nil else {
            return waiting.fill(
                place,
                ActResult(
                    id: name, result: .failed,
                    reason: "channel \(item.channel) has no next hop; name one in the configuration"))
        }
        // First that it was asked for, then the release: a crash between them leaves a held entry.
        record(.release, ActResult(id: name, result: .inProgress), key: key)
        do throws(QueueError) {
            _ = try keeper.release(id, now: Timestamp.now)
        } catch {
            let result = ActResult(id: name, result: .failed, reason: error.description)
            record(.release, result, key: key)
            return waiting.fill(place, result)
        }
        releases.add(id, ReleaseDesk.Waiter(request: waiting, place: place, key: key, isFirst: true))
        if let item = keeper.item(id) { self.place(item, now: Timestamp.now) }
    }

    /// Delivered to all, or held again with what the next hop said: nobody but a person sends it once more.
    func settleRelease(_ item: QueueItem, _ fates: Fates) {
        guard let reply = fates.deferredReply ?? fates.rejectedReply else {
            flush(sync: true)
            return answerRelease(item.id, .delivered, reply: fates.deliveredReply?.text, reason: nil)
        }
        let isRefused = fates.deferredReply == nil
        note(isRefused ? .refused : .deferred, item, keeper.item(item.id)?.recipients ?? [], reply.text)
        var reason = (isRefused ? "refused on release: " : "put off on release: ") + reply.text
        if fates.unknownCount > 0 { reason = "released, and it may have arrived: \(reply.text)" }
        counters.add(isRefused ? .deliveriesRefused : .deliveriesDeferred)
        hold(item.id, reason)
        answerRelease(item.id, isRefused ? .refused : .deferred, reply: reply.text, reason: reason)
    }

    /// Tells everyone who waits for the entry's release. Those who came second to a delivery came late; to
    /// anything else, they hear the same.
    func answerRelease(_ id: EntryID, _ result: ActResult.Result, reply: String?, reason: String?) {
        for waiter in releases.remove(id) {
            let own = result == .delivered && !waiter.isFirst ? .alreadyReleased : result
            let answer = ActResult(id: id.description, result: own, nextHopReply: reply, reason: reason)
            record(.release, answer, key: waiter.key)
            logger.log(
                OutboundEvent.acted(
                    verb: QueueRequest.Verb.release.rawValue, entry: answer.id, result: own.rawValue,
                    key: waiter.key, reply: reply ?? ""))
            waiter.request.fill(waiter.place, answer)
            waiter.request.answerIfComplete()
        }
    }

    /// Those who have waited long enough hear that it goes on.
    func answerLate(_ nowMs: Int) { releases.answerLate(nowMs) }
}
