// SPDX-License-Identifier: MIT
internal import CPostern
import Mail
import Testing

@testable import DurableQueue

@Suite("Identities as text")
struct IdentityTests {
    @Test("a message's id comes back from its text")
    func messageRoundTrip() {
        for id in [
            MessageID(generation: 0, offset: 0), MessageID(generation: 1 << 50, offset: 4096),
            MessageID(generation: .max, offset: .max),
        ] {
            #expect(MessageID(id.description) == id)
        }
    }

    @Test(
        "other texts are no message's id",
        arguments: [
            "", "-", "1", "1-", "-1", "01-1", "1-00", "A-1", "1-1-1", "11111111111111111-1", "+1-1", "1-1 ",
        ])
    func messageRefused(text: String) { #expect(MessageID(text) == nil) }

    @Test("an entry's id comes back from its text")
    func entryRoundTrip() {
        let id = EntryID(message: MessageID(generation: 0xABC, offset: 0x1000), index: 1_000)
        #expect(id.description == "abc-1000.1000")
        #expect(EntryID(id.description) == id)
    }

    @Test(
        "other texts are no entry's id",
        arguments: ["", "a-1", "a-1.", "a-1.01", "a-1.x", "a-1.-1", "a-1.1234567"])
    func entryRefused(text: String) { #expect(EntryID(text) == nil) }
}

@Suite("CRC32C (RFC 3720 appendix B.4)")
struct ChecksumTests {
    @Test("the appendix's test patterns have the sums that it gives")
    func vectors() {
        #expect(sum(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(sum(Array(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(sum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
        #expect(sum(Array("123456789".utf8)) == 0xE306_9283)
    }

    @Test("by instruction and by table it is the same sum, for every length, start and split")
    func bothWays() {
        var dice = Dice(seed: 3)
        let bytes = (0..<200).map { _ in UInt8(dice.below(256)) }
        bytes.withUnsafeBytes { all in
            for start in 0..<9 {
                for end in start...all.count {
                    let part = UnsafeRawBufferPointer(rebasing: all[start..<end])
                    let one = postern_crc32c(7, part.baseAddress, part.count)
                    let middle = part.count / 3
                    var split = postern_crc32c_by_table(7, part.baseAddress, middle)
                    let rest = UnsafeRawBufferPointer(rebasing: part[middle...])
                    split = postern_crc32c_by_table(split, rest.baseAddress, rest.count)
                    #expect(one == split)
                }
            }
        }
    }

    private func sum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { Checksum.of($0) } }
}

@Suite("A segment's head")
struct SegmentHeadTests {
    private let head = SegmentHead(
        content: .spool, generation: 77, salt: 0x1234_5678_9ABC_DEF0, writer: 70, madeSeconds: 1_763_000_000,
        octets: 1 << 26)

    private var page: [UInt8] {
        var buffer = RecordBuffer(capacity: 16)
        head.encode(into: &buffer)
        return Array(buffer.bytes)
    }

    private func read(_ bytes: [UInt8], as content: SegmentHead.Content = .spool) -> SegmentHead.Reading {
        bytes.withUnsafeBytes { SegmentHead.read($0, content: content) }
    }

    @Test("it comes back as it was written")
    func roundTrip() {
        #expect(page.count == 4096)
        #expect(read(page) == .head(head))
    }

    @Test("any one flipped bit leaves it readable")
    func oneFlip() {
        let page = page
        for place in page.indices {
            var flipped = page
            flipped[place] ^= 1 << UInt8(place % 8)
            #expect(read(flipped) == .head(head), "octet \(place)")
        }
    }

    @Test("a version that both copies name is an unknown version, one that one copy names is damage")
    func versions() {
        var newer = page
        newer[8] = 9
        #expect(read(newer) == .head(head))
        newer[2048 + 8] = 9
        #expect(read(newer) == .unknownVersion(9))
    }

