// SPDX-License-Identifier: MIT

internal import Mail

extension LookupFrame {
    static func write(_ answer: Answer, to payload: inout FrameWriter) {
        switch answer {
        case .dns(let answer): write(answer, to: &payload)
        case .sequence(let number):
            payload.octet(Code.sequence)
            payload.number(number)
        case .database(let answer):
            payload.octet(Code.database)
            write(answer, to: &payload)
        case .directory(let answer):
            payload.octet(Code.directory)
            write(answer, to: &payload)
        case .meter(let answer):
            payload.octet(Code.meter)
            write(answer, to: &payload)
        case .recipient(let answer):
            payload.octet(Code.recipient)
            write(answer, to: &payload)
        case .memory(let expires):
            payload.octet(Code.memory)
            payload.optional(expires) { $0.number($1) }
        case .identity(let answer):
            payload.octet(Code.identity)
            write(answer, to: &payload)
        case .script(let answer):
            payload.octet(Code.script)
            write(answer, to: &payload)
        case .unavailable(let reason):
            payload.octet(Code.unavailable)
            payload.text(cut(reason))
        case .callout, .scan, .time, .dice:
            payload.octet(Code.unavailable)
            payload.text("the lookups role doesn't answer that")
        }
    }

    private static func write(_ answer: DNSAnswer, to payload: inout FrameWriter) {
        switch answer {
        case .records(let records, let ttl):
            payload.octet(1)
            payload.word(UInt32(clamping: ttl))
            // What doesn't fit a frame is cut off, as beyond `recordsMax`.
            for record in records.prefix(DNSAnswer.recordsMax) {
                let octets = Array(record.utf8.prefix(65_535))
                guard payload.octets.count + 2 + octets.count < LookupLimits.frameOctetsMax else { return }
                payload.short(UInt16(octets.count))
                for octet in octets { payload.octet(octet) }
            }
        case .noData(let ttl):
            payload.octet(2)
            payload.word(UInt32(clamping: ttl))
        case .noSuchName(let ttl):
            payload.octet(3)
            payload.word(UInt32(clamping: ttl))
        case .failed(let reason):
            payload.octet(4)
            payload.text(cut(reason))
        case .timedOut:
            payload.octet(5)
        }
    }

    private static func write(_ answer: DatabaseAnswer, to payload: inout FrameWriter) {
        switch answer {
        case .value(let value):
            payload.octet(0)
            payload.text(value)
        case .none: payload.octet(1)
        case .keys:
            payload.octet(2)
            payload.text("which keys there are is not told here")
        case .failed(let reason):
            payload.octet(2)
            payload.text(cut(reason))
        }
    }

    private static func write(_ answer: DirectoryAnswer, to payload: inout FrameWriter) {
        switch answer {
        case .entries(let entries):
            payload.octet(0)
            payload.word(UInt32(clamping: min(entries.count, DirectoryAnswer.entriesMax)))
            for entry in entries.prefix(DirectoryAnswer.entriesMax) {
                payload.text(entry.name)
                payload.word(UInt32(clamping: entry.attributes.count))
                for attribute in entry.attributes {
                    payload.text(attribute.name)
                    payload.texts(Array(attribute.values.prefix(DirectoryAnswer.valuesMax)))
                }
            }
        case .none: payload.octet(1)
        case .unreachable(let reason):
            payload.octet(2)
            payload.text(cut(reason))
        case .refused(let reason):
            payload.octet(3)
            payload.text(cut(reason))
        }
    }

    private static func write(_ answer: ScriptAnswer, to payload: inout FrameWriter) {
        switch answer {
        case .text(let text):
            payload.octet(0)
            payload.text(text)
        case .none: payload.octet(1)
        case .unreachable(let reason):
            payload.octet(2)
            payload.text(cut(reason))
        case .refused(let reason):
            payload.octet(3)
            payload.text(cut(reason))
        }
    }

    private static func write(_ answer: MeterAnswer, to payload: inout FrameWriter) {
        switch answer {
        case .use(let count, let isOver):
            payload.octet(0)
            payload.number(count)
            payload.flag(isOver)
        case .greylist(let state):
            payload.octet(1)
            switch state {
            case .new(let seconds):
                payload.octet(0)
                payload.number(Int64(seconds))
            case .early(let seconds):
                payload.octet(1)
                payload.number(Int64(seconds))
            case .passed: payload.octet(2)
            }
        case .value(let value):
            payload.octet(2)
            payload.optional(value) { $0.text($1) }
        case .removed(let wasThere):
            payload.octet(3)
            payload.flag(wasThere)
        case .failed(let reason):
            payload.octet(4)
            payload.text(cut(reason))
        }
    }

    private static func write(_ answer: RecipientAnswer, to payload: inout FrameWriter) {
        switch answer {
        case .accepted: payload.octet(0)
        case .unknown(let reply):
            payload.octet(1)
            payload.text(cut(reply))
        case .unsure(let reason):
            payload.octet(2)
            payload.text(cut(reason))
        }
    }

