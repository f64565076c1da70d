// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import DurableQueue

@Suite("Any order of commits, decisions, restarts and power cuts")
struct InterleavingTests {
    /// One run that a seed decides: writers and keepers come and go, the power fails, and the ledger is
    /// compared after every restart.
    private struct Run {
        var disk = newDisk()
        var dice: Dice
        var ledger = Ledger()
        var writers: [WriterAtHand] = []
        var keeper: Keeper?
        var number = 0
        var wrong: [String] = []
        private var delivered: [EntryID] = []

        init(seed: UInt64) { dice = Dice(seed: seed) }

        mutating func go(steps: Int) {
            for _ in 0..<steps {
                switch dice.below(24) {
                case 0..<7: commit()
                case 7..<9: poll()
                case 9..<14: deliverOne()
                case 14: deferOne()
                case 15: holdOne()
                case 16..<18: releaseOne()
                case 18: deleteOne()
                case 19: flush(sync: false)
                case 20: flush(sync: true)
                case 21: closeWriter()
                case 22: restart()
                default: if dice.below(3) == 0 { cut() }
                }
            }
            cut()
        }

        private mutating func commit() {
            if writers.count < 2, writers.isEmpty || dice.below(3) == 0 {
                guard let writer = try? WriterAtHand(disk) else { return }
                writers.append(writer)
            }
            let which = dice.below(writers.count)
            let commits = (0...dice.below(3)).map { _ -> Commit in
                number += 1
                let debt: Debt =
                    dice.below(3) == 0 ? .hold(channel: "c", reason: "virus") : .deliver(channel: "c")
                var commit = sampleCommit(
                    "m\(number)", octets: dice.below(5) == 0 ? 4_000 : 100 + dice.below(1_800),
                    entries: [(["a\(number)@x.example"], debt)])
                if dice.below(3) == 0 {
                    let memory = MemoryQuestion(purpose: .duplicate, owner: "o", key: "\(number)")
                    commit.effects = [.remember(memory, seconds: 60)]
                }
                return commit
            }
            for (commit, result) in zip(commits, writers[which].commit(commits)) {
                let body = commit.body.bytes(in: 0..<commit.body.count)
                ledger.handedIn[commit.caseID] = [body]
                guard case .success(let id) = result else {
                    wrong.append("\(commit.caseID) was refused by a disk that works")
                    continue
                }
                let fate: Fate
                if case .hold = commit.entries[0].debt { fate = .held } else { fate = .owed }
                ledger.promises[EntryID(message: id, index: 0)] = Ledger.Promise(
                    name: commit.caseID, fates: [fate], bytes: body, recipients: commit.entries[0].recipients,
                    sender: commit.envelope.sender)
                if !commit.effects.isEmpty {
                    ledger.effects[id] = Ledger.EffectPromise(effects: commit.effects, fates: [.owed])
                }
            }
        }

        private mutating func poll() {
            if keeper == nil { keeper = try? openKeeper(disk) }
            guard let items = try? keeper?.poll() else {
                wrong.append("poll failed on a disk that works")
                return
            }
            for told in keeper?.drainEffects() ?? [] where dice.below(2) == 0 {
                ledger.effects[told.message]?.fates.insert(.done)
                keeper?.effectsDone(told.message)
            }
            for item in items where ledger.promises[item.id]?.fates.contains(.owed) == false {
                wrong.append(
                    "\(item.id) was told, and is \(String(describing: ledger.promises[item.id]?.fates))")
            }
        }

        private mutating func pick(_ states: Set<QueueItem.State>) -> (Keeper, QueueItem)? {
            guard let keeper else { return nil }
            let items = keeper.list(states)
            return items.isEmpty ? nil : (keeper, items[dice.below(items.count)])
        }

        private mutating func deliverOne() {
            guard let (keeper, item) = pick([.inFlight, .waiting]) else { return }
            ledger.promises[item.id]?.fates.insert(.done)
            keeper.delivered(item.id, recipients: item.recipients, note: "250")
            delivered.append(item.id)
        }

        private mutating func deferOne() {
            guard let (keeper, item) = pick([.inFlight, .waiting]) else { return }
            keeper.deferred(item.id, until: 9, reason: "later")
        }

        private mutating func holdOne() {
            guard let (keeper, item) = pick([.inFlight, .waiting]) else { return }
            _ = ledger.expect(item.id, .held, isSynced: true) { try keeper.hold(item.id, reason: "asked to") }
        }

        private mutating func releaseOne() {
            guard let (keeper, item) = pick([.held]) else { return }
            _ = ledger.expect(item.id, .owed, isSynced: true) { try keeper.release(item.id, now: 7) }
        }

        private mutating func deleteOne() {
            guard let (keeper, item) = pick(allStates) else { return }
            _ = ledger.expect(item.id, .done, isSynced: true) { try keeper.delete(item.id) }
        }

        private mutating func flush(sync: Bool) {
            guard let keeper else { return }
            if (try? keeper.flush(sync: sync)) == nil { wrong.append("flush failed on a disk that works") }
            if sync {
                ledger.settleDone(delivered)
                delivered = []
            }
        }

        private mutating func closeWriter() {
            guard !writers.isEmpty else { return }
            writers.remove(at: dice.below(writers.count)).writer.close()
        }

        private mutating func restart() {
            guard let keeper else { return }
            if (try? keeper.close()) == nil { wrong.append("close failed on a disk that works") }
            self.keeper = nil
            ledger.settleDone(delivered)
            delivered = []
        }

        private mutating func cut() {
            let cuts: [ForgetfulDisk.Cut] = [.processOnly, .forgetful, .random(dice.next())]
            disk = disk.afterCut(cuts[dice.below(3)])
            writers = []
            keeper = nil
            delivered = []
            wrong += violations(of: ledger, on: disk)
            // What was open is decided now.
            guard let seen = try? openKeeper(disk) else { return }
            for id in ledger.promises.keys {
                ledger.promises[id]?.fates = [
                    seen.item(id).map { $0.state == .held ? .held : .owed } ?? .done
                ]
            }
            try? seen.close()
            disk = disk.afterCut(.processOnly)
        }
    }

    @Test("every promise holds after every restart", arguments: UInt64(1)...12)
    func seeded(seed: UInt64) {
        var run = Run(seed: seed)
        run.go(steps: 250)
        #expect(run.number > 50)
        #expect(run.wrong == [], "seed \(seed)")
    }
}
