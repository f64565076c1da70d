// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import DurableQueue

@Suite("A flipped bit costs one message at most")
struct BitFlipTests {
    private let names = ["first", "second", "third"]

    /// A disk with three messages in a closed segment; its path, and where its records end.
    private func threeMessages() throws -> (disk: ForgetfulDisk, path: String, end: Int) {
        let disk = newDisk()
        var limits = smallLimits()
        limits.segmentOctets = 8 << 10
        var writer = try WriterAtHand(disk, limits: limits)
        for name in names { _ = try writer.commit(sampleCommit(name, octets: 120)) }
        writer.writer.close()
        let path = try #require(disk.paths.first { $0.hasSuffix(".seg") })
        let bytes = try #require(disk.contents(path))
        return (disk, path, (bytes.lastIndex { $0 != 0 } ?? 0) + 1)
    }

    /// The cases of those messages that a new keeper finds whole; anything else it finds is recorded as an
    /// issue.
    private func found(on disk: ForgetfulDisk, _ what: String) throws -> Set<String> {
        let keeper = try openKeeper(disk)
        var whole: Set<String> = []
        for item in try keeper.poll() {
            let content = try keeper.open(item.id)
            if outgoing(content) == sampleBody(item.caseID, octets: 120) {
                whole.insert(item.caseID)
            } else {
                Issue.record("\(what): \(item.caseID) is not as it was")
            }
        }
        return whole
    }

    @Test(
        "in any octet of a closed segment: the other messages are delivered, and a finding says what was lost"
    )
    func everyOctet() throws {
        let (disk, path, end) = try threeMessages()
        let bytes = try #require(disk.contents(path))
        for place in 0..<end {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8(place % 8)
            let copy = disk.afterCut(.processOnly)
            copy.setContents(path, flipped)
            let keeper = try openKeeper(copy)
            let whole = Set(try keeper.poll().map(\.caseID))
            // Padding between records belongs to none.
            let isDamaged = keeper.report.findings.contains { $0.kind == .damaged }
            #expect(whole.count == (isDamaged ? 2 : 3), "octet \(place): \(whole)")
            #expect(place >= 4096 || whole.count == 3, "octet \(place)")
        }
    }

    @Test("what was isolated is kept in damaged/, and a second start finds it isolated already")
    func isolated() throws {
        let (disk, path, _) = try threeMessages()
        var bytes = try #require(disk.contents(path))
        bytes[4096 + 60] ^= 1
        disk.setContents(path, bytes)
        let keeper = try openKeeper(disk)
        let kept = try #require(disk.paths.first { $0.hasPrefix("state/queue/damaged/") })
        let length = try #require(disk.contents(kept)).count
        #expect(disk.contents(kept) == Array(bytes[4096..<(4096 + length)]))
        #expect(keeper.report.findings.map(\.kind) == [.damaged])
        for item in try keeper.poll() { keeper.delivered(item.id, recipients: item.recipients, note: "250") }
        try keeper.flush(sync: true)
        #expect(disk.contents(path) == nil)
        try keeper.close()
        #expect(try openKeeper(disk).report.findings == [])
    }

