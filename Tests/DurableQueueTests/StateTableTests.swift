// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import DurableQueue

/// `docs/queue.md`, "The states of an entry", line by line.
@Suite("The states of an entry")
struct StateTableTests {
    private let disk = newDisk()
    private let deliver = Debt.deliver(channel: "tcp_local")
    private let hold = Debt.hold(channel: "tcp_local", reason: "virus")

    private func committed(_ commit: Commit) throws -> EntryID {
        var writer = try WriterAtHand(disk)
        let id = try writer.commit(commit)
        writer.writer.close()
        return EntryID(message: id, index: 0)
    }

    private func stored(_ place: String) -> [String] {
        disk.paths.filter { $0.hasPrefix("state/queue/\(place)/") }
    }

    private func bytesOnDisk(_ path: String) throws -> [UInt8] { try #require(disk.contents(path)) }

    @Test("none: what is nowhere is no entry")
    func none() throws {
        let keeper = try openKeeper(disk)
        let id = EntryID(message: MessageID(generation: 5, offset: 4096), index: 0)
        #expect(keeper.item(id) == nil)
        #expect(throws: QueueError(.noSuchEntry, "no entry 5-1000.0 is owed or held", isTransient: false)) {
            try keeper.show(id)
        }
        #expect(try keeper.release(id, now: 1) == .gone)
        #expect(try keeper.delete(id) == .gone)
    }

    @Test("in flight: in the spool alone; poll tells it, and its content is what was committed")
    func inFlight() throws {
        let id = try committed(sampleCommit("m"))
        let keeper = try openKeeper(disk)
        let items = try keeper.poll()
        #expect(items.map(\.id) == [id])
        #expect(items.first?.state == .inFlight)
        #expect(items.first?.recipients == [address("m@inside.example")])
        #expect(items.first?.channel == "tcp_local")
        #expect(items.first?.caseID == "m")
        #expect(items.first?.octets == 300)
        let content = try keeper.open(id)
        #expect(outgoing(content) == sampleBody("m", octets: 300))
        #expect(content.note == Array("{\"trail\":\"m\"}".utf8))
        #expect(content.envelope.sender == address("sender@outside.example"))
        #expect(stored("owed") + stored("held") == [])
        #expect(try keeper.poll() == [])
    }

    @Test("in flight, across a restart: the first poll tells it again")
    func inFlightAgain() throws {
        let id = try committed(sampleCommit("m"))
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        try keeper.close()
        #expect(try openKeeper(disk).poll().map(\.id) == [id])
    }

    @Test("waiting: the first deferral gives it a file in owed/, readable as text, and the segment can go")
    func waiting() throws {
        let id = try committed(sampleCommit("m"))
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        keeper.deferred(id, until: 1_763_000_300, reason: "451 4.3.0 later")
        try keeper.flush(sync: true)
        let paths = stored("owed")
        #expect(paths.map { $0.hasSuffix("/\(id)") } == [true])
        let text = String(decoding: try bytesOnDisk(paths[0]), as: UTF8.self)
        #expect(text.contains("\nrecipient: m@inside.example\n"))
        #expect(text.contains("\nnext-attempt: 1763000300\n"))
        #expect(text.hasSuffix(String(decoding: sampleBody("m", octets: 300), as: UTF8.self)))
        #expect(disk.paths.filter { $0.hasSuffix(".seg") } == [])
        try keeper.close()

        let again = try openKeeper(disk)
        let item = try #require(try again.poll().first)
        #expect(item.id == id)
        #expect(item.state == .waiting)
        #expect(item.attempts == 1)
        #expect(item.nextAttempt == 1_763_000_300)
        #expect(item.reason == "451 4.3.0 later")
        #expect(again.report.findings == [])
        #expect(outgoing(try again.open(id)) == sampleBody("m", octets: 300))
    }

    @Test("held: it has a file in held/, is not told by poll, and stays so across a restart")
    func held() throws {
        let id = try committed(sampleCommit("m", entries: [(["a@x.example"], hold)]))
        let keeper = try openKeeper(disk)
        #expect(try keeper.poll() == [])
        #expect(stored("held").count == 1)
        #expect(keeper.list([.held]).map(\.reason) == ["virus"])
        try keeper.close()
        let again = try openKeeper(disk)
        #expect(try again.poll() == [])
        #expect(again.list([.held]).map(\.id) == [id])
        #expect(again.report.findings == [])
        #expect(outgoing(try again.show(id)) == sampleBody("m", octets: 300))
    }