    @Test("a log is no segment, and a short or blank page is none either")
    func others() {
        #expect(read(page, as: .log) == .damaged)
        #expect(read([]) == .damaged)
        #expect(read(Array(page.prefix(63))) == .damaged)
        #expect(read(Array(repeating: 0, count: 4096)) == .damaged)
    }
}

@Suite("A commit's record")
struct CommitRecordTests {
    private var commit: Commit {
        var commit = sampleCommit(
            "all",
            entries: [
                (["a@x.example", "b@x.example"], .deliver(channel: "tcp_local")),
                (["c@x.example"], .hold(channel: "tcp_intranet", reason: "virus")),
            ], editions: [Edition(pieces: [.inserted(Array("X-New: 1\r\n".utf8)), .original(0..<100)])])
        commit.editions.append(.unchanged(octets: commit.body.count))
        commit.entries[1].edition = 1
        commit.entries[1].sender = .address(address("other@x.example"))
        commit.entries.append(
            CommitEntry(
                recipients: [address("d@x.example")], debt: .deliver(channel: "tcp_local"), edition: 2,
                sender: .null))
        commit.editions.append(Edition(pieces: [.inserted(Array("Subject: ours\r\n\r\n".utf8))]))
        commit.effects = MemoryQuestion.Purpose.allCases.map {
            .remember(MemoryQuestion(purpose: $0, owner: "a@x.example", key: "k"), seconds: 7 * 86_400)
        }
        commit.envelope.isEightBit = true
        return commit
    }

    private func encoded(_ commit: Commit, body: CommitRecord.BodyFile? = nil) -> [UInt8] {
        var buffer = RecordBuffer(capacity: 16)
        CommitRecord.encode(commit, body: body, into: &buffer)
        return Array(buffer.bytes)
    }

    @Test("it comes back as it was written")
    func roundTrip() throws {
        let commit = commit
        let bytes = encoded(commit)
        let record = try bytes.withUnsafeBytes { try CommitRecord($0, withContent: true) }
        #expect(record.caseID == "all")
        #expect(record.sender == commit.envelope.sender)
        #expect(record.isEightBit)
        #expect(record.arrived == commit.arrived)
        #expect(record.note == commit.note)
        #expect(record.editions == commit.editions)
        #expect(record.entries.map(\.recipients) == commit.entries.map(\.recipients))
        #expect(record.entries.map(\.debt) == commit.entries.map(\.debt))
        #expect(record.entries.map(\.edition) == [0, 1, 2])
        #expect(record.entries.map(\.octets) == [110, 300, 17])
        #expect(record.entries.map(\.sender) == [nil, .address(address("other@x.example")), .null])
        #expect(record.effects == commit.effects)
        #expect(record.bodyRange.map { Array(bytes[$0]) } == sampleBody("all", octets: 300))
    }

    @Test("the null sender and a body in a file come back too")
    func nullSender() throws {
        var commit = commit
        commit.envelope.sender = nil
        let file = CommitRecord.BodyFile(name: BodyName(writer: 5, number: 1).text, checksum: 9)
        let bytes = encoded(commit, body: file)
        let record = try bytes.withUnsafeBytes { try CommitRecord($0, withContent: false) }
        #expect(record.sender == nil)
        #expect(record.bodyName == "5-1")
        #expect(record.bodyChecksum == 9)
        #expect(record.bodyRange == nil)
    }

    @Test("cut anywhere it is malformed")
    func everyCut() {
        let bytes = encoded(commit)
        for length in 0..<bytes.count {
            #expect(throws: RecordBytes.Malformed.self) {
                try bytes[..<length].withUnsafeBytes { try CommitRecord($0, withContent: true) }
            }
        }
    }

