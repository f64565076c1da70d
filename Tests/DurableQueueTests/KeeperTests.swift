// SPDX-License-Identifier: MIT
import Glibc
import Mail
import Testing

@testable import DurableQueue

@Suite("What the keeper takes from a spool")
struct KeeperReadingTests {
    private let disk = newDisk()

    @Test("nothing above the published offset while the writer lives; all of it once its lock is free")
    func committedOffset() throws {
        var writer = try WriterAtHand(disk)
        _ = try writer.commit(sampleCommit("published"))
        let keeper = try openKeeper(disk)
        #expect(try keeper.poll().map(\.caseID) == ["published"])
        // Synced, but its mark can't be written: acknowledged, and to be found when the writer lets go.
        let mark = try #require(disk.paths.first { $0.hasSuffix(".mark") })
        let before = try #require(disk.contents(mark))
        _ = try writer.commit(sampleCommit("unpublished"))
        disk.setContents(mark, before)
        #expect(try keeper.poll() == [])
        writer.writer.close()
        #expect(try keeper.poll().map(\.caseID) == ["unpublished"])
        #expect(keeper.drainFindings().map(\.kind) == [.writerDied])
    }

    @Test(
        "a failed sync ends the segment: its batch is answered no and never delivered"
    )
    func failedSync() throws {
        var writer = try WriterAtHand(disk)
        let first = try writer.commit(sampleCommit("first"))
        disk.failAll("sync", with: EIO)
        let answers = writer.commit([sampleCommit("lost1"), sampleCommit("lost2")])
        disk.failNothing()
        for answer in answers {
            #expect(throws: QueueError.self) { try answer.get() }
        }
        let second = try writer.commit(sampleCommit("second"))
        #expect(second.generation > first.generation)
        writer.writer.close()
        for cut in [ForgetfulDisk.Cut.processOnly, .forgetful] {
            #expect(Set(try openKeeper(disk.afterCut(cut)).poll().map(\.caseID)) == ["first", "second"])
        }
    }