    @Test("while the entry is in memory: it is held with the reason, not sent and not retried")
    func whileInMemory() throws {
        let (disk, path, _) = try threeMessages()
        let keeper = try openKeeper(disk)
        let items = try keeper.poll()
        var bytes = try #require(disk.contents(path))
        bytes[4096 + 60] ^= 1
        disk.setContents(path, bytes)
        #expect {
            try keeper.open(items[0].id)
        } throws: {
            ($0 as? QueueError)?.code == .damaged
        }
        #expect(keeper.item(items[0].id)?.state == .held)
        #expect(keeper.item(items[0].id)?.reason.contains("is not what was written") == true)
        #expect(outgoing(try keeper.open(items[1].id)) == sampleBody("second", octets: 120))
        #expect(try keeper.delete(items[0].id) == .deleted)
    }

    @Test("in any octet of the log: the start succeeds and nothing is lost")
    func everyOctetOfTheLog() throws {
        let (disk, _, _) = try threeMessages()
        var limits = smallLimits()
        limits.logOctets = 8 << 10
        let keeper = try openKeeper(disk, limits: limits)
        let items = try keeper.poll()
        keeper.delivered(items[0].id, recipients: items[0].recipients, note: "250")
        keeper.deferred(items[1].id, until: 9, reason: "later")
        try keeper.flush(sync: true)
        let path = try #require(disk.paths.first { $0.hasSuffix(".log") })
        let bytes = try #require(disk.contents(path))
        let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        for place in 0..<end {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8(place % 8)
            let copy = disk.afterCut(.processOnly)
            copy.setContents(path, flipped)
            // The delivered one may come again; the others must be there.
            let whole = try found(on: copy, "log octet \(place)")
            #expect(whole.isSuperset(of: ["second", "third"]), "log octet \(place): \(whole)")
        }
    }

    @Test(
        "in any octet of a store file: the entry is found whole, or its file is set aside"
    )
    func everyOctetOfAStoreFile() throws {
        let disk = newDisk()
        var writer = try WriterAtHand(disk)
        let hold = Debt.hold(channel: "tcp_local", reason: "virus")
        _ = try writer.commit(sampleCommit("held", octets: 120, entries: [(["a@x.example"], hold)]))
        writer.writer.close()
        let keeper = try openKeeper(disk)
        _ = try keeper.poll()
        try keeper.close()
        let path = try #require(disk.paths.first { $0.hasPrefix("state/queue/held/") })
        let bytes = try #require(disk.contents(path))
        for place in bytes.indices {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8(place % 8)
            let copy = disk.afterCut(.processOnly)
            copy.setContents(path, flipped)
            let keeper = try openKeeper(copy)
            guard let item = keeper.list([.held]).first else {
                #expect(keeper.report.findings.contains { $0.kind == .damaged }, "octet \(place)")
                #expect(copy.paths.contains { $0.hasPrefix("state/queue/damaged/held-") }, "octet \(place)")
                continue
            }
            do throws(QueueError) {
                let content = try keeper.open(item.id)
                #expect(outgoing(content) == sampleBody("held", octets: 120), "octet \(place)")
            } catch {
                #expect(error.code == .damaged, "octet \(place)")
            }
        }
    }

    @Test("in any octet of the mark or of the generation's file: the start succeeds and nothing is lost")
    func smallFiles() throws {
        let (disk, path, _) = try threeMessages()
        for small in ["state/spool/generation", path.replacing(".seg", with: ".mark")] {
            let bytes = try #require(disk.contents(small))
            for place in bytes.indices {
                var flipped = bytes
                flipped[place] ^= 1 << UInt8(place % 8)
                let copy = disk.afterCut(.processOnly)
                copy.setContents(small, flipped)
                #expect(try found(on: copy, "\(small) octet \(place)") == Set(names))
                var writer = try WriterAtHand(copy)
                let id = try writer.commit(sampleCommit("later"))
                #expect(copy.paths.filter { $0.hasSuffix(".seg") }.count == 2)
                #expect(!path.hasSuffix("/\(String(id.generation, radix: 16)).seg"))
            }
        }
    }

    @Test("a record of one segment is none in another, and none in a message's body")
    func transplanted() throws {
        let (disk, path, end) = try threeMessages()
        let bytes = try #require(disk.contents(path))
        // A message whose body is the other segment, records and all, in a segment whose first record is
        // damaged.
        var writer = try WriterAtHand(disk)
        var commit = sampleCommit("carrier")
        commit.body = MessageBytes(Array(bytes[4096..<end]))
        commit.editions = [.unchanged(octets: commit.body.count)]
        let id = try writer.commit(commit)
        _ = try writer.commit(sampleCommit("behind", octets: 120))
        writer.writer.close()
        let carrier = "state/spool/0/\(String(id.generation, radix: 16)).seg"
        var changed = try #require(disk.contents(carrier))
        changed[4096 + 8] ^= 1
        disk.setContents(carrier, changed)
        disk.removeForGood(path)
        #expect(try found(on: disk, "carrier") == ["behind"])
    }
}
