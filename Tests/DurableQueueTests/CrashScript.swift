// SPDX-License-Identifier: MIT
import Mail

@testable import DurableQueue

/// What may be true of an entry, going by what the queue has answered so far.
enum Fate: Hashable {
    case owed
    case held
    case done
}

/// What a scripted run was promised, to be compared with what a restart finds.
struct Ledger {
    struct Promise {
        /// The case.
        var name: String
        var fates: Set<Fate>
        /// What goes out.
        var bytes: [UInt8]
        var recipients: [Address]
        var sender: Address?
        /// Recipients that may be done already.
        var maybeDone: Set<Address> = []
    }

    /// What may be true of a message's effects: told again (`owed`), or not (`done`).
    struct EffectPromise {
        var effects: [Effect]
        var fates: Set<Fate>
    }

    var promises: [EntryID: Promise] = [:]
    var effects: [MessageID: EffectPromise] = [:]
    /// What goes out for each entry handed in, by case; unacknowledged ones may turn up, but only whole.
    var handedIn: [String: [[UInt8]]] = [:]
    /// Commits that were answered no.
    var refused: Set<String> = []

    /// `act` is about to change `id` so that it ends as `fate`; once it returns, that is certain if
    /// `isSynced`.
    mutating func expect<Value>(
        _ id: EntryID, _ fate: Fate, isSynced: Bool, _ act: () throws -> Value
    ) -> Value? {
        promises[id]?.fates.insert(fate)
        // The error is the disk's; what was promised before still stands.
        guard let value = try? act() else { return nil }
        if isSynced { promises[id]?.fates = [fate] }
        return value
    }

    /// Everything that is certain to be done is.
    mutating func settleDone(_ ids: [EntryID]) {
        for id in ids { promises[id]?.fates = [.done] }
    }
}

/// A run with several commits, large and small, two writers, segments that fill, and everything a keeper
/// does.
struct CrashScript {
    let disk: ForgetfulDisk
    var ledger = Ledger()
    private var keeper: Keeper?
    private var delivered: [EntryID] = []

    init(_ disk: ForgetfulDisk) { self.disk = disk }

    /// Goes on after errors, as the processes do; stops only at a cut. At the end the keeper is closed or
    /// lost.
    mutating func run() {
        // A disk that fails once fails the first start; the second succeeds.
        guard var writer = (try? WriterAtHand(disk)) ?? (try? WriterAtHand(disk)) else { return }
        commitFirst(&writer)
        keeper = (try? openKeeper(disk)) ?? (try? openKeeper(disk))
        actFirst()
        actOnEffects()
        commit([sampleCommit("large", octets: 6_000), sampleCommit("expires")], &writer)
        actOnHeld()
        commit((0..<10).map { sampleCommit("filler\($0)", octets: 1_500) }, &writer)
        commit((10..<20).map { sampleCommit("filler\($0)", octets: 1_500) }, &writer)
        actOnFillers()
        writer.writer.close()
        guard var second = (try? WriterAtHand(disk)) ?? (try? WriterAtHand(disk)) else { return }
        commit([sampleCommit("second"), sampleCommit("second-large", octets: 5_000)], &second)
        actLast()
        second.writer.close()
        commitLast()
        keeper = nil
    }

    private func id(_ name: String, _ index: Int = 0) -> EntryID? {
        ledger.promises.first { $0.key.index == index && $0.value.name == name }?.key
    }

    private mutating func commit(_ commits: [Commit], _ writer: inout WriterAtHand) {
        guard !disk.isCut else { return }
        for commit in commits {
            ledger.handedIn[commit.caseID] = commit.entries.map {
                commit.editions[$0.edition].bytes(of: commit.body)
            }
        }
        for (commit, result) in zip(commits, writer.commit(commits)) {
            guard case .success(let id) = result else {
                ledger.refused.insert(commit.caseID)
                continue
            }
            if !commit.effects.isEmpty {
                ledger.effects[id] = Ledger.EffectPromise(effects: commit.effects, fates: [.owed])
            }
            for (index, entry) in commit.entries.enumerated() {
                let fate: Fate
                if case .hold = entry.debt { fate = .held } else { fate = .owed }
                ledger.promises[EntryID(message: id, index: index)] = Ledger.Promise(
                    name: commit.caseID, fates: [fate],
                    bytes: commit.editions[entry.edition].bytes(of: commit.body),
                    recipients: entry.recipients,
                    sender: entry.sender.map(\.address) ?? commit.envelope.sender)
            }
        }
    }

    private mutating func commitFirst(_ writer: inout WriterAtHand) {
        let deliver = Debt.deliver(channel: "tcp_local")
        let hold = Debt.hold(channel: "tcp_local", reason: "virus")
        commit(
            [
                sampleCommit("plain"),
                sampleCommit("mixed", entries: [(["a@x.example"], deliver), (["b@x.example"], hold)]),
                sampleCommit("pair", entries: [(["one@x.example", "two@x.example"], deliver)]),
                sampleCommit("refuse-later", entries: [(["v@x.example", "w@x.example"], deliver)]),
                sampleCommit("deleted", entries: [(["d@x.example"], hold)]),
                commitWithEffects("effects-done"), commitWithEffects("effects-owed"),
            ], &writer)
    }