    @Test("a failed sync says so: our disk, 451, and why")
    func failedSyncText() throws {
        var writer = try WriterAtHand(disk)
        disk.failAll("sync", with: EIO)
        guard case .failure(let error) = writer.commit([sampleCommit("m")])[0] else {
            Issue.record("it succeeded")
            return
        }
        #expect(error.code == .diskFailed)
        #expect(error.isTransient)
        #expect(
            error.description
                == "our disk failed while a batch of messages was committed "
                + "(sync state/spool/0: Input/output error)"
        )
    }

    @Test("when the mark can't be written the batch stands, and the next goes into another segment")
    func failedMark() throws {
        var writer = try WriterAtHand(disk)
        let first = try writer.commit(sampleCommit("first"))
        // The call after the record's write and sync.
        disk.fail(call: disk.calls + 3, with: ENOSPC)
        let second = try writer.commit(sampleCommit("second"))
        #expect(second.generation == first.generation)
        let third = try writer.commit(sampleCommit("third"))
        #expect(third.generation > first.generation)
        #expect(Set(try openKeeper(disk).poll().map(\.caseID)) == ["first", "second", "third"])
    }

    @Test("a message larger than a segment's rest opens another; nothing is cut")
    func rolling() throws {
        var writer = try WriterAtHand(disk)
        let names = (0..<40).map { "m\($0)" }
        for name in names { _ = try writer.commit(sampleCommit(name, octets: 1_900)) }
        #expect(disk.paths.filter { $0.hasSuffix(".seg") }.count > 2)
        let keeper = try openKeeper(disk)
        #expect(Set(try keeper.poll().map(\.caseID)) == Set(names))
        for item in keeper.list(allStates) {
            #expect(outgoing(try keeper.open(item.id)) == sampleBody(item.caseID, octets: 1_900))
            keeper.delivered(item.id, recipients: item.recipients, note: "250")
        }
        try keeper.flush(sync: true)
        // The one that is open stays.
        #expect(disk.paths.filter { $0.hasSuffix(".seg") }.count == 1)
    }

    @Test("beyond its memory's limit it stops reading, and goes on as entries are done")
    func backlog() throws {
        var limits = smallLimits()
        limits.messagesInMemoryMax = 5
        var writer = try WriterAtHand(disk)
        for number in 0..<23 { _ = try writer.commit(sampleCommit("m\(number)", octets: 1_900)) }
        let keeper = try openKeeper(disk, limits: limits)
        var delivered: [String] = []
        for _ in 0..<20 {
            let items = try keeper.poll()
            #expect(keeper.list(allStates).count <= 5)
            for item in items {
                delivered.append(item.caseID)
                keeper.delivered(item.id, recipients: item.recipients, note: "250")
            }
            try keeper.flush()
        }
        #expect(delivered.count == 23)
        #expect(Set(delivered).count == 23)
    }

    @Test("what was delivered of mail it had no memory for is still known after two restarts")
    func backlogAcrossRestarts() throws {
        var writer = try WriterAtHand(disk)
        for number in 0..<12 { _ = try writer.commit(sampleCommit("m\(number)")) }
        let keeper = try openKeeper(disk)
        for item in try keeper.poll().suffix(6) {
            keeper.delivered(item.id, recipients: item.recipients, note: "250")
        }
        try keeper.close()
        var limits = smallLimits()
        limits.messagesInMemoryMax = 2
        try openKeeper(disk, limits: limits).close()
        let again = try openKeeper(disk)
        #expect(Set(try again.poll().map(\.caseID)) == Set((0..<6).map { "m\($0)" }))
    }

    @Test("a body that no record names is deleted once its writer is gone, not before")
    func orphanBodies() throws {
        var writer = try WriterAtHand(disk)
        let kept = try writer.commit(sampleCommit("kept", octets: 5_000))
        let pending = PendingCommit(
            commit: sampleCommit("never", octets: 5_000), token: 1, body: nil, failure: nil)
        _ = writer.bodies.prepare([pending], writer: writer.writer.writer)
        func bodies() -> Int { disk.paths.filter { $0.hasPrefix("state/spool/0/bodies/") }.count }
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        #expect(bodies() == 2)
        writer.writer.close()
        _ = try keeper.poll()
        #expect(bodies() == 1)
        #expect(keeper.drainFindings().map(\.kind) == [.orphanBody])
        let entry = EntryID(message: kept, index: 0)
        #expect(outgoing(try keeper.open(entry)) == sampleBody("kept", octets: 5_000))
        keeper.delivered(entry, recipients: [address("kept@inside.example")], note: "250")
        try keeper.flush(sync: true)
        #expect(bodies() == 0)
    }

    @Test("a body of a commit that failed is deleted with the answer")
    func failedBody() throws {
        var writer = try WriterAtHand(disk)
        // The body's own sync, its link and its folder's sync succeed; the segment's write doesn't.
        disk.fail(call: disk.calls + 6, with: EIO)
        #expect(throws: QueueError.self) { try writer.commit(sampleCommit("m", octets: 5_000)) }
        #expect(disk.paths.filter { $0.hasPrefix("state/spool/0/bodies/") } == [])
    }

    @Test("a large body that changed is never sent: the entry is held with the reason")
    func changedBody() throws {
        var writer = try WriterAtHand(disk)
        let id = EntryID(message: try writer.commit(sampleCommit("m", octets: 5_000)), index: 0)
        let path = try #require(disk.paths.first { $0.hasPrefix("state/spool/0/bodies/") })
        var bytes = try #require(disk.contents(path))
        bytes[2_500] ^= 4
        disk.setContents(path, bytes)
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        #expect(throws: QueueError.self) { try keeper.open(id) }
        #expect(keeper.item(id)?.state == .held)
    }

    @Test("editions and entries come back each with its own bytes, also from the store")
    func editions() throws {
        var commit = sampleCommit(
            "m",
            entries: [
                (["a@x.example"], .deliver(channel: "tcp_local")),
                (["b@x.example"], .deliver(channel: "tcp_local")),
            ])
        commit.editions.append(
            Edition(pieces: [
                .inserted(Array("X-Seen: yes\r\n".utf8)), .original(0..<10), .original(20..<300),
            ]))
        commit.entries[1].edition = 1
        var writer = try WriterAtHand(disk)
        let id = try writer.commit(commit)
        let body = sampleBody("m", octets: 300)
        let expected = [body, Array("X-Seen: yes\r\n".utf8) + body[0..<10] + body[20...]]
        let keeper = try openKeeper(disk)
        #expect(try keeper.poll().map(\.octets) == expected.map(\.count))
        for index in 0..<2 {
            let entry = EntryID(message: id, index: index)
            #expect(outgoing(try keeper.open(entry)) == expected[index])
            keeper.deferred(entry, until: 9, reason: "later")
        }
        try keeper.flush()
        for index in 0..<2 {
            #expect(outgoing(try keeper.open(EntryID(message: id, index: index))) == expected[index])
        }
    }
}