    @Test("with any octet changed it is malformed or another commit, never a trap")
    func everyChange() {
        let bytes = encoded(commit)
        for place in bytes.indices {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                var changed = bytes
                changed[place] = value
                _ = try? changed.withUnsafeBytes { try CommitRecord($0, withContent: true) }
            }
        }
    }

    @Test(
        "a body's name never leads out of its folder",
        arguments: ["../../etc/passwd", "a/b", "", "1-1/", "1"])
    func bodyNames(name: String) {
        let bytes = encoded(commit, body: CommitRecord.BodyFile(name: name, checksum: 0))
        #expect(throws: RecordBytes.Malformed.self) {
            try bytes.withUnsafeBytes { try CommitRecord($0, withContent: false) }
        }
    }

    @Test("a commit beyond a limit, or in contradiction with itself, is refused before anything is written")
    func objections() {
        let limits = QueueLimits()
        func code(_ change: (inout Commit, inout QueueLimits) -> Void) -> QueueError.Code? {
            var (commit, limits) = (commit, limits)
            change(&commit, &limits)
            return CommitRecord.objection(to: commit, limits)?.code
        }
        #expect(code { _, _ in } == nil)
        #expect(code { commit, _ in commit.entries = [] } == .inconsistent)
        #expect(code { commit, _ in commit.entries[0].recipients = [] } == .inconsistent)
        #expect(code { commit, _ in commit.entries[0].edition = 3 } == .inconsistent)
        #expect(code { commit, _ in commit.editions[0].pieces = [.original(0..<301)] } == .inconsistent)
        #expect(code { _, limits in limits.messageOctetsMax = 299 } == .tooLarge)
        #expect(code { _, limits in limits.entriesMax = 1 } == .tooLarge)
        #expect(code { _, limits in limits.editionsMax = 1 } == .tooLarge)
        #expect(code { _, limits in limits.recipientsMax = 5 } == .tooLarge)
        #expect(code { _, limits in limits.piecesMax = 1 } == .tooLarge)
        #expect(code { _, limits in limits.recordMetaOctetsMax = 20 } == .tooLarge)
        #expect(code { _, limits in limits.effectsMax = 2 } == .tooLarge)
        let key = String(repeating: "k", count: 9 << 20)
        let long = MemoryQuestion(purpose: .duplicate, owner: "o", key: key)
        #expect(code { commit, _ in commit.effects = [.remember(long, seconds: 1)] } == .tooLarge)
    }

    @Test("too large is for good, and says by how much")
    func tooLargeText() {
        var limits = QueueLimits()
        limits.messageOctetsMax = 100
        let error = CommitRecord.objection(to: commit, limits)
        #expect(error?.description == "the message has 300 octets, the queue takes 100")
        #expect(error?.isTransient == false)
    }
}

@Suite("A store file's head")
struct StoreHeadTests {
    private let head = StoreHead(
        id: EntryID(message: MessageID(generation: 0xA1, offset: 0x1000), index: 1000), caseID: "c\\1\n2",
        reason: "451 4.3.0 later", arrived: 1_763_000_000, since: 1_763_000_001,
        sender: Address(localPart: "\"a @ b\"", domain: "x.example"), isEightBit: true, channel: "tcp_local",
        attempts: 3, nextAttempt: 1_763_000_900,
        recipients: [address("one@x.example"), Address(localPart: "a@b", domain: ""), address("Postmaster")],
        doneRecipients: [1], note: Array("{\"a\":\"\u{e9}\\\"}".utf8) + [0, 10, 255], splitFrom: 2,
        messageOctets: 12, messageChecksum: 0xABCD)

    @Test("it comes back as it was written")
    func roundTrip() throws {
        let bytes = head.encode(reasonOctetsMax: 40)
        guard case .head(let read, let length) = StoreHead.read(bytes + Array("Subject: x\r\n".utf8)) else {
            Issue.record("it could not be read")
            return
        }
        #expect(read == head)
        #expect(length == bytes.count)
    }

