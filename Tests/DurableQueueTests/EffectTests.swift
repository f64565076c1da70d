// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import DurableQueue

@Suite("Effects of a message, and copies under a sender of their own")
struct EffectTests {
    private let disk = newDisk()

    private let effect = Effect.remember(
        MemoryQuestion(purpose: .duplicate, owner: "a@inside.example", key: "<1@x.example>"), seconds: 60)

    private func commit(_ name: String) throws -> MessageID {
        var commit = sampleCommit(name)
        commit.effects = [effect]
        var writer = try WriterAtHand(disk)
        defer { writer.writer.close() }
        return try writer.commit(commit)
    }

    @Test("are told once, with the message's id, case and time")
    func told() throws {
        let id = try commit("one")
        let keeper = try openKeeper(disk)
        #expect(
            keeper.drainEffects() == [
                QueuedEffects(message: id, caseID: "one", arrived: 1_763_000_000, effects: [effect])
            ])
        #expect(keeper.drainEffects().isEmpty)
    }

    @Test("until they are done the message stays in the spool, delivered or not, and they are told again")
    func keepTheMessage() throws {
        let id = try commit("one")
        var keeper = try openKeeper(disk)
        let item = try #require(try keeper.poll().first)
        keeper.delivered(item.id, recipients: item.recipients, note: "250 ok")
        try keeper.close()
        #expect(disk.paths.contains { $0.hasSuffix(".seg") })
        keeper = try openKeeper(disk)
        #expect(try keeper.poll().isEmpty)
        #expect(keeper.drainEffects().map(\.message) == [id])
        keeper.effectsDone(id)
        try keeper.close()
        #expect(!disk.paths.contains { $0.hasSuffix(".seg") })
        #expect(try openKeeper(disk).drainEffects().isEmpty)
    }

    @Test("done, they are not told again while the message is still owed, new log or not")
    func done() throws {
        let id = try commit("one")
        var keeper = try openKeeper(disk)
        _ = keeper.drainEffects()
        keeper.effectsDone(id)
        keeper.effectsDone(id)
        try keeper.flush(sync: true)
        try keeper.renewLog()
        try keeper.close()
        for _ in 0..<2 {
            keeper = try openKeeper(disk.afterCut(.forgetful))
            #expect(keeper.drainEffects().isEmpty)
            #expect(try keeper.poll().map(\.caseID) == ["one"])
            try keeper.close()
        }
    }

    @Test("a sender of its own goes with the entry through the spool, the store and every restart")
    func ownSender() throws {
        var commit = sampleCommit(
            "copies",
            entries: [
                (["a@x.example"], .deliver(channel: "tcp_local")),
                (["b@x.example"], .deliver(channel: "tcp_local")),
                (["c@x.example"], .deliver(channel: "tcp_local")),
            ])
        commit.entries[1].sender = .null
        commit.entries[2].sender = .address(address("capture@inside.example"))
        var writer = try WriterAtHand(disk)
        let id = try writer.commit(commit)
        writer.writer.close()
        let expected = [address("sender@outside.example"), nil, address("capture@inside.example")]
        func senders(_ keeper: Keeper) throws -> [Address?] {
            try (0..<3).map { try keeper.open(EntryID(message: id, index: $0)).envelope.sender }
        }
        var keeper = try openKeeper(disk)
        #expect(try keeper.poll().sorted { $0.id < $1.id }.map(\.sender) == expected)
        #expect(try senders(keeper) == expected)
        for index in 0..<3 {
            keeper.deferred(EntryID(message: id, index: index), until: 1_763_000_300, reason: "451 later")
        }
        try keeper.close()
        #expect(disk.paths.count { $0.hasPrefix("state/queue/owed/") } == 3)
        keeper = try openKeeper(disk)
        #expect(try senders(keeper) == expected)
        #expect(keeper.list(allStates).map(\.sender) == expected)
    }

    @Test("an edition of our own lines alone goes out as it was written, from spool and store")
    func ownContent() throws {
        let report = Array("From: postmaster@inside.example\r\n\r\nIt was refused.\r\n".utf8)
        var commit = sampleCommit("about", octets: 6_000)
        commit.editions = [Edition(pieces: [.inserted(report)])]
        var writer = try WriterAtHand(disk)
        let id = EntryID(message: try writer.commit(commit), index: 0)
        writer.writer.close()
        let keeper = try openKeeper(disk)
        #expect(try keeper.poll().map(\.octets) == [report.count])
        #expect(outgoing(try keeper.open(id)) == report)
        keeper.deferred(id, until: 1_763_000_300, reason: "451 later")
        try keeper.flush(sync: true)
        #expect(outgoing(try keeper.open(id)) == report)
    }

    @Test("what a rule of ours keeps from being tried is no attempt, and expires all the same")
    func postponed() throws {
        _ = try commit("one")
        let keeper = try openKeeper(
            disk, schedule: RetrySchedule(delaysSeconds: [300, 600], lifetimeSeconds: 3_600))
        let item = try #require(try keeper.poll().first)
        let now = item.arrived + 10
        #expect(
            try keeper.postponed(item.id, now: now, delaySeconds: 20, reason: "not now")
                == .again(at: now + 20))
        #expect(keeper.item(item.id)?.attempts == 0)
        #expect(
            try keeper.postponed(item.id, now: now, delaySeconds: nil, reason: "not now")
                == .again(at: now + 300))
        #expect(keeper.item(item.id)?.state == .waiting)
        try keeper.flush()
        #expect(
            try keeper.postponed(item.id, now: item.arrived + 3_600, delaySeconds: 20, reason: "not now")
                == .expired)
        #expect(keeper.item(item.id)?.state == .held)
        #expect(keeper.item(item.id)?.reason == "expired: not tried within 1 hours; last: not now")
    }
}
