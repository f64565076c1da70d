// SPDX-License-Identifier: MIT
internal import Mail

/// A commit as it stands in a segment.
///
///     i64 arrived, u32 flags, text case, [address sender], u32 n + n addresses (the envelope's recipients),
///     u32 n + n editions: u32 n + n pieces: u8 0, u64 from, u64 to | u8 1, counted bytes,
///     u32 n + n entries: u32 n + n addresses, u8 debt, text channel, [text reason], u32 edition, sender,
///     u32 n + n effects: u8 0 (remember), u8 purpose, text owner, text key, u64 seconds,
///     [u32 n + n options: u32 number of the entry, then as OptionsCode says],
///     counted note, u64 body octets, u32 body checksum, then the body | text name of its file
///
/// An entry's sender is u8 0 (the envelope's), u8 1 (null) or u8 2 and an address.
///
/// "counted" and "text" are a u32 length and that many octets; an address is two texts.
struct CommitRecord {
    struct Entry {
        var recipients: [Address]
        var debt: Debt
        var edition: Int
        /// Of its edition.
        var octets: Int
        /// Nil is the envelope's.
        var sender: EnvelopeSender?
        var options = DeliveryOptions()
    }

    var caseID = ""
    var sender: Address?
    var isEightBit = false
    var arrived: Int64 = 0
    var entries: [Entry] = []
    var effects: [Effect] = []
    var bodyOctets = 0
    /// Where in the payload the body stands; nil where a file holds it.
    var bodyRange: Range<Int>?
    var bodyName: String?
    var bodyChecksum: UInt32 = 0
    /// Only when content is read.
    var editions: [Edition] = []
    /// Only when content is read.
    var note: [UInt8] = []

    private enum Flag {
        static let nullSender: UInt32 = 1
        static let eightBit: UInt32 = 2
        static let bodyInFile: UInt32 = 4
        /// At least one entry has options, and they follow the effects.
        static let options: UInt32 = 8
    }

    /// A body that has a file of its own.
    struct BodyFile: Hashable, Sendable {
        var name: String
        var checksum: UInt32
    }

    /// Why `commit` can't be written, or nil.
    static func objection(to commit: Commit, _ limits: QueueLimits) -> QueueError? {
        func tooLarge(_ what: String, _ count: Int, _ most: Int) -> QueueError {
            QueueError(
                .tooLarge, "the message has \(count) \(what), the queue takes \(most)", isTransient: false)
        }
        let body = commit.body.count
        if body > limits.messageOctetsMax { return tooLarge("octets", body, limits.messageOctetsMax) }
        if commit.entries.isEmpty || commit.entries.contains(where: { $0.recipients.isEmpty }) {
            return QueueError(.inconsistent, "a message was committed that nobody is owed", isTransient: true)
        }
        let entriesMax = min(limits.entriesMax, EntryID.effectsIndex)
        if commit.entries.count > entriesMax { return tooLarge("entries", commit.entries.count, entriesMax) }
        if commit.editions.count > limits.editionsMax {
            return tooLarge("editions", commit.editions.count, limits.editionsMax)
        }
        let recipients = commit.entries.reduce(commit.envelope.recipients.count) { $0 + $1.recipients.count }
        if recipients > limits.recipientsMax {
            return tooLarge("recipients", recipients, limits.recipientsMax)
        }
        if commit.effects.count > limits.effectsMax {
            return tooLarge("effects", commit.effects.count, limits.effectsMax)
        }
        var meta = commit.effects.reduce(commit.note.count) { $0 + EffectCode.octets($1) }
        meta = commit.entries.reduce(meta) { $0 + ($1.options.map(OptionsCode.octets) ?? 0) }
        for edition in commit.editions {
            if edition.pieces.count > limits.piecesMax {
                return tooLarge("pieces in one edition", edition.pieces.count, limits.piecesMax)
            }
            for piece in edition.pieces {
                switch piece {
                case .original(let range):
                    guard range.lowerBound >= 0, range.upperBound <= body else {
                        return QueueError(
                            .inconsistent, "an edition names octets \(range) of a message of \(body)",
                            isTransient: true)
                    }
                case .inserted(let bytes): meta += bytes.count
                }
            }
        }
        if meta > limits.recordMetaOctetsMax {
            return tooLarge("octets of notes and changes", meta, limits.recordMetaOctetsMax)
        }
        guard commit.entries.allSatisfy({ commit.editions.indices.contains($0.edition) }) else {
            return QueueError(.inconsistent, "an entry names an edition that is not there", isTransient: true)
        }
        return nil
    }