@Suite("The keeper on a disk in trouble")
struct KeeperTroubleTests {
    private let disk = newDisk()

    private func threeInFlight() throws -> (keeper: Keeper, ids: [EntryID]) {
        var writer = try WriterAtHand(disk)
        for name in ["a", "b", "c"] { _ = try writer.commit(sampleCommit(name)) }
        let keeper = try openKeeper(disk)
        return (keeper, try keeper.poll().map(\.id))
    }

    @Test("a full disk keeps deferred mail in the spool; it moves out when there is room again")
    func fullDisk() throws {
        let (keeper, ids) = try threeInFlight()
        for call in ["openUnnamed", "preallocate"] { disk.failAll(call, with: ENOSPC) }
        disk.failAll("openUnnamed", with: ENOSPC)
        keeper.deferred(ids[0], until: 9, reason: "later")
        #expect {
            try keeper.flush()
        } throws: {
            ($0 as? QueueError)?.code == .diskFull
        }
        #expect(keeper.item(ids[0])?.state == .waiting)
        // The log still takes deliveries: it was preallocated.
        keeper.delivered(ids[1], recipients: [address("b@inside.example")], note: "250")
        disk.advance(ms: 500)
        try keeper.flush(sync: true)
        disk.failNothing()
        disk.advance(ms: 2_000)
        #expect(keeper.hasPendingWork)
        try keeper.flush()
        #expect(disk.paths.filter { $0.hasPrefix("state/queue/owed/") }.count == 1)
        let again = try openKeeper(disk.afterCut(.forgetful))
        #expect(Set(try again.poll().map(\.caseID)) == ["a", "c"])
    }

    @Test("when no log can be written nothing is handed out, and afterwards nothing was forgotten")
    func noLog() throws {
        let (keeper, ids) = try threeInFlight()
        keeper.delivered(ids[0], recipients: [address("a@inside.example")], note: "250")
        disk.failAll("", with: EROFS)
        #expect(throws: QueueError.self) { try keeper.flush() }
        #expect {
            try keeper.poll()
        } throws: {
            ($0 as? QueueError)?.code == .diskReadOnly
        }
        disk.failNothing()
        try keeper.flush(sync: true)
        let again = try openKeeper(disk.afterCut(.forgetful))
        #expect(Set(try again.poll().map(\.caseID)) == ["b", "c"])
    }

    @Test("a full log is followed by another that says what matters, and only that")
    func fullLog() throws {
        var writer = try WriterAtHand(disk)
        let keeper = try openKeeper(disk)
        for number in 0..<600 {
            _ = try writer.commit(sampleCommit("m\(number)"))
            for item in try keeper.poll() {
                if number == 5 {
                    keeper.deferred(item.id, until: 9, reason: "later")
                } else {
                    keeper.delivered(item.id, recipients: item.recipients, note: "250")
                }
            }
            try keeper.flush()
        }
        #expect(disk.paths.filter { $0.hasSuffix(".log") }.count == 1)
        #expect(disk.paths.contains { $0.hasSuffix(".log") && !$0.hasSuffix("/2.log") })
        try keeper.flush(sync: true)
        let again = try openKeeper(disk.afterCut(.forgetful))
        #expect(try again.poll().map(\.caseID) == ["m5"])
    }

    @Test(
        "segment, log and store file of a newer version end the start, and nothing is changed",
        arguments: [0, 1, 2])
    func newerVersion(kind: Int) throws {
        let (keeper, ids) = try threeInFlight()
        try keeper.hold(ids[0], reason: "asked to")
        try keeper.close()
        let suffix = [".seg", ".log"]
        let path = try #require(
            disk.paths.first { kind == 2 ? $0.hasPrefix("state/queue/held/") : $0.hasSuffix(suffix[kind]) })
        var bytes = try #require(disk.contents(path))
        if kind == 2 {
            bytes = newer(bytes)
        } else {
            bytes[8] = 4
            bytes[2048 + 8] = 4
        }
        disk.setContents(path, bytes)
        let before = disk.paths.map { disk.contents($0) }
        #expect {
            try openKeeper(disk)
        } throws: {
            let error = $0 as? QueueError
            return error?.code == .unknownVersion && error?.isTransient == false
                && error?.description.hasPrefix("a newer version wrote this queue: \(path) ") == true
                && error?.description.hasSuffix("; nothing was changed, update this gateway") == true
        }
        #expect(disk.paths.map { disk.contents($0) } == before)
    }

    @Test("a segment of an older version ends the start with what to do, and nothing is changed")
    func olderVersion() throws {
        let (keeper, _) = try threeInFlight()
        try keeper.close()
        let path = try #require(disk.paths.first { $0.hasSuffix(".seg") })
        var bytes = try #require(disk.contents(path))
        bytes[8] = 1
        bytes[2048 + 8] = 1
        disk.setContents(path, bytes)
        let before = disk.paths.map { disk.contents($0) }
        #expect {
            try openKeeper(disk)
        } throws: {
            let error = $0 as? QueueError
            return error?.code == .unknownVersion && error?.isTransient == false
                && error?.description.hasPrefix(
                    "an older version wrote this queue: \(path) has format 1, this version reads 2 and 3; nothing was changed"
                ) == true
        }
        #expect(disk.paths.map { disk.contents($0) } == before)
    }

    /// A store file as version 3 would write it, its checksum right.
    private func newer(_ bytes: [UInt8]) -> [UInt8] {
        guard case .head(var head, let length) = StoreHead.read(bytes) else { return bytes }
        head.reason = ""
        let text = String(decoding: head.encode(reasonOctetsMax: 400), as: UTF8.self)
            .replacing("postern-entry: 1", with: "postern-entry: 3")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let end = lines.firstIndex { $0.hasPrefix("head-crc32c") } ?? 2
        let summed = ([lines[0]] + lines[2..<end]).map { "\($0)\n" }.joined()
        let sum = Array(summed.utf8).withUnsafeBytes { Checksum.of($0) }
        let head2 = lines[..<end].joined(separator: "\n") + "\nhead-crc32c: \(String(sum, radix: 16))\n\n"
        return Array(head2.utf8) + bytes[length...]
    }

    @Test("files of others in our folders are reported and left alone")
    func foreignFiles() throws {
        let (keeper, _) = try threeInFlight()
        try keeper.close()
        disk.plant("state/queue/held/00/README", [1])
        disk.plant("state/spool/notes", [2])
        disk.plant("state/spool/0/abc.seg", [3])
        disk.plant("state/spool/0/bodies/README", [4])
        let again = try openKeeper(disk)
        #expect(try again.poll().count == 3)
        #expect(again.report.findings.map(\.kind) == [.damaged, .damaged])
        for path in ["state/queue/held/00/README", "state/spool/notes", "state/spool/0/abc.seg"] {
            #expect(disk.contents(path) != nil)
        }
        #expect(disk.contents("state/spool/0/bodies/README") != nil)
    }

    @Test("the lists and counts say what is where")
    func usage() throws {
        let (keeper, ids) = try threeInFlight()
        keeper.deferred(ids[0], until: 9, reason: "later")
        try keeper.flush()
        try keeper.hold(ids[1], reason: "asked to")
        let usage = keeper.usage
        #expect(usage.owedEntries == 1)
        #expect(usage.owedOctets == 300)
        #expect(usage.heldEntries == 1)
        #expect(usage.heldOctets == 300)
        #expect(usage.inFlightEntries == 1)
        #expect(usage.segments == 1)
        #expect(usage.spoolOctets == 24 << 10)
        #expect(keeper.list([.held]).map(\.caseID) == ["b"])
        #expect(keeper.list([.waiting]).map(\.caseID) == ["a"])
        #expect(keeper.list(allStates).count == 3)
    }
}

