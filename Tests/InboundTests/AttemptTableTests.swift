// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

@testable import Inbound

@Suite("P11: what was being judged when a process died")
final class AttemptTableTests {
    private let folder: String
    private var path: String { folder + "/attempts" }
    private let now: Int64 = 1_792_976_000

    init() throws {
        var template = Array("/tmp/postern-attempts-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // A folder that can't be removed is the system's to clean.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A worker of this slot. Whoever opens the table again is the successor of one that died.
    private func worker(_ slot: Int = 0, at time: Int64? = nil) throws -> AttemptTable {
        try AttemptTable(path: path, slot: slot, now: time ?? now)
    }

    private func key(_ number: Int) -> AttemptTable.Key {
        AttemptTable.Key(digest: (0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 % 8 * 8)) })
    }

    private func ticket(_ table: AttemptTable, _ number: Int) throws -> Int {
        guard case .judge(let ticket) = table.begin(key(number), now: now) else {
            throw POSIXError(.EAGAIN)
        }
        return ticket
    }

    private func isPoisoned(_ table: AttemptTable, _ number: Int, at time: Int64? = nil) -> Bool {
        if case .poisoned = table.begin(key(number), now: time ?? now) { true } else { false }
    }

    @Test("a message that was judged leaves nothing behind")
    func clean() throws {
        for _ in 0..<5 {
            let table = try worker()
            #expect(!table.end(ticket: try ticket(table, 1), overran: false))
        }
        #expect(try ticket(try worker(), 1) == 0)
    }

