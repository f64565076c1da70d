// SPDX-License-Identifier: MIT

import DurableQueue
import Gates
import Inbound
import Logging
import Lookups
import Mail
import NIOCore
import NIOPosix
import Outbound
import Replay
import Synchronization
import Telemetry

/// Puts what outbound is about to do to the tables of the ruleset, on outbound's event loop, and what it has
/// committed to the lookups role to remember. Each consultation becomes a case of its own.
final class DeliveryTables: DeliveryJudge, EffectCarrier, @unchecked Sendable {
    // Sendable: what isn't constant or atomic is touched on the loop alone.

    /// How long the lookups role may take to remember something, in seconds: it syncs.
    private static let effectSeconds: Int64 = 10
    /// Effects of one message that are under way at once.
    private static let effectsAtOnce = 20

    private let loop: any EventLoop
    private let driver: Driver
    private let lookups: LookupsClient
    private let cases: CaseLog
    private let logger: Logger
    /// Seconds for the answers to one consultation.
    private let seconds: Int
    private var ruleset: Ruleset
    private var number: CaseNumber
    private let known: Atomic<UInt8>

    init(_ context: RoleContext, cases: CaseLog, loop: any EventLoop) {
        self.loop = loop
        self.cases = cases
        logger = context.logger
        ruleset = context.ruleset
        known = Atomic(Self.matters(in: context.ruleset).rawValue)
        seconds = context.settings.session.lookupSecondsMax
        number = CaseNumber(startMs: Worker.clockMs(), slot: "D")
        lookups = LookupsClient(
            path: StateFolder.lookupsSocket, timeoutMs: context.settings.lookups.timeoutMs, loop: loop)
        // No table asks for a scan: the threads that would wait for one are never started.
        let carrier = WorldCarrier(
            lookups: lookups, scanners: [:], threads: NIOThreadPool(numberOfThreads: 1),
            counters: context.counters)
        driver = Driver(carrier: carrier, counters: context.counters, loop: loop)
    }

    /// From now on these rules decide; what is being judged ends by the old ones.
    func replace(by ruleset: Ruleset) {
        loop.execute { self.ruleset = ruleset }
        known.store(Self.matters(in: ruleset).rawValue, ordering: .relaxed)
    }

    private static func matters(in ruleset: Ruleset) -> DeliveryMatters {
        var matters: DeliveryMatters = []
        if ruleset.tables.contains(AccessTable.dequeueAccess.rawValue) { matters.insert(.dequeue) }
        if ruleset.tables.contains(AccessTable.ipAccess.rawValue) { matters.insert(.address) }
        if ruleset.tables.contains(AccessTable.logAction.rawValue) { matters.insert(.log) }
        if ruleset.tables.contains(AccessTable.messageSaveCopy.rawValue) { matters.insert(.copy) }
        return matters
    }

    // MARK: DeliveryJudge

    var matters: DeliveryMatters { DeliveryMatters(rawValue: known.load(ordering: .relaxed)) }

    func judge(_ attempt: DequeueQuery, then finish: @escaping @Sendable (DequeueRuling) -> Void) {
        let facts = DequeueFacts(
            channel: attempt.channel, file: attempt.entry.description, secondsInQueue: attempt.queuedSeconds,
            sender: attempt.sender, domain: attempt.domain, conversionTags: attempt.conversionTags,
            retries: attempt.attempts)
        consult({ DequeueGate(ruleset: $0, facts: facts) }, attempt.caseID, attempt.entry) {
            .dequeue(facts, $0)
        } then: { finding in
            switch finding {
            case .attempt: finish(.proceed)
            case .postpone(let seconds, let reason): finish(.abort(delaySeconds: seconds, reason: reason))
            }
        }
    }