    @Test("in the spool and in owed/: the file counts, recovery says so, and it is told once")
    func spoolAndOwed() throws {
        try spoolAndStore(.owed, then: .waiting)
    }

    @Test("in the spool and in held/: the file counts, recovery says so, and it isn't told")
    func spoolAndHeld() throws {
        try spoolAndStore(.held, then: .held)
    }

    private func spoolAndStore(_ place: QueueLayout.Place, then state: QueueItem.State) throws {
        let id = try committed(sampleCommit("m"))
        // A power cut after the file was synced, and before the log: the log as it was is put back.
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        let logs = disk.paths.filter { $0.hasSuffix(".log") }
        let segment = try #require(disk.paths.first { $0.hasSuffix(".seg") })
        let mark = segment.replacing(".seg", with: ".mark")
        let before = (
            log: try bytesOnDisk(logs[0]), segment: try bytesOnDisk(segment), mark: try bytesOnDisk(mark)
        )
        if place == .owed {
            keeper.deferred(id, until: 9, reason: "later")
            try keeper.flush(sync: true)
        } else {
            try keeper.hold(id, reason: "asked to")
        }
        let after = disk.afterCut(.processOnly)
        after.setContents(logs[0], before.log)
        after.plant(segment, before.segment)
        after.plant(mark, before.mark)
        let again = try openKeeper(after)
        #expect(again.report.findings.map(\.kind) == [.movedUnrecorded])
        #expect(
            again.report.lines.first?.contains("the log did not know that it was in \(place.name)/") == true)
        #expect(again.list(allStates).map(\.state) == [state])
        #expect(try again.poll().map(\.id) == (state == .held ? [] : [id]))
        #expect(outgoing(try again.open(id)) == sampleBody("m", octets: 300))
    }

    @Test("in owed/ and in held/: held/ counts, recovery says so and leaves one file")
    func owedAndHeld() throws {
        let id = try committed(sampleCommit("m", entries: [(["a@x.example"], hold)]))
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        let path = try #require(stored("held").first)
        let file = try bytesOnDisk(path)
        try keeper.close()
        disk.plant(path.replacing("/held/", with: "/owed/"), file)
        let again = try openKeeper(disk)
        #expect(again.report.findings.map(\.kind) == [.inTwoPlaces])
        #expect(stored("owed") == [])
        #expect(again.item(id)?.state == .held)
    }

    @Test("in the log alone: its file is gone; recovery says so, and the spool's copy is not sent again")
    func logAlone() throws {
        var writer = try WriterAtHand(disk)
        let id = EntryID(message: try writer.commit(sampleCommit("m")), index: 0)
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        keeper.deferred(id, until: 9, reason: "later")
        try keeper.flush(sync: true)
        try keeper.close()
        disk.removeForGood(stored("owed")[0])
        let again = try openKeeper(disk)
        #expect(again.report.findings.map(\.kind) == [.missing])
        #expect(try again.poll() == [])
        #expect(again.item(id) == nil)
    }

    @Test("done, its file still there: recovery deletes the file and sends nothing")
    func leftover() throws {
        let id = try committed(sampleCommit("m"))
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        keeper.deferred(id, until: 9, reason: "later")
        try keeper.flush(sync: true)
        let path = stored("owed")[0]
        let file = try bytesOnDisk(path)
        keeper.delivered(id, recipients: [address("m@inside.example")], note: "250 ok")
        try keeper.flush(sync: true)
        #expect(stored("owed") == [])
        let after = disk.afterCut(.processOnly)
        after.plant(path, file)
        let again = try openKeeper(after)
        #expect(again.report.findings.map(\.kind) == [.leftover])
        #expect(try again.poll() == [])
        #expect(after.contents(path) == nil)
    }

    @Test("recovery's report ends with a line that counts")
    func summary() throws {
        _ = try committed(sampleCommit("m"))
        let keeper = try openKeeper(disk)
        #expect(keeper.report.lines == ["recovered 1 segments: 1 entries in flight, 0 waiting, 0 held"])
    }
}
