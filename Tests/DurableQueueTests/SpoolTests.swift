// SPDX-License-Identifier: MIT
import Glibc
import Mail
import Testing

@testable import DurableQueue

/// Collects what a spool answers; waits with a deadline.
final class Answers: Sendable {
    private let line = WorkLine<CommitResult>()
    /// Nobody waits longer: the disk is broken then, or we are.
    private static let deadlineMs: Int64 = 60_000

    func take(_ results: [CommitResult]) { for result in results { _ = line.add(result) } }

    /// The next `count` answers by token.
    func next(_ count: Int) throws -> [UInt64: Result<MessageID, QueueError>] {
        var answers: [UInt64: Result<MessageID, QueueError>] = [:]
        let disk = SystemDisk()
        let start = disk.monotonicMs()
        while answers.count < count {
            for result in line.takeAll(waitingMs: 1_000) ?? [] { answers[result.token] = result.result }
            try #require(
                disk.monotonicMs() - start < Self.deadlineMs, "\(answers.count) of \(count) answers came")
        }
        return answers
    }
}

@Suite("The spool on the machine's disk")
struct SpoolTests {
    private let folder: TemporaryFolder
    private let answers = Answers()

    init() throws { folder = try TemporaryFolder() }

    private func openSpool(_ slot: String = "0", limits: QueueLimits = smallLimits()) throws -> Spool {
        let answers = answers
        return try Spool(root: folder.path, slot: slot, limits: limits) { answers.take($0) }
    }

    @Test(
        "several writers, messages of every size, a keeper that polls meanwhile: each arrives once, unchanged"
    )
    func concurrently() throws {
        let slots = ["0", "1", "2", "3"]
        let perSlot = 150
        var limits = smallLimits()
        limits.segmentOctets = 256 << 10
        limits.inlineBodyOctetsMax = 16 << 10
        limits.draftMemoryOctetsMax = 8 << 10
        let finalLimits = limits
        let spools = try slots.map { try openSpool($0, limits: finalLimits) }
        let writers = spools.enumerated().map { slot, spool in
            WorkThread {
                var dice = Dice(seed: UInt64(slot))
                for number in 0..<perSlot {
                    let name = "\(slot)-\(number)"
                    let octets = dice.below(10) == 0 ? 20_000 + dice.below(200_000) : 200 + dice.below(8_000)
                    spool.commit(
                        drafted(name, octets: octets, in: spool), token: UInt64(slot * 1_000 + number))
                }
            }
        }
        let keeper = try Keeper(root: folder.path, limits: finalLimits)
        var arrived: [String: Int] = [:]
        let disk = SystemDisk()
        let start = disk.monotonicMs()
        while arrived.count < slots.count * perSlot {
            try #require(disk.monotonicMs() - start < 120_000, "\(arrived.count) arrived")
            for item in try keeper.poll() {
                let content = try keeper.open(item.id)
                #expect(outgoing(content) == sampleBody(item.caseID, octets: content.body.count))
                arrived[item.caseID, default: 0] += 1
                keeper.delivered(item.id, recipients: item.recipients, note: "250 ok")
            }
            try keeper.flush()
        }
        for writer in writers { writer?.join() }
        let results = try answers.next(slots.count * perSlot)
        #expect(results.values.allSatisfy { (try? $0.get()) != nil })
        #expect(Set(results.values.compactMap { try? $0.get() }).count == slots.count * perSlot)
        #expect(arrived.values.allSatisfy { $0 == 1 })
        for spool in spools { spool.close() }
        #expect(try keeper.poll() == [])
        try keeper.flush(sync: true)
        #expect(keeper.usage.segments == 0)
        try keeper.close()
        let again = try Keeper(root: folder.path, limits: finalLimits)
        #expect(try again.poll() == [])
        #expect(again.report.findings == [])
        for slot in slots { #expect(try disk.list("\(folder.path)/spool/\(slot)") == ["bodies"]) }
        for slot in slots { #expect(try disk.list("\(folder.path)/spool/\(slot)/bodies") == []) }
    }

    @Test("a message as large as a draft's file is linked, not copied, and arrives unchanged")
    func large() throws {
        var limits = QueueLimits()
        limits.segmentOctets = 1 << 20
        let spool = try openSpool(limits: limits)
        spool.commit(drafted("large", octets: 3_500_000, in: spool), token: 1)
        let id = try #require(try answers.next(1)[1]).get()
        #expect(try SystemDisk().list("\(folder.path)/spool/0/bodies").count == 1)
        let keeper = try Keeper(root: folder.path, limits: limits)
        let entry = EntryID(message: id, index: 0)
        #expect(outgoing(try keeper.open(entry)) == sampleBody("large", octets: 3_500_000))
        _ = try keeper.poll()
        keeper.deferred(entry, until: 9, reason: "later")
        try keeper.flush(sync: true)
        #expect(try SystemDisk().list("\(folder.path)/spool/0/bodies") == [])
        #expect(outgoing(try keeper.open(entry)) == sampleBody("large", octets: 3_500_000))
    }

    @Test("close answers what was handed in; later commits are refused")
    func closing() throws {
        let spool = try openSpool()
        for number in 0..<20 { spool.commit(sampleCommit("m\(number)"), token: UInt64(number)) }
        spool.close()
        spool.close()
        #expect(try answers.next(20).values.allSatisfy { (try? $0.get()) != nil })
        spool.commit(sampleCommit("late"), token: 99)
        #expect {
            try answers.next(1)[99]?.get()
        } throws: {
            ($0 as? QueueError)?.description == "the spool of slot 0 is closed"
        }
    }

    @Test("two writers share a slot, as a worker and its successor do")
    func sharedSlot() throws {
        let one = try openSpool()
        let other = try openSpool()
        for number in 0..<10 {
            (number % 2 == 0 ? one : other).commit(sampleCommit("m\(number)"), token: UInt64(number))
        }
        #expect(Set(try answers.next(10).values.compactMap { try? $0.get() }).count == 10)
        let keeper = try Keeper(root: folder.path, limits: smallLimits())
        #expect(Set(try keeper.poll().map(\.caseID)).count == 10)
        one.close()
        other.close()
    }

    @Test("names that lead elsewhere are no slots", arguments: ["", "..", "a/b", "generation", "usage", "A"])
    func slotNames(name: String) {
        #expect(throws: QueueError.self) { try openSpool(name) }
    }

    @Test("a second keeper is refused, with the lock's path; after the first closed it is not")
    func oneKeeper() throws {
        let keeper = try Keeper(root: folder.path, limits: smallLimits())
        #expect {
            try Keeper(root: folder.path, limits: smallLimits())
        } throws: {
            ($0 as? QueueError)?.description
                == "another process has the queue: \(folder.path)/queue/lock is locked; stop it first"
        }
        try keeper.close()
        _ = try Keeper(root: folder.path, limits: smallLimits())
    }