    /// The second entry has a sender and content of its own.
    private func commitWithEffects(_ name: String) -> Commit {
        var commit = sampleCommit(
            name,
            entries: [
                (["e@x.example"], .deliver(channel: "tcp_local")),
                (["report@x.example"], .hold(channel: "tcp_local", reason: "a report")),
            ])
        commit.editions.append(Edition(pieces: [.inserted(Array("Subject: about \(name)\r\n\r\n".utf8))]))
        commit.entries[1].edition = 1
        commit.entries[1].sender = .null
        commit.effects = [
            .remember(MemoryQuestion(purpose: .vacation, owner: "e@x.example", key: name), seconds: 86_400)
        ]
        return commit
    }

    /// Both messages are delivered; the effects of one are done.
    private mutating func actOnEffects() {
        guard let keeper, !disk.isCut else { return }
        let told = keeper.drainEffects()
        deliver(id("effects-owed"))
        guard let mine = told.first(where: { $0.caseID == "effects-done" }) else { return }
        ledger.effects[mine.message]?.fates = [.owed, .done]
        keeper.effectsDone(mine.message)
        deliver(id("effects-done"))
        if (try? keeper.flush(sync: true)) != nil, !disk.isCut {
            ledger.effects[mine.message]?.fates = [.done]
            ledger.settleDone(delivered)
            delivered = []
        }
    }

    private mutating func deliver(_ id: EntryID?) {
        guard let id, let keeper, !disk.isCut, let item = keeper.item(id), item.state != .held else { return }
        ledger.promises[id]?.fates.insert(.done)
        keeper.delivered(id, recipients: item.recipients, note: "250 ok")
        delivered.append(id)
    }

    private mutating func flush(sync: Bool) {
        guard let keeper, !disk.isCut, (try? keeper.flush(sync: sync)) != nil, sync else { return }
        ledger.settleDone(delivered)
        delivered = []
    }

    private mutating func actFirst() {
        guard let keeper, !disk.isCut else { return }
        _ = try? keeper.poll()
        deliver(id("plain"))
        if let mixed = id("mixed") { keeper.deferred(mixed, until: 1_763_000_300, reason: "451 later") }
        if let pair = id("pair") {
            ledger.promises[pair]?.maybeDone = [address("one@x.example")]
            keeper.delivered(pair, recipients: [address("one@x.example")], note: "250 ok")
        }
        flush(sync: false)
        if let split = id("refuse-later"), !disk.isCut {
            splitOff(split, address("w@x.example"), keeper)
        }
        if let gone = id("deleted"), !disk.isCut {
            _ = ledger.expect(gone, .done, isSynced: true) { try keeper.delete(gone) }
        }
        flush(sync: true)
    }

    /// Whatever happens, the recipient is owed by the parent or held on its own.
    private mutating func splitOff(_ id: EntryID, _ recipient: Address, _ keeper: Keeper) {
        guard keeper.item(id) != nil else { return }
        let splitID = EntryID(message: id.message, index: EntryID.splitIndexMin)
        ledger.promises[id]?.maybeDone = [recipient]
        ledger.promises[splitID] = Ledger.Promise(
            name: "split", fates: [.held, .done], bytes: ledger.promises[id]?.bytes ?? [],
            recipients: [recipient], sender: ledger.promises[id]?.sender)
        if (try? keeper.hold(id, recipients: [recipient], reason: "550 no")) != nil {
            ledger.promises[splitID]?.fates = [.held]
        }
    }

    private mutating func actOnHeld() {
        guard let keeper, !disk.isCut else { return }
        _ = try? keeper.poll()
        if let held = id("mixed", 1), keeper.item(held) != nil {
            // Answered as released or as released before; the second time changes nothing.
            _ = ledger.expect(held, .owed, isSynced: true) { try keeper.release(held, now: 1_763_000_100) }
            _ = ledger.expect(held, .owed, isSynced: true) { try keeper.release(held, now: 1_763_000_101) }
        }
        if let expires = id("expires"), !disk.isCut, keeper.item(expires) != nil {
            _ = ledger.expect(expires, .held, isSynced: true) {
                try keeper.deferred(expires, now: 1_763_000_000 + 6 * 86_400, reason: "no answer")
            }
        }
        if let mixed = id("mixed"), !disk.isCut, keeper.item(mixed) != nil {
            _ = ledger.expect(mixed, .held, isSynced: true) { try keeper.hold(mixed, reason: "asked to") }
        }
        flush(sync: false)
    }