    private static func write(_ answer: IdentityAnswer, to payload: inout FrameWriter) {
        switch answer {
        case .verified(let address):
            payload.octet(0)
            payload.text(address.description)
        case .refused: payload.octet(1)
        case .failed(let reason):
            payload.octet(2)
            payload.text(cut(reason))
        }
    }

    // MARK: Reading

    static func answer(_ code: UInt8, _ reader: inout FrameReader) -> Answer? {
        switch code {
        case 1...5: dns(code, &reader).map(Answer.dns)
        case Code.sequence: reader.number().map(Answer.sequence)
        case Code.database: database(&reader).map(Answer.database)
        case Code.directory: directory(&reader).map(Answer.directory)
        case Code.meter: meter(&reader).map(Answer.meter)
        case Code.recipient: recipient(&reader).map(Answer.recipient)
        case Code.memory: reader.optional { $0.number() }.map { .memory(expires: $0) }
        case Code.identity: identity(&reader).map(Answer.identity)
        case Code.script: script(&reader).map(Answer.script)
        case Code.unavailable: reader.text().map(Answer.unavailable)
        default: nil
        }
    }

    private static func dns(_ code: UInt8, _ reader: inout FrameReader) -> DNSAnswer? {
        switch code {
        case 1:
            guard let ttl = reader.word(), let records = records(&reader), !records.isEmpty else {
                return nil
            }
            return .records(records, ttlSeconds: Int(ttl))
        case 2: return reader.word().map { .noData(ttlSeconds: Int($0)) }
        case 3: return reader.word().map { .noSuchName(ttlSeconds: Int($0)) }
        case 4: return reader.text().map { .failed($0) }
        default: return .timedOut
        }
    }

    private static func records(_ reader: inout FrameReader) -> [String]? {
        var records: [String] = []
        while !reader.isAtEnd {
            guard records.count < DNSAnswer.recordsMax, let length = reader.short(),
                let text = reader.text(octets: Int(length))
            else { return nil }
            records.append(text)
        }
        return records
    }

    private static func database(_ reader: inout FrameReader) -> DatabaseAnswer? {
        switch reader.octet() {
        case 0: reader.text().map { .value($0) }
        case 1: DatabaseAnswer.none
        case 2: reader.text().map { .failed($0) }
        default: nil
        }
    }

    private static func directory(_ reader: inout FrameReader) -> DirectoryAnswer? {
        switch reader.octet() {
        case 0:
            guard let count = reader.word(), (1...DirectoryAnswer.entriesMax).contains(Int(count)) else {
                return nil
            }
            var entries: [DirectoryEntry] = []
            for _ in 0..<count where !takeEntry(&reader, into: &entries) { return nil }
            return .entries(entries)
        case 1: return DirectoryAnswer.none
        case 2: return reader.text().map { .unreachable($0) }
        case 3: return reader.text().map { .refused($0) }
        default: return nil
        }
    }

    /// False where it is none.
    private static func takeEntry(
        _ reader: inout FrameReader, into entries: inout [DirectoryEntry]
    ) -> Bool {
        guard let name = reader.text(), let count = reader.word() else { return false }
        var attributes: [DirectoryEntry.Attribute] = []
        // Ends with the frame, whatever the count says: each takes eight octets at least.
        for _ in 0..<count {
            guard let name = reader.text(), let values = reader.texts() else { return false }
            attributes.append(DirectoryEntry.Attribute(name: name, values: values))
        }
        entries.append(DirectoryEntry(name: name, attributes: attributes))
        return true
    }

    private static func script(_ reader: inout FrameReader) -> ScriptAnswer? {
        switch reader.octet() {
        case 0: reader.text().map { .text($0) }
        case 1: ScriptAnswer.none
        case 2: reader.text().map { .unreachable($0) }
        case 3: reader.text().map { .refused($0) }
        default: nil
        }
    }

    private static func meter(_ reader: inout FrameReader) -> MeterAnswer? {
        switch reader.octet() {
        case 0:
            guard let count = reader.number(), let isOver = reader.flag() else { return nil }
            return .use(count: count, isOver: isOver)
        case 1:
            switch reader.octet() {
            case 0: return reader.number().map { .greylist(.new(waitSeconds: Int($0))) }
            case 1: return reader.number().map { .greylist(.early(waitSeconds: Int($0))) }
            case 2: return .greylist(.passed)
            default: return nil
            }
        case 2: return reader.optional { $0.text() }.map { .value($0) }
        case 3: return reader.flag().map { .removed($0) }
        case 4: return reader.text().map { .failed($0) }
        default: return nil
        }
    }

    private static func recipient(_ reader: inout FrameReader) -> RecipientAnswer? {
        switch reader.octet() {
        case 0: .accepted
        case 1: reader.text().map { .unknown(reply: $0) }
        case 2: reader.text().map { .unsure($0) }
        default: nil
        }
    }

    private static func identity(_ reader: inout FrameReader) -> IdentityAnswer? {
        switch reader.octet() {
        case 0: reader.text().flatMap { Address($0) }.map { .verified(address: $0) }
        case 1: .refused
        case 2: reader.text().map { .failed($0) }
        default: nil
        }
    }
}