    @Test("it is text, one line per fact, and ends with a blank line")
    func readable() {
        let plain = StoreHead(
            id: EntryID(message: MessageID(generation: 0xA1, offset: 0x1000), index: 0), caseID: "C1",
            reason: "virus", arrived: 1, since: 2, sender: nil, isEightBit: false, channel: "tcp_local",
            attempts: 0,
            nextAttempt: 0, recipients: [address("one@x.example")], doneRecipients: [],
            note: Array("{}".utf8),
            messageOctets: 5, messageChecksum: 0x2A)
        #expect(
            String(decoding: plain.encode(reasonOctetsMax: 8), as: UTF8.self) == """
                postern-entry: 1
                reason: virus\u{20}\u{20}\u{20}
                id: a1-1000.0
                case: C1
                arrived: 1
                since: 2
                from: <>
                eight-bit: no
                channel: tcp_local
                attempts: 0
                next-attempt: 0
                recipient: one@x.example
                note: {}
                message-octets: 5
                message-crc32c: 2a
                head-crc32c: d8a691c6


                """)
    }

    @Test("the reason's line keeps its length, and the reason can be changed in place")
    func reasonInPlace() {
        var bytes = head.encode(reasonOctetsMax: 40)
        let line = StoreHead.reasonLine("another \\ one, longer than the line has room for", octetsMax: 40)
        bytes.replaceSubrange(StoreHead.reasonOffset..<(StoreHead.reasonOffset + line.count), with: line)
        guard case .head(let read, _) = StoreHead.read(bytes) else {
            Issue.record("it could not be read")
            return
        }
        #expect(read.reason == "another \\ one, longer than the line h")
    }

    @Test("with any octet changed it is damaged, incomplete, or differs in the reason only")
    func everyChange() {
        let bytes = head.encode(reasonOctetsMax: 40)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x41
            guard case .head(var read, _) = StoreHead.read(changed) else { continue }
            read.reason = head.reason
            #expect(read == head, "octet \(place)")
        }
    }

    @Test("cut anywhere it is incomplete")
    func everyCut() {
        let bytes = head.encode(reasonOctetsMax: 40)
        for length in 0..<bytes.count {
            guard case .incomplete = StoreHead.read(Array(bytes[..<length])) else {
                Issue.record("\(length) octets of it were taken for all")
                return
            }
        }
    }
}

@Suite("A state in the keeper's log")
struct LoggedStateTests {
    private let state = LoggedState(
        event: .deferred, place: .owed, attempts: 4, nextAttempt: 99, since: -1, doneRecipients: [0, 7],
        reason: "no")

    @Test("it comes back as it was written, and cut anywhere it is malformed")
    func roundTrip() throws {
        let id = EntryID(message: MessageID(generation: 9, offset: 8), index: 3)
        var buffer = RecordBuffer(capacity: 16)
        state.encode(id, into: &buffer)
        let bytes = Array(buffer.bytes)
        let read = try bytes.withUnsafeBytes { try LoggedState.decode($0) }
        #expect(read.id == id)
        #expect(read.state == state)
        for length in 0..<bytes.count {
            #expect(throws: RecordBytes.Malformed.self) {
                try bytes[..<length].withUnsafeBytes { _ = try LoggedState.decode($0) }
            }
        }
    }
}

@Suite("Retry schedule (RFC 5321 §4.5.4.1)")
struct RetryScheduleTests {
    private let schedule = RetrySchedule(delaysSeconds: [60, 120], lifetimeSeconds: 1_000)

    @Test("delays grow as the table says, and the last one repeats")
    func delays() {
        #expect(schedule.next(attempts: 1, since: 0, now: 10) == .again(at: 70))
        #expect(schedule.next(attempts: 2, since: 0, now: 10) == .again(at: 130))
        #expect(schedule.next(attempts: 9, since: 0, now: 10) == .again(at: 130))
    }

    @Test("after its lifetime an entry expires")
    func lifetime() {
        #expect(schedule.next(attempts: 5, since: 0, now: 999) == .again(at: 1_119))
        #expect(schedule.next(attempts: 5, since: 0, now: 1_000) == .expired)
    }

    @Test("a clock that went back, or to the end of time, expires nothing and doesn't trap")
    func clocks() {
        #expect(schedule.next(attempts: 1, since: 5_000, now: 10) == .again(at: 70))
        #expect(schedule.next(attempts: 1, since: .max, now: .min) == .again(at: .min + 60))
        #expect(schedule.next(attempts: 0, since: .min, now: 10) == .again(at: 70))
    }

    @Test("the default waits five minutes first and gives up after five days")
    func standard() {
        let schedule = RetrySchedule()
        #expect(schedule.next(attempts: 1, since: 0, now: 0) == .again(at: 300))
        #expect(schedule.next(attempts: 40, since: 0, now: 431_999) == .again(at: 435_599))
        #expect(schedule.next(attempts: 40, since: 0, now: 432_000) == .expired)
    }
}

