// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Lookups

@Suite("Frames for everything that isn't DNS")
struct ErrandFrameTests {
    private static let hostile = "a|b$c\"d\\e\r\nf\0gü" + String(repeating: "x", count: 5_000)

    private static let questions: [Question] = [
        .sequence(SequenceQuestion(name: "s", modulus: nil)),
        .sequence(SequenceQuestion(name: "s", modulus: .max)),
        .database(DatabaseQuestion(database: "general", key: hostile)),
        .database(DatabaseQuestion(database: "", key: "")),
        .directory(
            DirectoryQuestion(
                directory: "default", base: "dc=x", scope: .one, filter: hostile, attributes: ["mail", ""])),
        .directory(
            DirectoryQuestion(directory: "d", base: "", scope: .sub, filter: "(a=b)", attributes: [])),
        .meter(MeterQuestion(table: "t", key: hostile, operation: .throttle)),
        .meter(MeterQuestion(table: "t", key: "k", operation: .greylist)),
        .meter(MeterQuestion(table: "t", key: "k", operation: .query)),
        .meter(MeterQuestion(table: "t", key: "k", operation: .adjust(by: .min))),
        .meter(MeterQuestion(table: "t", key: "k", operation: .store(hostile))),
        .meter(MeterQuestion(table: "t", key: "k", operation: .fetch)),
        .meter(MeterQuestion(table: "t", key: "k", operation: .remove)),
        .recipient(
            RecipientQuestion(
                channel: "inside", recipient: Address(localPart: "\"a@b\"", domain: "example.test"))),
        .memory(MemoryQuestion(purpose: .notify, owner: "a@example.test", key: hostile)),
        .script(ScriptQuestion(store: ScriptQuestion.users, path: hostile)),
    ]

    private static let answers: [Answer] = [
        .sequence(.max), .database(.value(hostile)), .database(.none), .database(.failed("gone")),
        .directory(
            .entries([
                DirectoryEntry(
                    name: "cn=a",
                    attributes: [.init(name: "mail", values: ["a", hostile]), .init(name: "x", values: [])]),
                DirectoryEntry(name: "", attributes: []),
            ])),
        .directory(.none), .directory(.unreachable("x")), .directory(.refused("y")),
        .meter(.use(count: .max, isOver: true)), .meter(.use(count: 0, isOver: false)),
        .meter(.greylist(.new(waitSeconds: 300))), .meter(.greylist(.early(waitSeconds: 1))),
        .meter(.greylist(.passed)), .meter(.value(nil)), .meter(.value(hostile)), .meter(.removed(true)),
        .meter(.failed("redis")), .recipient(.accepted), .recipient(.unknown(reply: "550 5.1.1 no")),
        .recipient(.unsure("421")), .memory(expires: nil), .memory(expires: 1_800_000_000),
        .identity(.verified(address: Address(localPart: "a", domain: "example.test"))), .identity(.refused),
        .identity(.failed("ldap")), .unavailable("why"),
        .script(.text(hostile)), .script(.none), .script(.unreachable("gone")), .script(.refused("long")),
    ]

    private func payload(_ frame: [UInt8]) -> [UInt8]? {
        var buffer = frame
        guard case .payload(let payload) = LookupFrame.split(&buffer), buffer.isEmpty else { return nil }
        return payload
    }

    @Test("a question of every kind arrives as it was sent", arguments: questions)
    func asked(question: Question) throws {
        let request = LookupFrame.Request(id: 7, errand: .ask(question, secret: nil))
        #expect(LookupFrame.request(try #require(payload(LookupFrame.encode(request)))) == request)
    }

    @Test("a secret travels beside its question, and only there")
    func secret() throws {
        let question = Question.identity(IdentityQuestion(mechanism: "PLAIN", identity: "ann"))
        for secret: [UInt8]? in [nil, [], Array("p\0w\u{FF}".utf8)] {
            let request = LookupFrame.Request(id: 1, errand: .ask(question, secret: secret))
            #expect(LookupFrame.request(try #require(payload(LookupFrame.encode(request)))) == request)
        }
    }

