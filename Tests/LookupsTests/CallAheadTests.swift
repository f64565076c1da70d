// SPDX-License-Identifier: MIT

import Foundation
import Mail
import Synchronization
import Telemetry
import Testing

@testable import Lookups

@Suite("Call-ahead")
struct CallAheadTests {
    private let folder: TemporaryFolder
    private let asker: Asker
    private let counters = CounterPage()
    private let log = HeardLog()
    private var path: String { folder.path + "/outbound.sock" }

    init() throws {
        folder = try TemporaryFolder()
        asker = try Asker()
    }

    private func sense(_ change: (inout CallAheadSettings) -> Void = { _ in }) -> CallAheadSense {
        var settings = CallAheadSettings(socketPath: path, timeoutMs: 20_000)
        change(&settings)
        return CallAheadSense(settings, counters: counters, logger: log.logger)
    }

    private func question(_ recipient: String, channel: String = "inside") throws -> Question {
        .recipient(RecipientQuestion(channel: channel, recipient: try #require(Address(recipient))))
    }

    private func ask(
        _ sense: CallAheadSense, _ recipient: String, channel: String = "inside"
    ) throws -> RecipientAnswer? {
        guard case .recipient(let answer) = asker.ask(sense, try question(recipient, channel: channel)) else {
            return nil
        }
        return answer
    }

    /// Takes anna and refuses the rest.
    private static let honest: @Sendable (FakeOutbound.Asked) -> FakeOutbound.Act = {
        switch $0.recipient {
        case "anna@example.net": FakeOutbound.accepted
        case "busy@example.net": FakeOutbound.unsure("450 4.2.0 later")
        default: FakeOutbound.unknown("550 5.1.1 \\\"no\\\" such user")
        }
    }

    @Test("what a next hop said is remembered: who is there, and who isn't; not that it couldn't say")
    func remembered() throws {
        let outbound = try FakeOutbound(path: path, Self.honest)
        let sense = sense { $0.connections = 1 }
        defer { sense.close() }
        for _ in 0..<3 {
            #expect(try ask(sense, "anna@example.net") == .accepted)
            #expect(try ask(sense, "nobody@example.net") == .unknown(reply: #"550 5.1.1 "no" such user"#))
            #expect(try ask(sense, "busy@example.net") == .unsure("450 4.2.0 later"))
        }
        let asked = outbound.requests.filter { !$0.recipient.hasPrefix("no-such-user-") }
        #expect(
            asked.map(\.recipient) == [
                "anna@example.net", "nobody@example.net", "busy@example.net", "busy@example.net",
                "busy@example.net",
            ])
        #expect(asked.allSatisfy { $0.verb == "verify" && $0.channel == "inside" && $0.timeout_ms < 20_000 })
        #expect(outbound.connectionCount == 1)
        #expect(counters.value(.callAheadRemembered) == 4)
        #expect(counters.value(.callAheadAccepted) == 1)
        #expect(counters.value(.callAheadUnknown) == 1)
        #expect(counters.value(.callAheadUnsure) == 3)
    }

    @Test("lifetimes are separate, and the memory is bounded")
    func lifetimes() throws {
        let outbound = try FakeOutbound(path: path, Self.honest)
        let sense = sense {
            $0.negativeSeconds = 0
            $0.cacheEntries = 1
        }
        defer { sense.close() }
        #expect(try ask(sense, "anna@example.net") == .accepted)
        _ = try ask(sense, "nobody@example.net")
        _ = try ask(sense, "nobody@example.net")
        _ = try ask(sense, "anna@example.net")
        #expect(outbound.requests.count { $0.recipient == "nobody@example.net" } == 2)
        #expect(outbound.requests.count { $0.recipient == "anna@example.net" } == 1)
    }

    @Test("equal questions under way become one, and a channel sees no more at once than it may")
    func coalesced() throws {
        let gate = Gate()
        let outbound = try FakeOutbound(path: path) { _ in
            gate.pass()
            return FakeOutbound.unknown("550 5.1.1 no")
        }
        let sense = sense { $0.connections = 2 }
        defer { sense.close() }
        var tokens: [UInt64] = []
        for number in 0..<40 { tokens.append(asker.begin(sense, try question("u\(number % 4)@example.net"))) }
        #expect(outbound.awaitRequests(2))
        #expect(outbound.requests.count == 2)
        gate.open()
        for token in tokens {
            #expect(asker.wait(token) == .recipient(.unknown(reply: "550 5.1.1 no")))
        }
        #expect(outbound.requests.count == 4)
        #expect(outbound.connectionCount == 2)
    }

    @Test("a next hop that takes an address nobody can have is named, once, and again when it changes")
    func catchAll() throws {
        let takesAll = Mutex(true)
        let outbound = try FakeOutbound(path: path) { asked in
            takesAll.withLock { $0 } ? FakeOutbound.accepted : Self.honest(asked)
        }
        let sense = sense { $0.positiveSeconds = 0 }
        #expect(try ask(sense, "anna@example.net") == .accepted)
        #expect(outbound.awaitRequests(2))
        #expect(try ask(sense, "anna@example.net") == .accepted)
        #expect(outbound.awaitRequests(4))
        takesAll.withLock { $0 = false }
        #expect(try ask(sense, "anna@example.net") == .accepted)
        #expect(outbound.awaitRequests(6))
        sense.close()
        let unlikely = outbound.requests.filter { $0.recipient != "anna@example.net" }
        #expect(unlikely.count == 3)
        #expect(Set(unlikely.map(\.recipient)).count == 3)
        #expect(unlikely.allSatisfy { $0.recipient.hasSuffix("@example.net") })
        #expect(log.all.count { $0.contains("call_ahead.tells_nothing") } == 1)
        #expect(
            log.all.contains { $0.contains("call_ahead.tells_nothing channel=inside domain=example.net") })
        #expect(log.all.count { $0.contains("call_ahead.tells_again") } == 1)
        #expect(counters.value(.callAheadCatchAlls) == 0)
    }

