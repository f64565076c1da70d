// SPDX-License-Identifier: MIT

import Foundation
import Mail
import Telemetry
import Testing

@testable import Outbound

@Suite("Asking next hops about recipients", .serialized)
struct RecipientProbeTests {
    /// A gateway, started, whose channel `relay` leads to `sink`.
    private func gateway(
        _ sink: SMTPSink, _ change: (inout ProbeLimits) -> Void = { _ in }
    ) throws -> Gateway {
        let gateway = try Gateway(["relay": .sink(sink)]) { settings in
            settings.probes.restMs = 200
            change(&settings.probes)
        }
        try gateway.start()
        return gateway
    }

    private func verify(
        _ gateway: Gateway, _ recipient: String, channel: String = "relay", timeoutMs: Int = 10_000
    ) throws -> VerifyResult {
        var request = QueueRequest(.verify)
        request.channel = channel
        request.recipient = recipient
        request.timeoutMs = timeoutMs
        let answer = try gateway.client.ask(request)
        #expect(answer.end.error == nil)
        return try #require(try answer.decoded(as: VerifyResult.self).first)
    }

    /// Each on a thread of its own, at once.
    private func verifyAll(_ gateway: Gateway, _ recipients: [String], timeoutMs: Int = 10_000)
        -> [VerifyResult]
    {
        let results = Journal<[String: VerifyResult]>([:])
        for recipient in recipients {
            Thread.detachNewThread {
                let result = try? self.verify(gateway, recipient, timeoutMs: timeoutMs)
                results.change { $0[recipient] = result ?? VerifyResult(outcome: .unsure, reason: "none") }
            }
        }
        #expect(results.wait(seconds: 60) { $0.count == recipients.count })
        return recipients.compactMap { results.now[$0] }
    }

    private static let script: SMTPSink.Script = {
        var script = SMTPSink.Script()
        script.recipient = { address in
            switch address.split(separator: "@").first {
            case "there": .reply("250 2.1.5 ok")
            case "busy": .reply("450 4.2.0 try later")
            case "relay": .reply("554 5.7.1 Relay access denied")
            case "silent": .silence
            case "dropped": .drop
            default: .reply("550 5.1.1 User unknown")
            }
        }
        return script
    }()