    /// Appends the payload. `objection` found nothing.
    static func encode(_ commit: Commit, body file: BodyFile?, into buffer: inout RecordBuffer) {
        let options = commit.entries.indices.compactMap { index in
            commit.entries[index].options.flatMap { $0.isEmpty ? nil : (index: index, options: $0) }
        }
        buffer.put(commit.arrived)
        buffer.put(
            (commit.envelope.sender == nil ? Flag.nullSender : 0)
                | (commit.envelope.isEightBit ? Flag.eightBit : 0) | (file == nil ? 0 : Flag.bodyInFile)
                | (options.isEmpty ? 0 : Flag.options))
        buffer.put(commit.caseID)
        if let sender = commit.envelope.sender { buffer.put(sender) }
        put(commit.envelope.recipients, into: &buffer)
        buffer.put(UInt32(clamping: commit.editions.count))
        for edition in commit.editions {
            buffer.put(UInt32(clamping: edition.pieces.count))
            for piece in edition.pieces {
                switch piece {
                case .original(let range):
                    buffer.put(UInt8(0))
                    buffer.put(UInt64(range.lowerBound))
                    buffer.put(UInt64(range.upperBound))
                case .inserted(let bytes):
                    buffer.put(UInt8(1))
                    bytes.withUnsafeBytes { buffer.put(counted: $0) }
                }
            }
        }
        buffer.put(UInt32(clamping: commit.entries.count))
        for entry in commit.entries {
            put(entry.recipients, into: &buffer)
            switch entry.debt {
            case .deliver(let channel):
                buffer.put(UInt8(0))
                buffer.put(channel)
            case .hold(let channel, let reason):
                buffer.put(UInt8(1))
                buffer.put(channel)
                buffer.put(reason)
            }
            buffer.put(UInt32(clamping: entry.edition))
            put(entry.sender, into: &buffer)
        }
        buffer.put(UInt32(clamping: commit.effects.count))
        for effect in commit.effects { EffectCode.put(effect, into: &buffer) }
        if !options.isEmpty { put(options, into: &buffer) }
        commit.note.withUnsafeBytes { buffer.put(counted: $0) }
        buffer.put(UInt64(commit.body.count))
        buffer.put(file?.checksum ?? 0)
        if let file {
            buffer.put(file.name)
        } else {
            commit.body.withBytes { buffer.put($0) }
        }
    }

    private static func put(
        _ options: [(index: Int, options: DeliveryOptions)], into buffer: inout RecordBuffer
    ) {
        buffer.put(UInt32(clamping: options.count))
        for entry in options {
            buffer.put(UInt32(clamping: entry.index))
            OptionsCode.put(entry.options, into: &buffer)
        }
    }

    private static func put(_ addresses: [Address], into buffer: inout RecordBuffer) {
        buffer.put(UInt32(clamping: addresses.count))
        for address in addresses { buffer.put(address) }
    }

    private static func put(_ sender: EnvelopeSender?, into buffer: inout RecordBuffer) {
        switch sender {
        case nil: buffer.put(UInt8(0))
        case .null?: buffer.put(UInt8(1))
        case .address(let address)?:
            buffer.put(UInt8(2))
            buffer.put(address)
        }
    }

    /// Reads a payload; its checksum was right, so what is malformed here was written so, or by a forger.
    init(_ payload: UnsafeRawBufferPointer, withContent: Bool) throws(RecordBytes.Malformed) {
        var bytes = RecordBytes(payload)
        arrived = try bytes.number()
        let flags = try bytes.number(UInt32.self)
        isEightBit = flags & Flag.eightBit != 0
        caseID = try bytes.text()
        if flags & Flag.nullSender == 0 { sender = try bytes.address() }
        for _ in 0..<(try bytes.count(octetsEach: 8)) { try bytes.skipAddress() }
        let lengths = try readEditions(&bytes, keeping: withContent)
        try readEntries(&bytes, editionOctets: lengths.map(\.octets))
        for _ in 0..<(try bytes.count(octetsEach: EffectCode.octetsMin)) {
            effects.append(try EffectCode.take(&bytes))
        }
        if flags & Flag.options != 0 { try readOptions(&bytes) }
        let noteBytes = try bytes.counted()
        if withContent { note = Array(noteBytes) }
        let octets = try bytes.number(UInt64.self)
        bodyChecksum = try bytes.number()
        guard octets <= UInt64(Int32.max) << 8 else { throw .init(what: "its body is too long to be one") }
        bodyOctets = Int(octets)
        if flags & Flag.bodyInFile != 0 {
            let name = try bytes.text()
            guard BodyName(name) != nil else { throw .init(what: "its body's name is none of ours") }
            bodyName = name
        } else {
            guard bytes.left >= bodyOctets else { throw .init(what: "its body is cut off") }
            bodyRange = bytes.position..<(bytes.position + bodyOctets)
        }
        guard lengths.allSatisfy({ $0.reach <= bodyOctets }) else {
            throw .init(what: "an edition reaches beyond the body")
        }
    }

