// SPDX-License-Identifier: MIT

internal import Mail

/// The frames between a worker and the lookups role: a length of four octets, then the payload, numbers in
/// network order. Both ends are ours, yet each bounds and checks what it reads.
///
/// A payload is the asker's number for it (four octets), a kind (one octet) and what belongs to the kind. DNS
/// questions, by far the most, have a kind for each record type and nothing but the name behind it.
enum LookupFrame {
    struct Request: Equatable {
        var id: UInt32
        var errand: Errand
    }

    struct Response: Equatable {
        var id: UInt32
        var result: ErrandResult
    }

    // MARK: Writing

    static func encode(_ request: Request) -> [UInt8] {
        var payload = FrameWriter()
        payload.word(request.id)
        switch request.errand {
        case .ask(let question, let secret): write(question, secret: secret, to: &payload)
        case .carryOut(let effect, let key, let judgedAt):
            payload.octet(Code.effect)
            payload.number(judgedAt)
            write(effect, key, to: &payload)
        }
        return framed(payload.octets)
    }

    static func encode(_ response: Response) -> [UInt8] {
        var payload = FrameWriter()
        payload.word(response.id)
        switch response.result {
        case .answer(let answer): write(answer, to: &payload)
        case .carriedOut: payload.octet(Code.effect)
        case .notCarriedOut(let reason):
            payload.octet(Code.effectFailed)
            payload.text(cut(reason))
        }
        if payload.octets.count > LookupLimits.frameOctetsMax, case .answer(let answer) = response.result {
            return encode(Response(id: response.id, result: .answer(tooLarge(in: answer))))
        }
        return framed(payload.octets)
    }

    /// What stands for an answer that no frame can carry.
    private static func tooLarge(in answer: Answer) -> Answer {
        let text = "the answer has more than \(LookupLimits.frameOctetsMax) octets"
        // Asking again won't make it smaller.
        if case .directory = answer { return .directory(.refused(text)) }
        if case .script = answer { return .script(.refused(text)) }
        return .unavailable(text)
    }

    /// Reasons are for people: a kilobyte says it.
    static func cut(_ reason: String) -> String { String(decoding: reason.utf8.prefix(1_000), as: UTF8.self) }

    private static func framed(_ payload: [UInt8]) -> [UInt8] {
        var frame = FrameWriter()
        frame.word(UInt32(clamping: payload.count))
        return frame.octets + payload
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
        let length = buffer[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard length >= 5, length <= LookupLimits.frameOctetsMax else { return .broken }
        guard buffer.count >= 4 + length else { return .needMore }
        let payload = Array(buffer[4..<(4 + length)])
        buffer.removeFirst(4 + length)
        return .payload(payload)
    }

    static func request(_ payload: [UInt8]) -> Request? {
        var reader = FrameReader(payload[...])
        guard let id = reader.word(), let code = reader.octet() else { return nil }
        let errand: Errand?
        if code == Code.effect {
            errand = effect(&reader)
        } else if Int(code) < DNSQuestion.RecordType.allCases.count {
            return name(payload.dropFirst(5), code).map { Request(id: id, errand: $0) }
        } else {
            errand = question(code, &reader)
        }
        guard let errand, reader.isAtEnd else { return nil }
        return Request(id: id, errand: errand)
    }

    static func response(_ payload: [UInt8]) -> Response? {
        var reader = FrameReader(payload[...])
        guard let id = reader.word(), let code = reader.octet() else { return nil }
        let result: ErrandResult?
        switch code {
        case Code.effect: result = .carriedOut
        case Code.effectFailed: result = reader.text().map { .notCarriedOut($0) }
        default: result = answer(code, &reader).map { .answer($0) }
        }
        guard let result, reader.isAtEnd else { return nil }
        return Response(id: id, result: result)
    }

    /// Kinds beyond those of DNS.
    enum Code {
        static let sequence: UInt8 = 16
        static let database: UInt8 = 17
        static let directory: UInt8 = 18
        static let meter: UInt8 = 19
        static let recipient: UInt8 = 20
        static let memory: UInt8 = 21
        static let identity: UInt8 = 22
        static let script: UInt8 = 23
        static let unavailable: UInt8 = 31
        static let effect: UInt8 = 32
        static let effectFailed: UInt8 = 33
    }
}