    @Test("after two deaths the next attempt is held whole, with the reason")
    func deaths() throws {
        _ = try ticket(try worker(), 1)
        _ = try ticket(try worker(), 1)
        let third = try worker()
        #expect(
            third.begin(key(1), now: now) == .poisoned("2 processes died judging this message"))
        #expect(!isPoisoned(third, 2))
    }

    @Test("one death is not enough, and what it left is known to be suspected")
    func oneDeath() throws {
        _ = try ticket(try worker(), 1)
        let table = try worker()
        #expect(table.end(ticket: try ticket(table, 1), overran: false))
        #expect(try ticket(try worker(), 1) == 0)
    }

    @Test("all that were being judged at a death are suspected, others are not")
    func allOfThem() throws {
        for _ in 0..<2 {
            let table = try worker()
            for number in 1...20 { _ = try ticket(table, number) }
            table.end(ticket: try ticket(table, 99), overran: false)
        }
        let table = try worker()
        for number in 1...20 { #expect(isPoisoned(table, number)) }
        #expect(!isPoisoned(table, 99))
    }

    @Test("a message that was being judged twice at once has died once")
    func twiceAtOnce() throws {
        let table = try worker()
        _ = try ticket(table, 1)
        _ = try ticket(table, 1)
        let successor = try worker()
        #expect(!isPoisoned(successor, 1))
        #expect(isPoisoned(try worker(), 1))
    }

    @Test("three overrun budgets poison, two don't")
    func overruns() throws {
        let table = try worker()
        for _ in 0..<2 { #expect(table.end(ticket: try ticket(table, 1), overran: true)) }
        let third = try ticket(table, 1)
        table.end(ticket: third, overran: true)
        #expect(
            table.begin(key(1), now: now) == .poisoned("judging this message overran its time 3 times"))
        // Also for the successor of this worker.
        #expect(isPoisoned(try worker(), 1))
    }

    @Test("what other workers suspect counts too, across slots")
    func slots() throws {
        let three = try worker(3)
        _ = try ticket(try worker(0), 1)
        _ = try worker(0)
        #expect(!isPoisoned(three, 1))
        // It dies judging it, after another did.
        let successor = try worker(3)
        #expect(isPoisoned(successor, 1))
        #expect(isPoisoned(try worker(63), 1))
    }

    @Test("another worker that is still judging it is no suspicion")
    func stillJudging() throws {
        let zero = try worker(0)
        _ = try ticket(zero, 1)
        let one = try worker(1)
        _ = try ticket(one, 1)
        #expect(!isPoisoned(try worker(2), 1))
    }

    @Test("what was dealt with is forgotten")
    func forget() throws {
        _ = try ticket(try worker(), 1)
        _ = try ticket(try worker(), 1)
        let table = try worker()
        #expect(isPoisoned(table, 1))
        table.forget(key(2))
        #expect(isPoisoned(table, 1))
        table.forget(key(1))
        #expect(!isPoisoned(table, 1))
    }

    @Test("a suspicion is dropped after five days, not before")
    func age() throws {
        let day: Int64 = 86_400
        _ = try ticket(try worker(), 1)
        _ = try ticket(try worker(), 1)
        // The successor counts the second death: from there on the days pass.
        #expect(isPoisoned(try worker(), 1))
        #expect(isPoisoned(try worker(at: now + 4 * day), 1))
        #expect(isPoisoned(try worker(at: now + 5 * day), 1))
        #expect(!isPoisoned(try worker(at: now + 5 * day + 1), 1))
    }

    @Test("when all places are being judged in, it is full; one that ends makes room")
    func full() throws {
        let table = try worker()
        for number in 0..<AttemptTable.entriesPerSlot { #expect(try ticket(table, number) == number) }
        #expect(table.begin(key(-1), now: now) == .full)
        #expect(try ticket(try worker(1), -1) == 0)
        table.end(ticket: 300, overran: false)
        #expect(try ticket(table, -1) == 300)
        #expect(table.begin(key(-2), now: now) == .full)
    }

    @Test("suspicions make room, the oldest first: they must not keep other mail from being judged")
    func oldest() throws {
        let table = try worker()
        for number in 0..<AttemptTable.entriesPerSlot {
            guard case .judge(let ticket) = table.begin(key(number), now: now + Int64((number + 7) % 512))
            else {
                Issue.record("full at \(number)")
                return
            }
            table.end(ticket: ticket, overran: true)
        }
        #expect(try ticket(table, 9_999) == AttemptTable.entriesPerSlot - 7)
    }

    @Test("places are used again from the front")
    func reuse() throws {
        let table = try worker()
        for _ in 0..<3_000 { #expect(try ticket(table, 1) == 0 && !table.end(ticket: 0, overran: false)) }
        table.end(ticket: -1, overran: true)
        table.end(ticket: AttemptTable.entriesPerSlot, overran: true)
    }

    @Test("a table full of nonsense is no reason to crash")
    func nonsense() throws {
        _ = try worker()
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        for octet in [0xFF, 0x01, 0x02] as [UInt8] {
            try handle.seek(toOffset: 0)
            try handle.write(contentsOf: Data(repeating: octet, count: 2 << 20))
            let table = try worker(5)
            _ = table.begin(key(1), now: now)
            _ = table.begin(AttemptTable.Key(digest: [UInt8](repeating: octet, count: 32)), now: -5)
            table.forget(key(1))
            _ = try worker(5, at: .min)
        }
        try handle.close()
    }

    @Test("a digest that is too short is still a key")
    func shortDigest() {
        #expect(AttemptTable.Key(digest: []) == AttemptTable.Key(digest: [UInt8](repeating: 0, count: 32)))
        #expect(AttemptTable.Key(digest: [1]) != AttemptTable.Key(digest: [2]))
    }

    @Test("a slot beyond the table, and a path that can't be, are said")
    func mistakes() throws {
        for slot in [-1, AttemptTable.slotsMax] {
            let error = #expect(throws: AttemptTableError.self) { _ = try self.worker(slot) }
            #expect(error?.description.contains("slot \(slot) is beyond 63") == true)
        }
        let error = #expect(throws: AttemptTableError.self) {
            _ = try AttemptTable(path: self.folder + "/absent/attempts", slot: 0, now: self.now)
        }
        #expect(
            error?.description
                == "attempt table \(folder)/absent/attempts: No such file or directory; check that the "
                + "state folder is writable and its disk not full")
    }
}