    private mutating func readOptions(_ bytes: inout RecordBytes) throws(RecordBytes.Malformed) {
        for _ in 0..<(try bytes.count(octetsEach: 4 + OptionsCode.octetsMin)) {
            let index = Int(try bytes.number(UInt32.self))
            let options = try OptionsCode.take(&bytes)
            guard entries.indices.contains(index) else {
                throw .init(what: "options belong to an entry that is not there")
            }
            entries[index].options = options
        }
    }

    /// Octets of each edition, and the end of the body that it reaches to.
    private mutating func readEditions(
        _ bytes: inout RecordBytes, keeping: Bool
    ) throws(RecordBytes.Malformed) -> [(octets: Int, reach: Int)] {
        var lengths: [(octets: Int, reach: Int)] = []
        for _ in 0..<(try bytes.count(octetsEach: 4)) {
            var pieces: [Edition.Piece] = []
            var octets = 0
            var reach = 0
            for _ in 0..<(try bytes.count(octetsEach: 5)) {
                switch try bytes.number(UInt8.self) {
                case 0:
                    let lower = try bytes.number(UInt64.self)
                    let upper = try bytes.number(UInt64.self)
                    guard lower <= upper, upper <= UInt64(Int32.max) << 8 else {
                        throw .init(what: "an edition's range is none")
                    }
                    octets += Int(upper - lower)
                    reach = max(reach, Int(upper))
                    if keeping { pieces.append(.original(Int(lower)..<Int(upper))) }
                case 1:
                    let inserted = try bytes.counted()
                    octets += inserted.count
                    if keeping { pieces.append(.inserted(Array(inserted))) }
                case let other: throw .init(what: "an edition has a piece of kind \(other)")
                }
            }
            lengths.append((octets, reach))
            if keeping { editions.append(Edition(pieces: pieces)) }
        }
        return lengths
    }

    private mutating func readEntries(
        _ bytes: inout RecordBytes, editionOctets: [Int]
    ) throws(RecordBytes.Malformed) {
        let count = try bytes.count(octetsEach: 18)
        guard count > 0, count <= EntryID.effectsIndex else { throw .init(what: "it has \(count) entries") }
        entries.reserveCapacity(count)
        for _ in 0..<count {
            var recipients: [Address] = []
            for _ in 0..<(try bytes.count(octetsEach: 8)) { recipients.append(try bytes.address()) }
            guard !recipients.isEmpty else { throw .init(what: "an entry has no recipient") }
            let debt: Debt
            switch try bytes.number(UInt8.self) {
            case 0: debt = .deliver(channel: try bytes.text())
            case 1: debt = .hold(channel: try bytes.text(), reason: try bytes.text())
            case let other: throw .init(what: "an entry has a debt of kind \(other)")
            }
            let edition = Int(try bytes.number(UInt32.self))
            guard editionOctets.indices.contains(edition) else {
                throw .init(what: "an entry names an edition that is not there")
            }
            let sender: EnvelopeSender?
            switch try bytes.number(UInt8.self) {
            case 0: sender = nil
            case 1: sender = .null
            case 2: sender = .address(try bytes.address())
            case let other: throw .init(what: "an entry has a sender of kind \(other)")
            }
            entries.append(
                Entry(
                    recipients: recipients, debt: debt, edition: edition, octets: editionOctets[edition],
                    sender: sender))
        }
    }
}

/// The name of a body's file: the writer's generation and a count, both hexadecimal.
struct BodyName: Hashable, Sendable {
    var writer: UInt64
    var number: UInt64

    init(writer: UInt64, number: UInt64) {
        self.writer = writer
        self.number = number
    }

    init?(_ text: String) {
        // The same form as a message's id, of other numbers.
        guard let id = MessageID(text) else { return nil }
        self.init(writer: id.generation, number: id.offset)
    }

    var text: String { MessageID(generation: writer, offset: number).description }
}