    @Test("where the folder can't be made the error says which, and by what")
    func noFolder() throws {
        #expect {
            try Spool(root: "/proc/postern-none", slot: "0") { _ in }
        } throws: {
            ($0 as? QueueError)?.description
                == "our disk failed while the spool of slot 0 was opened "
                + "(mkdir /proc/postern-none: No such file or directory)"
        }
    }
}

/// The sample message as inbound makes it: through a draft, in pieces.
func drafted(_ name: String, octets: Int, in spool: Spool) -> Commit {
    var commit = sampleCommit(name, octets: 0)
    let body = sampleBody(name, octets: octets)
    var draft = spool.makeDraft()
    var at = 0
    while at < body.count {
        let end = min(at + 1_460, body.count)
        body[at..<end].withUnsafeBytes { piece in
            // A draft that fails here is shorter, and its bytes compare unequal.
            try? draft.append(piece)
        }
        at = end
    }
    commit.body = (try? draft.finish()) ?? MessageBytes([])
    commit.editions = [.unchanged(octets: commit.body.count)]
    return commit
}

@Suite("A draft")
struct DraftTests {
    private func draft(on disk: ForgetfulDisk, _ limits: QueueLimits = smallLimits()) throws -> Draft {
        for path in ["state", "state/bodies"] { try disk.makeFolder(path) }
        return Draft(disk: disk, folder: "state/bodies", limits: limits)
    }

    @Test(
        "of any size, in pieces of any size, it comes back as it was appended",
        arguments: [0, 1, 2_047, 2_048, 2_049, 9_000])
    func roundTrip(octets: Int) throws {
        for piece in [1, 7, 1_000, 10_000] {
            let body = octets == 0 ? [] : Array(sampleBody("d", octets: octets).prefix(octets))
            var draft = try draft(on: newDisk())
            for at in stride(from: 0, to: body.count, by: piece) {
                try body[at..<min(at + piece, body.count)].withUnsafeBytes { try draft.append($0) }
            }
            #expect(draft.octets == body.count)
            let finished = try draft.finish()
            #expect(finished.bytes(in: 0..<finished.count) == body)
        }
    }

    @Test("a small one touches no disk")
    func inMemory() throws {
        let disk = newDisk()
        var draft = try draft(on: disk)
        let calls = disk.calls
        try sampleBody("d", octets: 2_000).withUnsafeBytes { try draft.append($0) }
        _ = try draft.finish()
        #expect(disk.calls == calls)
    }

    @Test("beyond the queue's limit it is refused for good")
    func tooLarge() throws {
        var limits = smallLimits()
        limits.messageOctetsMax = 100
        var draft = try draft(on: newDisk(), limits)
        #expect {
            try sampleBody("d", octets: 101).withUnsafeBytes { try draft.append($0) }
        } throws: {
            ($0 as? QueueError)
                == QueueError(
                    .tooLarge, "the message exceeds the 100 octets that the queue takes", isTransient: false)
        }
    }

    @Test("on a full disk it is refused for now")
    func diskFull() throws {
        let disk = newDisk()
        var draft = try draft(on: disk)
        disk.failAll("write", with: ENOSPC)
        #expect {
            try sampleBody("d", octets: 5_000).withUnsafeBytes { try draft.append($0) }
        } throws: {
            ($0 as? QueueError)?.description
                == "our disk is full while a message was received into state/bodies "
                + "(write state/bodies: No space left on device)"
        }
    }
}