    @Test("with a lifetime, the address nobody has is tried once in it, for each channel and domain")
    func catchAllOnce() throws {
        let outbound = try FakeOutbound(path: path) { _ in FakeOutbound.accepted }
        let sense = sense()
        for number in 0..<5 { _ = try ask(sense, "u\(number)@example.net") }
        _ = try ask(sense, "u@other.example")
        _ = try ask(sense, "u@example.net", channel: "second")
        sense.close()
        #expect(outbound.requests.count { $0.recipient.hasPrefix("no-such-user-") } == 3)
        #expect(counters.value(.callAheadCatchAlls) == 3)
    }

    @Test(
        "an outbound role that is gone, silent or talks nonsense makes nobody wait longer, and nobody unknown"
    )
    func troubles() throws {
        let gone = sense()
        #expect(try ask(gone, "anna@example.net") == .unsure("the outbound role gives no answer"))
        gone.close()
        let acts: [FakeOutbound.Act] = [
            .drop, .silence, .say(["nonsense"]), .say([#"{"outcome":"maybe"}"#, #"{"done":true}"#]),
            .say([#"{"error":"64 clients ask already; try again"}"#]), .say([#"{"done":true}"#]),
            .say([String(repeating: "x", count: 20_000)]),
            .say([#"{"outcome":{"a":1}}"#, #"{"done":true}"#]),
        ]
        for act in acts {
            let outbound = try FakeOutbound(path: path) { _ in act }
            let sense = sense { $0.timeoutMs = 1_000 }
            guard case .unsure = try ask(sense, "anna@example.net") else {
                Issue.record("\(act) was an answer")
                continue
            }
            sense.close()
            #expect(outbound.requests.count >= 1)
        }
        // It is back, and so are answers.
        let outbound = try FakeOutbound(path: path, Self.honest)
        let sense = sense()
        #expect(try ask(sense, "anna@example.net") == .accepted)
        sense.close()
        #expect(outbound.requests.count == 2)
    }

    @Test("a role that was restarted costs no answer")
    func restarted() throws {
        var outbound: FakeOutbound? = try FakeOutbound(path: path) { asked in
            asked.recipient == "last@example.net" ? .drop : FakeOutbound.unknown("550 5.1.1 no")
        }
        let sense = sense { $0.connections = 1 }
        defer { sense.close() }
        #expect(try ask(sense, "u@example.net") == .unknown(reply: "550 5.1.1 no"))
        guard case .unsure = try ask(sense, "last@example.net") else {
            Issue.record("an answer from nowhere")
            return
        }
        #expect(outbound?.connectionCount == 2)
        outbound = nil
        let next = try FakeOutbound(path: path, Self.honest)
        #expect(try ask(sense, "other@example.net") != nil)
        #expect(next.requests.count == 1)
    }

    @Test("an object of ours is read, and anything else is none")
    func objects() {
        let good = FlatObject(Array(#" { "a" : "x\"\\\/\n\u0041", "b":12, "c":true,"d":null } "#.utf8))
        #expect(good?.string("a") == "x\"\\/\nA")
        #expect(good?.has("b") == true)
        #expect(good?.string("b") == nil)
        #expect(FlatObject(Array("{}".utf8)) != nil)
        for text in [
            "", "{", "}", "[]", #"{"a"}"#, #"{"a":}"#, #"{"a":"x"#, #"{"a":"x}"#, #"{"a":"x",}"#,
            #"{"a":{}}"#,
            #"{"a":[1]}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":1} x"#, #"{a:1}"#, "{\"a\":\"\\",
        ] {
            #expect(FlatObject(Array(text.utf8)) == nil, "\(text)")
        }
    }
}

/// Closed until it is opened.
private final class Gate: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    func pass() {
        let deadline = Date(timeIntervalSinceNow: 30)
        while !isOpen.withLock({ $0 }), Date() < deadline {
            var nothing = pollfd(fd: -1, events: 0, revents: 0)
            poll(&nothing, 1, 5)
        }
    }
}