@Suite("Admission at MAIL FROM")
struct AdmissionTests {
    private let disk = newDisk()

    private func desk(_ change: (inout QueueLimits) -> Void = { _ in }) throws -> AdmissionDesk {
        var limits = smallLimits()
        change(&limits)
        for folder in ["state", "state/spool"] { try disk.makeFolder(folder) }
        return AdmissionDesk(disk: disk, layout: QueueLayout(root: "state"), limits: limits)
    }

    @Test("with room for the message and the reserve it is admitted")
    func admitted() throws {
        let desk = try desk()
        desk.renew(trouble: nil)
        #expect(desk.admits(octets: 1_000, holding: true) == .admitted)
    }

    @Test("the reserve is kept, and what is on its way counts")
    func reserve() throws {
        let desk = try desk { $0.reserveOctets = 10_000 }
        disk.leave(DiskSpace(freeOctets: 12_000, freeFiles: nil))
        desk.renew(trouble: nil)
        #expect(desk.admits(octets: 2_000, holding: false) == .admitted)
        let refusal = "our disk is nearly full: 12000 octets are free, 10000 are kept in reserve"
        #expect(desk.admits(octets: 2_001, holding: false) == .refused(refusal))
        desk.handedIn(octets: 1_500)
        #expect(desk.admits(octets: 501, holding: false) == .refused(refusal))
        desk.answered(octets: 1_500)
        #expect(desk.admits(octets: 501, holding: false) == .refused(refusal))
        disk.leave(DiskSpace(freeOctets: 20_000, freeFiles: nil))
        desk.renew(trouble: nil)
        #expect(desk.admits(octets: 501, holding: false) == .admitted)
    }

