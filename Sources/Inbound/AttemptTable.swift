// SPDX-License-Identifier: MIT

internal import CPostern
internal import Glibc

/// Which messages are being judged right now, where the death of this process doesn't erase it (promise P11).
///
/// One file, mapped by every worker; each slot has a region that only its worker writes. A worker that starts
/// finds in its region what its predecessor was judging when it died, and counts a death for each. A message
/// that has died twice, or overrun its budget three times, isn't looked into again: it is held whole.
package final class AttemptTable {
    /// Slots of one file.
    package static let slotsMax = 64
    /// Messages judged at once by one worker, and kept suspicions, together.
    package static let entriesPerSlot = 512
    /// Deaths after which a message isn't looked into again: one may be another message's fault or a kill by
    /// hand.
    package static let deathsMax = 2
    /// Overrun time budgets after which it isn't: a busy machine explains one or two.
    package static let overrunsMax = 3
    /// A suspicion is dropped after this long, in seconds: the client has given up by then.
    package static let keepSeconds: Int64 = 5 * 86_400

    /// Words of one entry: four of the key, then state, deaths, overruns, time.
    private static let words = 8
    private enum State {
        static let free: UInt64 = 0
        static let judging: UInt64 = 1
        static let suspected: UInt64 = 2
    }

    private let base: UnsafeMutablePointer<UInt64>
    private let octets: Int
    private let slot: Int
    private var nextFree = 0

    /// SHA-256 of envelope and body as four words.
    package struct Key: Hashable, Sendable {
        fileprivate let first: UInt64
        fileprivate let second: UInt64
        fileprivate let third: UInt64
        fileprivate let fourth: UInt64

        /// Of a digest shorter than 32 octets the missing ones are zero.
        package init(digest: [UInt8]) {
            first = Self.word(digest, 0)
            second = Self.word(digest, 8)
            third = Self.word(digest, 16)
            fourth = Self.word(digest, 24)
        }

        fileprivate init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
            self.first = first
            self.second = second
            self.third = third
            self.fourth = fourth
        }

        private static func word(_ digest: [UInt8], _ start: Int) -> UInt64 {
            var word: UInt64 = 0
            for index in start..<start + 8 {
                word = word << 8 | (index < digest.count ? UInt64(digest[index]) : 0)
            }
            return word
        }
    }

    package enum Admission: Equatable {
        /// Judge it, then call `end` with the ticket.
        case judge(ticket: Int)
        /// Don't look inside; hold it, for this reason.
        case poisoned(String)
        /// Too many are being judged.
        case full
    }

    /// `slot` is 0..<slotsMax. What the predecessor in this slot was judging counts as a death each.
    package init(path: String, slot: Int, now: Int64) throws(AttemptTableError) {
        guard (0..<Self.slotsMax).contains(slot) else {
            throw AttemptTableError(path: path, reason: "slot \(slot) is beyond \(Self.slotsMax - 1)")
        }
        self.slot = slot
        octets = Self.slotsMax * Self.entriesPerSlot * Self.words * MemoryLayout<UInt64>.stride
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw AttemptTableError(path: path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        // With its blocks: a write into a hole would end this process when the disk is full.
        let code = posix_fallocate(file, 0, off_t(octets))
        guard code == 0 else { throw AttemptTableError(path: path, reason: String(cString: strerror(code))) }
        guard
            let memory = mmap(nil, octets, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { throw AttemptTableError(path: path, reason: String(cString: strerror(errno))) }
        base = memory.bindMemory(to: UInt64.self, capacity: octets / MemoryLayout<UInt64>.stride)
        var heirs: [Key: UnsafeMutablePointer<UInt64>] = [:]
        for index in 0..<Self.entriesPerSlot { inherit(entry(slot, index), now: now, &heirs) }
    }

    deinit { munmap(base, octets) }

    /// `heirs`: entries that have inherited this death. A message that was being judged twice at once has
    /// died once.
    private func inherit(
        _ entry: UnsafeMutablePointer<UInt64>, now: Int64, _ heirs: inout [Key: UnsafeMutablePointer<UInt64>]
    ) {
        switch read(entry, 4) {
        case State.judging:
            let key = Key(read(entry, 0), read(entry, 1), read(entry, 2), read(entry, 3))
            if let heir = heirs[key] {
                write(heir, 5, read(heir, 5) &+ read(entry, 5))
                write(heir, 6, read(heir, 6) &+ read(entry, 6))
                write(entry, 4, State.free)
                return
            }
            heirs[key] = entry
            write(entry, 5, read(entry, 5) &+ 1)
            write(entry, 7, UInt64(clamping: max(1, now)))
            write(entry, 4, State.suspected)
        case State.suspected where now &- Int64(clamping: read(entry, 7)) > Self.keepSeconds:
            write(entry, 4, State.free)
        default:
            break
        }
    }

    /// Before judging. What other workers suspect counts too.
    package func begin(_ key: Key, now: Int64) -> Admission {
        var deaths: UInt64 = 0
        var overruns: UInt64 = 0
        var mine: Int?
        for other in 0..<Self.slotsMax {
            for index in 0..<Self.entriesPerSlot {
                let entry = entry(other, index)
                guard read(entry, 0) == key.first, read(entry, 4) == State.suspected, matches(entry, key)
                else {
                    // Regions fill from the front: the first entry never used ends the region.
                    if read(entry, 7) == 0 { break }
                    continue
                }
                deaths &+= read(entry, 5)
                overruns &+= read(entry, 6)
                if other == slot { mine = index }
            }
        }
        if deaths >= Self.deathsMax { return .poisoned("\(deaths) processes died judging this message") }
        if overruns >= Self.overrunsMax {
            return .poisoned("judging this message overran its time \(overruns) times")
        }
        guard let ticket = mine ?? freeEntry() else { return .full }
        let entry = entry(slot, ticket)
        if mine == nil {
            write(entry, 0, key.first)
            write(entry, 1, key.second)
            write(entry, 2, key.third)
            write(entry, 3, key.fourth)
            write(entry, 5, 0)
            write(entry, 6, 0)
        }
        write(entry, 7, UInt64(clamping: max(1, now)))
        write(entry, 4, State.judging)
        return .judge(ticket: ticket)
    }

    /// The judgement is made. One that took too long is kept as a suspicion. Answers whether there is one
    /// now, to be forgotten when the message is dealt with.
    @discardableResult
    package func end(ticket: Int, overran: Bool) -> Bool {
        guard (0..<Self.entriesPerSlot).contains(ticket) else { return false }
        let entry = entry(slot, ticket)
        if overran { write(entry, 6, read(entry, 6) &+ 1) }
        let isSuspected = read(entry, 5) > 0 || read(entry, 6) > 0
        write(entry, 4, isSuspected ? State.suspected : State.free)
        if !isSuspected { nextFree = min(nextFree, ticket) }
        return isSuspected
    }

    /// The message was dealt with: no suspicion of this slot is left.
    package func forget(_ key: Key) {
        for index in 0..<Self.entriesPerSlot where matches(entry(slot, index), key) {
            if read(entry(slot, index), 4) == State.suspected { write(entry(slot, index), 4, State.free) }
        }
        nextFree = 0
    }

    /// A free entry, else that of the oldest suspicion: hundreds of messages that overran their time, say
    /// because a scanner hung, must not keep the mail behind them from being judged. Nil where all are being
    /// judged.
    private func freeEntry() -> Int? {
        while nextFree < Self.entriesPerSlot {
            if read(entry(slot, nextFree), 4) == State.free { return nextFree }
            nextFree += 1
        }
        var oldest: (index: Int, time: UInt64)?
        for index in 0..<Self.entriesPerSlot {
            let entry = entry(slot, index)
            switch read(entry, 4) {
            case State.free: return index
            case State.suspected where read(entry, 7) < oldest?.time ?? .max: oldest = (index, read(entry, 7))
            default: continue
            }
        }
        return oldest?.index
    }

    private func entry(_ slot: Int, _ index: Int) -> UnsafeMutablePointer<UInt64> {
        base + (slot * Self.entriesPerSlot + index) * Self.words
    }

    private func matches(_ entry: UnsafeMutablePointer<UInt64>, _ key: Key) -> Bool {
        read(entry, 0) == key.first && read(entry, 1) == key.second && read(entry, 2) == key.third
            && read(entry, 3) == key.fourth
    }

    private func read(_ entry: UnsafeMutablePointer<UInt64>, _ word: Int) -> UInt64 {
        postern_counter_read(entry + word)
    }

    private func write(_ entry: UnsafeMutablePointer<UInt64>, _ word: Int, _ value: UInt64) {
        postern_counter_set(entry + word, value)
    }
}

/// The attempt table can't be used.
package struct AttemptTableError: Error, CustomStringConvertible {
    package let path: String
    package let reason: String
    package var description: String {
        "attempt table \(path): \(reason); check that the state folder is writable and its disk not full"
    }
}