    private mutating func actOnFillers() {
        guard let keeper, !disk.isCut else { return }
        _ = try? keeper.poll()
        for number in 0..<16 { deliver(id("filler\(number)")) }
        if let waits = id("filler17") { keeper.deferred(waits, until: 1_763_000_900, reason: "452 full") }
        flush(sync: false)
        deliver(id("large"))
        deliver(id("mixed", 1))
        flush(sync: true)
    }

    private mutating func actLast() {
        guard let keeper, !disk.isCut else { return }
        _ = try? keeper.poll()
        deliver(id("second-large"))
        if let second = id("second"), keeper.item(second) != nil {
            keeper.deferred(second, until: 1_763_000_900, reason: "421 later")
        }
        flush(sync: true)
        deliver(id("second"))
        flush(sync: false)
        if let expires = id("expires"), !disk.isCut, keeper.item(expires)?.state == .held {
            _ = ledger.expect(expires, .done, isSynced: true) { try keeper.delete(expires) }
        }
    }

    /// However the disk behaved before, what is committed now is committed.
    private mutating func commitLast() {
        guard !disk.isCut, var writer = (try? WriterAtHand(disk)) ?? (try? WriterAtHand(disk)) else { return }
        commit([sampleCommit("last")], &writer)
        if ledger.refused.contains("last") { commit([sampleCommit("after-last")], &writer) }
        writer.writer.close()
    }
}

/// What is wrong after a restart on `disk`, in words; empty when every promise was kept.
func violations(of ledger: Ledger, on disk: ForgetfulDisk) -> [String] {
    var wrong: [String] = []
    let keeper: Keeper
    do throws(QueueError) {
        keeper = try openKeeper(disk)
    } catch {
        return ["the keeper did not start: \(error)"]
    }
    let found = Dictionary(uniqueKeysWithValues: keeper.list(allStates).map { ($0.id, $0) })
    for (id, promise) in ledger.promises.sorted(by: { $0.key < $1.key }) {
        let name = promise.name
        let fate: Fate = found[id].map { $0.state == .held ? .held : .owed } ?? .done
        if !promise.fates.contains(fate) {
            wrong.append("\(name) \(id) is \(fate), of \(promise.fates)")
        }
        guard let item = found[id] else { continue }
        if Set(item.recipients).union(promise.maybeDone) != Set(promise.recipients).union(promise.maybeDone) {
            wrong.append("\(name) \(id) is owed to \(item.recipients)")
        }
        do throws(QueueError) {
            let content = try keeper.open(id)
            if outgoing(content) != promise.bytes { wrong.append("\(name) \(id) has other bytes") }
            if content.envelope.sender != promise.sender {
                wrong.append("\(name) \(id) is sent by \(content.envelope.sender?.description ?? "<>")")
            }
        } catch {
            wrong.append("\(name) \(id) can't be read: \(error)")
        }
    }
    for (id, item) in found where ledger.promises[id] == nil {
        // Not acknowledged; the client sends it again. It may be here, but only as it was.
        let content = try? keeper.open(id)
        if let expected = ledger.handedIn[item.caseID], content.map(outgoing) != expected[id.index] {
            wrong.append("\(item.caseID) \(id) was not acknowledged and is not whole")
        }
    }
    wrong += splitViolations(ledger, found)
    wrong += effectViolations(ledger, keeper)
    // A second restart finds the same.
    let before = keeper.list(allStates).map { "\($0.id) \($0.state) \($0.recipients)" }
    do throws(QueueError) {
        try keeper.close()
        let again = try openKeeper(disk)
        let after = again.list(allStates).map { "\($0.id) \($0.state) \($0.recipients)" }
        if before != after { wrong.append("a second restart found \(after), the first \(before)") }
    } catch {
        wrong.append("the second restart failed: \(error)")
    }
    return wrong
}

/// Effects are told until they are done, whatever became of the entries.
private func effectViolations(_ ledger: Ledger, _ keeper: Keeper) -> [String] {
    let told = Dictionary(uniqueKeysWithValues: keeper.drainEffects().map { ($0.message, $0.effects) })
    return ledger.effects.compactMap { message, promise in
        let fate: Fate = told[message] == nil ? .done : .owed
        guard promise.fates.contains(fate) else { return "effects of \(message) are \(fate)" }
        return told[message].map { $0 == promise.effects } == false ? "effects of \(message) differ" : nil
    }
}

/// A recipient that was split off is owed exactly once.
private func splitViolations(_ ledger: Ledger, _ found: [EntryID: QueueItem]) -> [String] {
    var wrong: [String] = []
    for (id, promise) in ledger.promises where id.index >= EntryID.splitIndexMin {
        for recipient in promise.recipients {
            let holders = found.values.filter {
                $0.id.message == id.message && $0.recipients.contains(recipient)
            }
            if holders.count != 1 { wrong.append("\(recipient) is owed by \(holders.map(\.id.description))") }
        }
    }
    return wrong
}
