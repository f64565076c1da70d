// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Lookups

@Suite("Frames between a worker and the lookups role")
struct LookupFrameTests {
    private static let answers: [DNSAnswer] = [
        .records(["127.0.0.2"], ttlSeconds: 300), .records(["", "a\\127b", "ü"], ttlSeconds: 0),
        .noData(ttlSeconds: 7), .noSuchName(ttlSeconds: 4_294_967_295), .failed("SERVFAIL"), .failed(""),
        .timedOut,
    ]

    private func question(_ name: String, _ type: DNSQuestion.RecordType) throws -> DNSQuestion {
        try #require(DNSQuestion(name: name, type: type))
    }

    /// The one payload of a frame; nil where it is not whole.
    private func whole(_ frame: [UInt8]) -> [UInt8]? {
        var buffer = frame
        guard case .payload(let payload) = LookupFrame.split(&buffer), buffer.isEmpty else { return nil }
        return payload
    }

    @Test("a question of every type arrives as it was sent", arguments: DNSQuestion.RecordType.allCases)
    func requests(type: DNSQuestion.RecordType) throws {
        for id in [0, 1, .max] as [UInt32] {
            let request = LookupFrame.Request(
                id: id, errand: .ask(.dns(try question("a.example", type)), secret: nil))
            let payload = try #require(whole(LookupFrame.encode(request)))
            #expect(LookupFrame.request(payload) == request)
        }
    }

    @Test("an answer of every kind arrives as it was sent", arguments: answers)
    func responses(answer: DNSAnswer) throws {
        let response = LookupFrame.Response(id: 0xFFFE_0001, result: .answer(.dns(answer)))
        let payload = try #require(whole(LookupFrame.encode(response)))
        #expect(LookupFrame.response(payload) == response)
    }

    @Test("at every cut of a frame, more is needed, and nothing is taken away", arguments: answers)
    func cuts(answer: DNSAnswer) {
        let frame = LookupFrame.encode(LookupFrame.Response(id: 9, result: .answer(.dns(answer))))
        for length in 0..<frame.count {
            var buffer = Array(frame.prefix(length))
            #expect(LookupFrame.split(&buffer) == .needMore)
            #expect(buffer.count == length)
        }
    }

    @Test("frames that come together are taken one by one")
    func several() throws {
        let one = LookupFrame.encode(LookupFrame.Response(id: 1, result: .answer(.dns(.timedOut))))
        let two = LookupFrame.encode(LookupFrame.Response(id: 2, result: .answer(.dns(.failed("x")))))
        var buffer = one + two + two.prefix(3)
        #expect(LookupFrame.split(&buffer) == .payload(Array(one.dropFirst(4))))
        #expect(LookupFrame.split(&buffer) == .payload(Array(two.dropFirst(4))))
        #expect(LookupFrame.split(&buffer) == .needMore)
        #expect(buffer == Array(two.prefix(3)))
    }

    @Test(
        "a length that makes no sense ends the connection, and isn't waited for",
        arguments: [0, 4, 131_073, 0x7FFF_FFFF, 0xFFFF_FFFF] as [UInt32])
    func lengths(length: UInt32) {
        var buffer = (0..<4).map { UInt8(length >> (24 - 8 * UInt32($0)) & 0xFF) }
        #expect(LookupFrame.split(&buffer) == .broken)
    }

    @Test("a request with a name that can't be asked, or of no known type, is none")
    func badRequests() {
        let name = Array("a.example".utf8)
        #expect(LookupFrame.request([0, 0, 0, 1, 0] + name) != nil)
        #expect(LookupFrame.request([0, 0, 0, 1, 7] + name) == nil)
        #expect(LookupFrame.request([0, 0, 0, 1, 255] + name) == nil)
        #expect(LookupFrame.request([0, 0, 0, 1, 0]) == nil)
        for bad in ["a b", "", ".", "a..b", "*", "a\0b", "ü.example"] {
            #expect(LookupFrame.request([0, 0, 0, 1, 0] + Array(bad.utf8)) == nil)
        }
        #expect(LookupFrame.request([]) == nil)
    }

    @Test("an answer whose lengths lie is none")
    func badResponses() {
        let id: [UInt8] = [0, 0, 0, 1]
        for rest: [UInt8] in [
            [], [0], [6], [1], [1, 0, 0, 0, 1], [1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 1, 0, 2, 0x61],
            [1, 0, 0, 0, 1, 0xFF, 0xFF, 0x61], [2], [2, 0, 0, 0], [2, 0, 0, 0, 1, 1], [3, 0],
        ] {
            #expect(LookupFrame.response(id + rest) == nil, "\(rest)")
        }
        #expect(LookupFrame.response([0, 0, 0]) == nil)
        let many = (0...DNSAnswer.recordsMax).flatMap { _ in [0, 1, 0x61] as [UInt8] }
        #expect(LookupFrame.response(id + [1, 0, 0, 0, 1] + many) == nil)
    }

    @Test("no bytes are a reason to crash")
    func garbage() {
        var state: UInt64 = 1_792_976_000
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(state >> 33 & (state >> 41 & 1 == 0 ? 0xFF : 0x07)))
            }
            _ = LookupFrame.request(bytes)
            if let response = LookupFrame.response(bytes) {
                #expect(LookupFrame.response(Array(LookupFrame.encode(response).dropFirst(4))) == response)
            }
            var buffer = bytes
            _ = LookupFrame.split(&buffer)
        }
    }

    @Test("what doesn't fit a frame is cut off at a record")
    func large() throws {
        let record = String(repeating: "x", count: 60_000)
        let frame = LookupFrame.encode(
            LookupFrame.Response(
                id: 1, result: .answer(.dns(.records([record, record, record, "y"], ttlSeconds: 1)))))
        #expect(frame.count <= LookupLimits.frameOctetsMax + 4)
        let payload = try #require(whole(frame))
        #expect(
            LookupFrame.response(payload)?.result
                == .answer(.dns(.records([record, record], ttlSeconds: 1))))
        let many = (0..<500).map { "\($0)" }
        let counted = LookupFrame.encode(
            LookupFrame.Response(id: 1, result: .answer(.dns(.records(many, ttlSeconds: 1)))))
        #expect(
            LookupFrame.response(Array(counted.dropFirst(4)))?.result
                == .answer(.dns(.records(Array(many.prefix(DNSAnswer.recordsMax)), ttlSeconds: 1))))
    }
}