@Suite("Options of an entry: RFC 3461, RFC 2852, conversion tags")
struct EntryOptionsTests {
    private var options: DeliveryOptions {
        var options = DeliveryOptions()
        options.notify = [.success, .delay]
        options.ret = .headers
        options.envelopeID = "QQ314159 \\ x"
        options.deliverBy = .init(deadline: 1_800_000_000, mode: .return, isTraced: true)
        options.originalRecipients = [
            .init(recipient: address("b@x.example"), text: "rfc822;old name@x.example")
        ]
        options.conversionTags = ["one", "two"]
        return options
    }

    private var commit: Commit {
        var commit = sampleCommit(
            "options",
            entries: [
                (["a@x.example"], .deliver(channel: "tcp_local")),
                (["a@x.example", "b@x.example"], .hold(channel: "tcp_local", reason: "asked to")),
            ])
        commit.entries[1].options = options
        return commit
    }

    @Test("they come back with their entry, and an entry without any has none")
    func roundTrip() throws {
        var buffer = RecordBuffer(capacity: 16)
        CommitRecord.encode(commit, body: nil, into: &buffer)
        let record = try CommitRecord(buffer.bytes, withContent: false)
        #expect(record.entries.map(\.options) == [DeliveryOptions(), options])
    }

    @Test("a record without options has the octets that it had in format 2, and every cut of one is refused")
    func compatible() throws {
        var plain = commit
        plain.entries[1].options = DeliveryOptions()
        var without = RecordBuffer(capacity: 16)
        CommitRecord.encode(plain, body: nil, into: &without)
        plain.entries[1].options = nil
        var none = RecordBuffer(capacity: 16)
        CommitRecord.encode(plain, body: nil, into: &none)
        #expect(Array(without.bytes) == Array(none.bytes))
        var with = RecordBuffer(capacity: 16)
        CommitRecord.encode(commit, body: nil, into: &with)
        #expect(with.count > none.count)
        for end in 0..<with.count {
            let cut = UnsafeRawBufferPointer(rebasing: with.bytes[..<end])
            #expect(throws: RecordBytes.Malformed.self) { try CommitRecord(cut, withContent: false) }
        }
    }

    @Test("a segment of format 2 is read, as it has no options")
    func olderSegment() throws {
        let disk = ForgetfulDisk()
        var hand = try WriterAtHand(disk)
        #expect(hand.commit([sampleCommit("old")]).allSatisfy { (try? $0.get()) != nil })
        let path = try #require(disk.paths.first { $0.hasSuffix(".seg") })
        var bytes = try #require(disk.contents(path))
        for copy in [0, 2_048] {
            bytes[copy + 8] = 2
            let summed = Array(bytes[(copy + 16)..<(copy + 64)])
            let sum = summed.withUnsafeBytes { Checksum.of($0, seed: 2) }
            for index in 0..<4 {
                bytes[copy + 12 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
            }
        }
        disk.setContents(path, bytes)
        let keeper = try openKeeper(disk)
        #expect(try keeper.poll().map(\.caseID) == ["old"])
    }

    @Test("a store file keeps them, and is of format 1 as long as it has none")
    func storeHead() throws {
        var head = StoreHead(
            id: EntryID(message: MessageID(generation: 1, offset: 4_096), index: 0), caseID: "c",
            reason: "later", arrived: 1, since: 2, sender: nil, isEightBit: false, channel: "tcp_local",
            attempts: 0, nextAttempt: 0, recipients: [address("a@x.example"), address("b@x.example")],
            doneRecipients: [], note: [], splitFrom: nil, messageOctets: 3, messageChecksum: 4)
        #expect(head.encode(reasonOctetsMax: 20).starts(with: Array("postern-entry: 1\n".utf8)))
        head.options = options
        let bytes = head.encode(reasonOctetsMax: 20)
        #expect(bytes.starts(with: Array("postern-entry: 2\n".utf8)))
        guard case .head(let read, _) = StoreHead.read(bytes) else {
            Issue.record("the head can't be read")
            return
        }
        #expect(read == head)
    }
}