    @Test("an effect arrives with its key and the time of judging")
    func effects() throws {
        let effect = Effect.remember(
            MemoryQuestion(purpose: .vacation, owner: "a@example.test", key: "b@example.test"),
            seconds: 86_400)
        let key = try #require(EffectKey(message: "17-1048576", index: 3))
        let request = LookupFrame.Request(id: 9, errand: .carryOut(effect, key, judgedAt: 1_800_000_000))
        let octets = try #require(payload(LookupFrame.encode(request)))
        #expect(LookupFrame.request(octets) == request)
        for length in 0..<octets.count { #expect(LookupFrame.request(Array(octets.prefix(length))) == nil) }
        for result: ErrandResult in [.carriedOut, .notCarriedOut("the disk is full")] {
            let response = LookupFrame.Response(id: 9, result: result)
            #expect(LookupFrame.response(try #require(payload(LookupFrame.encode(response)))) == response)
        }
    }

    @Test("an effect's key keeps its limits")
    func keys() {
        #expect(EffectKey(message: "", index: 0) == nil)
        #expect(EffectKey(message: String(repeating: "x", count: 257), index: 0) == nil)
        #expect(EffectKey(message: "x", index: -1) == nil)
        #expect(EffectKey(message: "x", index: 65_536) == nil)
        #expect(EffectKey(message: "x", index: 65_535) != nil)
    }

    @Test("an answer of every kind arrives as it was sent, and none at any cut", arguments: answers)
    func answered(answer: Answer) throws {
        let response = LookupFrame.Response(id: 0xFFFF_FFFF, result: .answer(answer))
        let octets = try #require(payload(LookupFrame.encode(response)))
        #expect(LookupFrame.response(octets) == response)
        for length in stride(from: 0, to: octets.count, by: max(1, octets.count / 200)) {
            #expect(LookupFrame.response(Array(octets.prefix(length))) == nil)
        }
        #expect(LookupFrame.response(octets + [0]) == nil, "something behind it")
    }

    @Test("an answer that no frame can hold is refused by name, and the connection goes on")
    func large() throws {
        let entry = DirectoryEntry(
            name: "cn=all",
            attributes: [
                .init(name: "member", values: (0..<900).map { "\($0)" + String(repeating: "x", count: 200) })
            ])
        let frame = LookupFrame.encode(.init(id: 1, result: .answer(.directory(.entries([entry])))))
        guard
            case .answer(.directory(.refused(let reason)))? = LookupFrame.response(
                try #require(payload(frame)))?.result
        else {
            Issue.record("it was sent all the same")
            return
        }
        #expect(reason == "the answer has more than 131072 octets")
    }

    @Test("a count that the frame can't hold is none, and costs no memory")
    func counts() {
        let id: [UInt8] = [0, 0, 0, 1]
        // Directory, entries, four thousand million of them.
        #expect(LookupFrame.response(id + [18, 0, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        // One entry without a name, with as many attributes; one attribute with as many values.
        #expect(LookupFrame.response(id + [18, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        #expect(
            LookupFrame.response(
                id + [18, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        #expect(LookupFrame.request(id + [17, 0xFF, 0xFF, 0xFF, 0xFF, 0x61]) == nil)
    }

    @Test("no octets are a reason to crash, and what is understood is written the same again")
    func garbage() {
        var state: UInt64 = 1_800_000_000
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let kinds: [UInt8] = [16, 17, 18, 19, 20, 21, 22, 31, 32, 33]
        var understood = 0
        for _ in 0..<50_000 {
            var octets: [UInt8] = [0, 0, 0, 1, kinds[random(kinds.count)]]
            for _ in 0..<random(24) { octets.append(random(5) == 0 ? UInt8(random(256)) : 0) }
            if let request = LookupFrame.request(octets) {
                understood += 1
                let again = LookupFrame.request(Array(LookupFrame.encode(request).dropFirst(4)))
                #expect(again == request)
            }
            if let response = LookupFrame.response(octets) {
                understood += 1
                let again = LookupFrame.response(Array(LookupFrame.encode(response).dropFirst(4)))
                #expect(again == response)
            }
        }
        #expect(understood > 100)
    }
}