    func judge(_ address: AddressQuery, then finish: @escaping @Sendable (AddressRuling) -> Void) {
        let facts = AddressFacts(
            channel: address.channel, number: address.number, count: address.count, address: address.address,
            host: address.host)
        consult({ AddressGate(ruleset: $0, facts: facts) }, "", nil) {
            .address(facts, $0)
        } then: { [logger] finding in
            switch finding {
            case .connect: finish(.connect)
            case .skip: finish(.skip)
            case .replace(let other): finish(.replace(other))
            case .refuse(let text):
                logger.log(
                    DeliveryEvent.addressRefused(
                        channel: facts.channel, host: facts.host, address: "\(facts.address)", text: text))
                finish(.reject(text))
            }
        }
    }

    func note(_ record: DeliveryNote) {
        let action: LogFacts.Action =
            switch record.action {
            case .delivered: .delivered
            case .deferred: .deferred
            case .refused: .refused
            }
        let facts = LogFacts(
            action: action, destinationChannel: record.channel, octets: record.octets, sender: record.sender,
            recipient: "\(record.recipient)", file: record.entry.description, diagnostic: record.diagnostic)
        consult({ LogGate(ruleset: $0, facts: facts) }, record.caseID, record.entry) {
            .log(facts, $0)
        } then: { [logger] finding in
            for notice in finding.notices {
                logger.log(
                    DeliveryEvent.noticed(
                        entry: record.entry.description, caseID: record.caseID,
                        action: action.rawValue, notice: notice))
            }
        }
    }

    func judge(_ copy: CopyQuery, then finish: @escaping @Sendable (String?) -> Void) {
        let facts = SaveCopyFacts(
            destinationChannel: copy.channel, sender: copy.sender, recipient: copy.recipients.first,
            file: copy.entry.description)
        consult({ SaveCopyGate(ruleset: $0, facts: facts) }, copy.caseID, copy.entry) {
            .copy(facts, $0)
        } then: {
            finish($0)
        }
    }

    private func consult<Gate: Evaluation>(
        _ gate: @escaping @Sendable (Ruleset) -> Gate, _ caseID: String, _ entry: EntryID?,
        _ consultation: @escaping @Sendable (Judgement<Gate.Outcome>) -> TableRecord.Consultation,
        then finish: @escaping @Sendable (Gate.Outcome) -> Void
    ) where Gate.Outcome: Codable & Hashable {
        loop.execute { [self] in
            let rules = ruleset
            driver.judge(gate(rules), seconds: seconds, budget: QuestionBudget()) { [self] judgement in
                finish(judgement.outcome)
                let what = consultation(judgement)
                guard what.isTelling else { return }
                cases.keep(
                    TableRecord(
                        id: number.next(), atMs: Worker.clockMs(), ruleset: rules.hash, caseID: caseID,
                        entry: entry.map(\.description) ?? "", consultation: what))
            }
        }
    }

    // MARK: EffectCarrier

    func carry(_ effects: QueuedEffects, then finish: @escaping @Sendable (String?) -> Void) {
        loop.execute { self.carry(effects, from: 0, then: finish) }
    }

    /// Those from number `start` on, a few at a time: the lookups role has others to answer.
    private func carry(
        _ effects: QueuedEffects, from start: Int, then finish: @escaping @Sendable (String?) -> Void
    ) {
        let deadline = NIODeadline.now() + .seconds(Self.effectSeconds)
        var results: [EventLoopFuture<String?>] = []
        for index in effects.effects.indices.dropFirst(start).prefix(Self.effectsAtOnce) {
            guard let key = EffectKey(message: effects.message.description, index: index) else {
                // No commit has so many: the queue refuses it.
                return finish("the message has too many effects")
            }
            results.append(
                lookups.carryOut(
                    effects.effects[index], key: key, judgedAt: effects.arrived, deadline: deadline))
        }
        guard !results.isEmpty else { return finish(nil) }
        let next = start + results.count
        EventLoopFuture.whenAllSucceed(results, on: loop).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let failures):
                if let failure = failures.lazy.compactMap({ $0 }).first { return finish(failure) }
                carry(effects, from: next, then: finish)
            // The client's futures don't fail; should one, it is tried again.
            case .failure(let error): finish("\(error)")
            }
        }
    }
}