    @Test("a disk without files left is full too")
    func files() throws {
        let desk = try desk()
        disk.leave(DiskSpace(freeOctets: 1 << 40, freeFiles: 9))
        desk.renew(trouble: nil)
        #expect(
            desk.admits(octets: 1, holding: false)
                == .refused("our disk is nearly out of files: 9 can still be made"))
    }

    @Test("a disk that stands still refuses before memory is full")
    func pending() throws {
        let desk = try desk { $0.pendingOctetsMax = 100 }
        desk.renew(trouble: nil)
        desk.handedIn(octets: 90)
        #expect(
            desk.admits(octets: 20, holding: false)
                == .refused("our disk is slow: 90 octets wait to be synced"))
    }

    @Test("held mail at its quota refuses what is to be held, and only that")
    func heldQuota() throws {
        let desk = try desk { $0.heldOctetsMax = 1_000 }
        try StoredUsage(owedOctets: 0, heldOctets: 900).write(layout: QueueLayout(root: "state"), disk: disk)
        desk.renew(trouble: nil)
        #expect(desk.admits(octets: 200, holding: false) == .admitted)
        #expect(
            desk.admits(octets: 200, holding: true)
                == .refused("held mail is at its quota: 900 of 1000 octets"))
    }

    @Test("waiting mail and the spool have quotas of their own")
    func otherQuotas() throws {
        let desk = try desk {
            $0.owedOctetsMax = 1_000
            $0.spoolOctetsMax = 30 << 10
        }
        try StoredUsage(owedOctets: 1_001, heldOctets: 0).write(
            layout: QueueLayout(root: "state"), disk: disk)
        desk.renew(trouble: nil)
        #expect(
            desk.admits(octets: 1, holding: false)
                == .refused("waiting mail is at its quota: 1001 of 1000 octets"))
        try StoredUsage().write(layout: QueueLayout(root: "state"), disk: disk)
        var writer = try WriterAtHand(disk)
        _ = try writer.commit(sampleCommit("m", octets: 5_000))
        desk.renew(trouble: nil)
        #expect(
            desk.admits(octets: 2_000, holding: false)
                == .refused("the spool is at its quota: \(24 * 1_024 + 5_000) of 30720 octets"))
    }

    @Test(
        "while no segment can be opened everything is refused with the reason"
    )
    func fullAtStart() throws {
        for folder in ["state", "state/spool", "state/spool/0", "state/spool/0/bodies"] {
            try disk.makeFolder(folder)
        }
        disk.failAll("preallocate", with: ENOSPC)
        var limits = smallLimits()
        limits.admissionRenewMs = 10
        let answers = Answers()
        let spool = try Spool(root: "state", slot: "0", disk: disk, limits: limits) { answers.take($0) }
        #expect(
            spool.admits(octets: 1)
                == .refused(
                    "our disk is full while a segment of slot 0 was opened "
                        + "(preallocate state/spool/0: No space left on device)"))
        spool.commit(sampleCommit("early"), token: 1)
        spool.commit(sampleCommit("early-large", octets: 5_000), token: 2)
        for answer in try answers.next(2).values {
            #expect(throws: QueueError.self) { try answer.get() }
        }
        disk.failNothing()
        let system = SystemDisk()
        let start = system.monotonicMs()
        while spool.admits(octets: 1) != .admitted {
            try #require(system.monotonicMs() - start < 30_000)
            disk.advance(ms: 5)
            sched_yield()
        }
        spool.commit(sampleCommit("later-large", octets: 5_000), token: 3)
        _ = try #require(try answers.next(1)[3]).get()
        spool.close()
    }

    @Test("what the keeper holds reaches admission through its usage file")
    func published() throws {
        var writer = try WriterAtHand(disk)
        let commit = sampleCommit("m", entries: [(["a@x.example"], .hold(channel: "c", reason: "virus"))])
        _ = try writer.commit(commit)
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        disk.advance(ms: 2_000)
        try keeper.flush()
        #expect(
            StoredUsage.read(layout: QueueLayout(root: "state"), disk: disk)
                == StoredUsage(owedOctets: 0, heldOctets: 300))
    }
}