    @Test("its answer to RCPT is the answer: taken, unknown, or nobody can say")
    func answers() throws {
        let sink = try SMTPSink(Self.script)
        let gateway = try gateway(sink)
        defer { gateway.end() }
        #expect(try verify(gateway, "there@example.net") == VerifyResult(outcome: .accepted))
        #expect(
            try verify(gateway, "nobody@example.net")
                == VerifyResult(outcome: .unknown, reason: "550 5.1.1 User unknown"))
        #expect(
            try verify(gateway, "busy@example.net")
                == VerifyResult(outcome: .unsure, reason: "450 4.2.0 try later"))
        #expect(try verify(gateway, "relay@example.net").outcome == .unsure)
        // One connection served all of them, with the null sender, and no content was ever begun.
        let log = sink.log.now
        #expect(log.connections == 1)
        #expect(log.commands.count { $0 == "MAIL FROM:<>" } == 4)
        #expect(log.commands.count { $0 == "RSET" } == 4)
        #expect(!log.commands.contains { $0.hasPrefix("DATA") })
        #expect(gateway.counters.value(.callAheadProbes) == 4)
    }

    @Test("a maildir takes everyone, and a channel that isn't there is nobody's answer")
    func otherChannels() throws {
        let folder = "/tmp/po-maildir-\(UInt32.random(in: 0...UInt32.max))"
        let gateway = try Gateway(["inside": .maildir(path: folder)])
        defer {
            gateway.end()
            // The folder is a temporary one.
            try? FileManager.default.removeItem(atPath: folder)
        }
        try gateway.start()
        #expect(try verify(gateway, "x@example.net", channel: "inside").outcome == .accepted)
        #expect(try verify(gateway, "x@example.net", channel: "elsewhere").outcome == .unsure)
        var request = QueueRequest(.verify)
        request.channel = "inside"
        request.recipient = "no address"
        #expect(try gateway.client.ask(request).end.error?.contains("verify needs") == true)
    }

    @Test("a next hop that is silent, drops the line or is gone leaves nobody waiting beyond the time")
    func troubles() throws {
        let sink = try SMTPSink(Self.script)
        let gateway = try gateway(sink)
        defer { gateway.end() }
        let silent = try verify(gateway, "silent@example.net", timeoutMs: 300)
        #expect(silent.outcome == .unsure)
        #expect(silent.reason?.contains("no answer in time") == true)
        let dropped = try verify(gateway, "dropped@example.net")
        #expect(dropped.outcome == .unsure)
        #expect(dropped.reason?.contains("closed the connection") == true)
        #expect(try verify(gateway, "there@example.net").outcome == .accepted)

        let gone = try SMTPSink(isListening: false)
        let other = try self.gateway(gone)
        defer { other.end() }
        let refused = try verify(other, "there@example.net")
        #expect(refused.outcome == .unsure)
        #expect(refused.reason?.contains("Connection refused") == true)
    }

    @Test("a next hop that turns us away or speaks nonsense is left alone for a while, and asked again then")
    func turnedAway() throws {
        var script = Self.script
        script.greeting = { connection in
            switch connection {
            case 1: .lastWords("554 5.7.1 go away")
            case 2: .lastWords("HTTP/1.1 400 Bad Request")
            default: .reply("220 sink")
            }
        }
        let sink = try SMTPSink(script)
        let gateway = try gateway(sink)
        defer { gateway.end() }
        let away = try verify(gateway, "there@example.net")
        #expect(away.reason?.contains("554 5.7.1 go away") == true)
        // Within the rest nobody connects.
        #expect(try verify(gateway, "there@example.net").reason == away.reason)
        #expect(sink.log.now.connections == 1)
        // Each question waits for what is left of a rest, and the third connection is well.
        let deadline = Date(timeIntervalSinceNow: 20)
        var answer = away
        while answer.outcome != .accepted, Date() < deadline {
            answer = try verify(gateway, "there@example.net")
        }
        #expect(answer.outcome == .accepted)
        #expect(sink.log.now.connections == 3)
    }

    @Test(
        "however many ask at once, the next hop sees few connections, and no more questions than it may get")
    func bounded() throws {
        let sink = try SMTPSink(Self.script)
        let gateway = try gateway(sink) { limits in
            limits.connectionsMax = 2
            limits.perSecondMax = 5
            limits.waitingMax = 8
        }
        defer { gateway.end() }
        let results = verifyAll(gateway, (0..<30).map { "user\($0)@example.net" })
        #expect(results.count == 30)
        // What found no place heard so at once; what did was asked about.
        let asked = results.count { $0.outcome == .unknown }
        let turnedAway = results.count { $0.reason?.contains("wait to be asked about") == true }
        #expect(asked + turnedAway == 30)
        #expect(turnedAway > 0)
        #expect(sink.log.now.connections <= 2)
        #expect(sink.log.now.commands.count { $0.hasPrefix("RCPT") } == asked)
    }

    @Test("a connection that the next hop closed while it waited costs no answer")
    func idleClosed() throws {
        var script = Self.script
        script.recipient = {
            $0.hasPrefix("there") ? .reply("250 2.1.5 ok") : .lastWords("550 5.1.1 unknown")
        }
        let sink = try SMTPSink(script)
        let gateway = try gateway(sink)
        defer { gateway.end() }
        #expect(try verify(gateway, "nobody@example.net").outcome == .unknown)
        #expect(try verify(gateway, "there@example.net").outcome == .accepted)
    }

    @Test("an unused connection says QUIT")
    func quits() throws {
        let sink = try SMTPSink(Self.script)
        let gateway = try gateway(sink) { $0.idleMs = 50 }
        defer { gateway.end() }
        #expect(try verify(gateway, "there@example.net").outcome == .accepted)
        #expect(sink.log.wait { $0.commands.contains("QUIT") && $0.open == 0 })
    }

    @Test("a real Postfix says who is there and who isn't, and gets no mail")
    func postfix() throws {
        let postfix = try SmallPostfix(recipients: ["known@example.test"])
        defer { postfix.stop() }
        let gateway = try Gateway([
            "relay": .smtp(host: "127.0.0.1", port: postfix.port, connectionsMax: 2)
        ])
        defer { gateway.end() }
        try gateway.start()
        #expect(try verify(gateway, "known@example.test").outcome == .accepted)
        let unknown = try verify(gateway, "nobody@example.test")
        #expect(unknown.outcome == .unknown)
        #expect(unknown.reason?.hasPrefix("550 5.1.1") == true)
        // Not its domain: that says nothing of the address.
        #expect(try verify(gateway, "someone@elsewhere.example").outcome == .unsure)
        #expect(try verify(gateway, "known@example.test").outcome == .accepted)
    }
}
