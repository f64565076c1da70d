// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import DurableQueue

@Suite("P9: a held message exists once, and released twice is delivered once")
struct DecisionTests {
    private let disk = newDisk()

    private func heldEntry(_ keeper: Keeper) throws -> EntryID {
        var writer = try WriterAtHand(disk)
        let commit = sampleCommit(
            "m", entries: [(["a@x.example"], .hold(channel: "tcp_local", reason: "virus"))])
        let id = EntryID(message: try writer.commit(commit), index: 0)
        writer.writer.close()
        #expect(try keeper.poll() == [])
        return id
    }

    @Test("from two windows: the second is told so, and poll tells the entry once")
    func twice() throws {
        let keeper = try openKeeper(disk)
        let id = try heldEntry(keeper)
        #expect(try keeper.release(id, now: 50) == .released)
        #expect(try keeper.release(id, now: 51) == .alreadyReleased)
        let told = try keeper.poll()
        #expect(told.map(\.id) == [id])
        #expect(told.first?.nextAttempt == 50)
        #expect(told.first?.since == 50)
        #expect(try keeper.poll() == [])
    }

    @Test("across a power cut right after the first answer")
    func acrossRestart() throws {
        let keeper = try openKeeper(disk)
        let id = try heldEntry(keeper)
        #expect(try keeper.release(id, now: 50) == .released)
        let again = try openKeeper(disk.afterCut(.forgetful))
        #expect(try again.release(id, now: 60) == .alreadyReleased)
        #expect(try again.poll().map(\.id) == [id])
        again.delivered(id, recipients: [address("a@x.example")], note: "250 ok")
        try again.flush(sync: true)
        #expect(try again.release(id, now: 70) == .gone)
        #expect(try again.poll() == [])
    }

    @Test("release sees a message that was committed a moment ago")
    func doesNotLag() throws {
        let keeper = try openKeeper(disk)
        var writer = try WriterAtHand(disk)
        let commit = sampleCommit(
            "m", entries: [(["a@x.example"], .hold(channel: "tcp_local", reason: "virus"))])
        let id = EntryID(message: try writer.commit(commit), index: 0)
        #expect(try keeper.show(id).item.state == .held)
        #expect(try keeper.release(id, now: 50) == .released)
        #expect(try keeper.poll().map(\.id) == [id])
    }

    @Test("hold stops what waits, release starts its lifetime anew, and the file's text follows")
    func holdAndRelease() throws {
        var writer = try WriterAtHand(disk)
        let id = EntryID(message: try writer.commit(sampleCommit("m")), index: 0)
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        keeper.deferred(id, until: 90, reason: "451 later")
        try keeper.flush()
        #expect(try keeper.hold(id, reason: "asked to") == id)
        let path = try #require(disk.paths.first { $0.hasPrefix("state/queue/held/") })
        let text = String(decoding: try #require(disk.contents(path)), as: UTF8.self)
        #expect(text.contains("reason: asked to "))
        #expect(try keeper.poll() == [])
        keeper.expedite(id, now: 1)
        #expect(try keeper.poll() == [])
        #expect(try keeper.release(id, now: 200) == .released)
        #expect(keeper.item(id)?.since == 200)
        #expect(keeper.item(id)?.attempts == 0)
    }

    @Test("delete ends an entry in any state, and only once", arguments: [0, 1, 2])
    func deleting(state: Int) throws {
        var writer = try WriterAtHand(disk)
        let id = EntryID(message: try writer.commit(sampleCommit("m")), index: 0)
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        if state == 1 {
            keeper.deferred(id, until: 90, reason: "451 later")
            try keeper.flush()
        } else if state == 2 {
            try keeper.hold(id, reason: "asked to")
        }
        #expect(try keeper.delete(id) == .deleted)
        #expect(try keeper.delete(id) == .gone)
        let again = try openKeeper(disk.afterCut(.forgetful))
        #expect(try again.poll() == [])
        #expect(again.list(allStates) == [])
        #expect(try again.delete(id) == .gone)
    }

    @Test("an answer that the disk didn't let us keep is an error, and later the same succeeds")
    func diskRefuses() throws {
        let keeper = try openKeeper(disk)
        let id = try heldEntry(keeper)
        disk.failAll("", with: 30)
        #expect {
            try keeper.release(id, now: 50)
        } throws: {
            ($0 as? QueueError)?.code == .diskReadOnly
        }
        #expect(keeper.item(id)?.state == .held)
        disk.failNothing()
        #expect(try keeper.release(id, now: 51) == .released)
        #expect(try openKeeper(disk.afterCut(.forgetful)).poll().map(\.id) == [id])
    }

    @Test("what has waited for its lifetime is held, and says what was the matter")
    func expiry() throws {
        var writer = try WriterAtHand(disk)
        let id = EntryID(message: try writer.commit(sampleCommit("m")), index: 0)
        let keeper = try openKeeper(
            disk, schedule: RetrySchedule(delaysSeconds: [60], lifetimeSeconds: 7_200))
        _ = try keeper.poll()
        let start: Int64 = 1_763_000_000
        #expect(try keeper.deferred(id, now: start + 10, reason: "451 busy") == .again(at: start + 70))
        #expect(keeper.item(id)?.state == .waiting)
        #expect(try keeper.deferred(id, now: start + 7_200, reason: "451 busy") == .expired)
        #expect(keeper.item(id)?.state == .held)
        #expect(keeper.item(id)?.reason == "expired: not delivered within 2 hours; last: 451 busy")
        #expect(try openKeeper(disk.afterCut(.forgetful)).list([.held]).map(\.id) == [id])
    }

    @Test("some recipients can be held on their own; the others stay owed, also after a power cut")
    func split() throws {
        var writer = try WriterAtHand(disk)
        let commit = sampleCommit(
            "m", entries: [(["a@x.example", "b@x.example", "c@x.example"], .deliver(channel: "tcp_local"))])
        let id = EntryID(message: try writer.commit(commit), index: 0)
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        let other = try keeper.hold(id, recipients: [address("b@x.example")], reason: "550 5.1.1 unknown")
        #expect(other == EntryID(message: id.message, index: 1000))
        let again = try openKeeper(disk.afterCut(.forgetful))
        for keeper in [keeper, again] {
            #expect(keeper.item(id)?.recipients == [address("a@x.example"), address("c@x.example")])
            #expect(keeper.item(id)?.state == .inFlight)
            #expect(keeper.item(other)?.recipients == [address("b@x.example")])
            #expect(keeper.item(other)?.state == .held)
            #expect(outgoing(try keeper.open(other)) == sampleBody("m", octets: 300))
        }
        #expect(try again.hold(id, recipients: [address("a@x.example")], reason: "no").index == 1001)
        again.delivered(id, recipients: [address("c@x.example")], note: "250 ok")
        #expect(again.item(id) == nil)
    }

    @Test("recipients that are delivered one by one are remembered one by one")
    func partial() throws {
        var writer = try WriterAtHand(disk)
        let commit = sampleCommit(
            "m", entries: [(["a@x.example", "b@x.example"], .deliver(channel: "tcp_local"))])
        let id = EntryID(message: try writer.commit(commit), index: 0)
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        keeper.delivered(id, recipients: [address("b@x.example")], note: "250 ok")
        try keeper.flush(sync: true)
        let again = try openKeeper(disk.afterCut(.forgetful))
        #expect(try again.poll().map(\.recipients) == [[address("a@x.example")]])
        again.deferred(id, until: 9, reason: "later")
        try again.flush(sync: true)
        #expect(try again.open(id).envelope.recipients == [address("a@x.example")])
        try again.close()
    }
}
