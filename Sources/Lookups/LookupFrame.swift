// SPDX-License-Identifier: MIT

internal import Mail

/// The frames between a worker and the lookups role: a length of four octets, then the payload, numbers in
/// network order. Both ends are ours, yet each bounds and checks what it reads.
enum LookupFrame {
    struct Request: Equatable {
        var id: UInt32
        var question: DNSQuestion
    }

    struct Response: Equatable {
        var id: UInt32
        var answer: DNSAnswer
    }

    // MARK: Writing

    static func encode(_ request: Request) -> [UInt8] {
        var payload: [UInt8] = []
        append(request.id, to: &payload)
        payload.append(code(request.question.type))
        payload += Array(request.question.name.utf8)
        return framed(payload)
    }

    static func encode(_ response: Response) -> [UInt8] {
        var payload: [UInt8] = []
        append(response.id, to: &payload)
        switch response.answer {
        case .records(let records, let ttl):
            payload.append(1)
            append(UInt32(clamping: ttl), to: &payload)
            append(records, to: &payload)
        case .noData(let ttl):
            payload.append(2)
            append(UInt32(clamping: ttl), to: &payload)
        case .noSuchName(let ttl):
            payload.append(3)
            append(UInt32(clamping: ttl), to: &payload)
        case .failed(let reason):
            payload.append(4)
            payload += Array(reason.utf8.prefix(1_000))
        case .timedOut:
            payload.append(5)
        }
        return framed(payload)
    }

    private static func append(_ records: [String], to payload: inout [UInt8]) {
        // What doesn't fit a frame is cut off, as beyond `recordsMax`.
        for record in records.prefix(DNSAnswer.recordsMax) {
            let bytes = Array(record.utf8.prefix(65_535))
            guard payload.count + 2 + bytes.count < LookupLimits.frameOctetsMax else { return }
            payload += [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)]
            payload += bytes
        }
    }

    private static func framed(_ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(payload.count + 4)
        append(UInt32(payload.count), to: &frame)
        return frame + payload
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(number >> UInt32(shift) & 0xFF))
        }
    }

    private static func code(_ type: DNSQuestion.RecordType) -> UInt8 {
        UInt8(DNSQuestion.RecordType.allCases.firstIndex(of: type) ?? 0)
    }

    // MARK: Reading

    enum Split: Equatable {
        case needMore
        case payload([UInt8])
        /// The length makes no sense: the connection is of no use any more.
        case broken
    }

    /// Takes the first whole payload out of `buffer`.
    static func split(_ buffer: inout [UInt8]) -> Split {
        guard buffer.count >= 4 else { return .needMore }
        let length = Int(number(buffer[..<4]))
        guard length >= 5, length <= LookupLimits.frameOctetsMax else { return .broken }
        guard buffer.count >= 4 + length else { return .needMore }
        let payload = Array(buffer[4..<(4 + length)])
        buffer.removeFirst(4 + length)
        return .payload(payload)
    }

    static func request(_ payload: [UInt8]) -> Request? {
        guard payload.count > 5, Int(payload[4]) < DNSQuestion.RecordType.allCases.count else { return nil }
        let type = DNSQuestion.RecordType.allCases[Int(payload[4])]
        guard let question = DNSQuestion(name: String(decoding: payload[5...], as: UTF8.self), type: type)
        else { return nil }
        return Request(id: number(payload[..<4]), question: question)
    }

    static func response(_ payload: [UInt8]) -> Response? {
        guard payload.count >= 5 else { return nil }
        let id = number(payload[..<4])
        let rest = payload[5...]
        switch payload[4] {
        case 1:
            guard rest.count >= 4, let records = records(rest.dropFirst(4)), !records.isEmpty else {
                return nil
            }
            return Response(id: id, answer: .records(records, ttlSeconds: Int(number(rest.prefix(4)))))
        case 2 where rest.count == 4: return Response(id: id, answer: .noData(ttlSeconds: Int(number(rest))))
        case 3 where rest.count == 4:
            return Response(id: id, answer: .noSuchName(ttlSeconds: Int(number(rest))))
        case 4: return Response(id: id, answer: .failed(String(decoding: rest, as: UTF8.self)))
        case 5: return Response(id: id, answer: .timedOut)
        default: return nil
        }
    }

    private static func records(_ bytes: ArraySlice<UInt8>) -> [String]? {
        var rest = bytes
        var records: [String] = []
        while !rest.isEmpty {
            guard rest.count >= 2, records.count < DNSAnswer.recordsMax else { return nil }
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            guard rest.count >= length else { return nil }
            records.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length)
        }
        return records
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
