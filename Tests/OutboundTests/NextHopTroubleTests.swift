// SPDX-License-Identifier: MIT

import DurableQueue
import Mail
import SMTPProtocol
import Telemetry
import Testing

@testable import Outbound

@Suite("A next hop in trouble")
struct NextHopTroubleTests {
    private static func impatient(_ settings: inout OutboundSettings) {
        settings.limits.restingPatienceMs = 0
        settings.sending.greetingSecondsMax = 1
        settings.sending.commandSecondsMax = 1
        settings.sending.dataSecondsMax = 1
        settings.sending.contentPauseSecondsMax = 1
        settings.sending.finalReplySecondsMax = 1
    }

    private static let soon = RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 3_600)

    @Test("a link that drops after the final dot leaves an unknown outcome: tried again, counted and logged")
    func dropAfterDot() throws {
        var script = SMTPSink.Script()
        script.content = { $0 == 1 ? .drop : .reply("250 2.0.0 ok") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)], schedule: Self.soon)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.uncertain"))
        #expect(gateway.sees("message.delivered"))
        #expect(gateway.counters.value(.deliveriesUncertain) == 1)
        #expect(sink.log.now.contents.count == 2)
        #expect(sink.log.now.accepted.count == 1)
    }

    @Test("a next hop that takes the connection and never greets is given up, and the mail waits")
    func neverGreets() throws {
        var script = SMTPSink.Script()
        script.greeting = { _ in .silence }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)], Self.impatient)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.deferred"))
        #expect(gateway.sees("next_hop.resting"))
        let rows = try gateway.rows()
        #expect(rows.map(\.state) == ["waiting"])
        #expect(rows.first?.reason.contains("the next hop took too long") == true)
    }

    @Test("a next hop that never answers the final dot is given up, and the outcome counts as unknown")
    func silentAfterDot() throws {
        var script = SMTPSink.Script()
        script.content = { _ in .silence }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)], Self.impatient)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.uncertain"))
        #expect(gateway.sees("message.deferred"))
        #expect(try gateway.rows().map(\.state) == ["waiting"])
    }

    @Test("a reply without end is cut off, and the mail waits", arguments: ["250-more", "x"])
    func endless(line: String) throws {
        var script = SMTPSink.Script()
        script.mail = { _, _ in .endless(line) }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.deferred"))
        #expect(sink.log.wait { $0.open == 0 })
        #expect(sink.log.now.contents.isEmpty)
    }

    @Test("a short outage costs nothing: what waits is delivered in order once the next hop is back")
    func nobodyListens() throws {
        let sink = try SMTPSink(isListening: false)
        let gateway = try Gateway(["relay": .sink(sink, connections: 1)])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(numbered: 5)
        #expect(gateway.sees("next_hop.resting", times: 2))
        #expect(try gateway.rows().map(\.state) == Array(repeating: "in_flight", count: 5))
        sink.listen()
        #expect(gateway.sees("message.delivered", times: 5))
        #expect(gateway.sees("next_hop.back"))
        #expect(sink.log.now.contents.map(\.message) == (0..<5).map { sampleMessage("number \($0)") })
        #expect(!gateway.events.now.contains { $0.contains("message.deferred") })
    }

    @Test("an outage beyond our patience moves the mail out of the spool, to be tried by the schedule")
    func longOutage() throws {
        let sink = try SMTPSink(isListening: false)
        let gateway = try Gateway(
            ["relay": .sink(sink, connections: 1)], schedule: Self.soon
        ) { $0.limits.restingPatienceMs = 100 }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(numbered: 5)
        #expect(gateway.sees("message.deferred", times: 5))
        let reasons = Set(try gateway.rows().map(\.reason))
        #expect(reasons == ["451 4.4.1 next hop 127.0.0.1 port \(sink.port): Connection refused"])
        sink.listen()
        #expect(gateway.sees("message.delivered", times: 5))
        #expect(sink.log.now.contents.count == 5)
    }

    @Test("a stop isn't held up by a next hop that never answers, and the next start tries again")
    func stopWhileSilent() throws {
        var script = SMTPSink.Script()
        script.content = { $0 == 1 ? .silence : .reply("250 2.0.0 ok") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)], schedule: Self.soon) { $0.limits.stopBudgetMs = 50 }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(sink.log.wait { $0.contents.count == 1 })
        gateway.stop()
        #expect(gateway.events.now.contains { $0.hasPrefix("message.uncertain") })
        try gateway.start()
        #expect(gateway.sees("message.delivered"))
        #expect(sink.log.now.accepted.count == 1)
    }

    @Test("a 421 in place of the greeting defers, whatever waits")
    func turnedAway() throws {
        var script = SMTPSink.Script()
        script.greeting = { _ in .lastWords("421 4.7.0 too many connections") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)], Self.impatient)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.deferred"))
        #expect(try gateway.rows().first?.reason.contains("421 4.7.0 too many connections") == true)
    }

    @Test("a next hop that stands one connection gets everything over one")
    func oneConnectionOnly() throws {
        var script = SMTPSink.Script()
        script.greeting = { $0 == 1 ? .reply("220 sink") : .lastWords("421 4.7.0 one at a time") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink, connections: 4)], schedule: Self.soon) {
            $0.limits.idleMs = 30_000
        }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage("first"))
        #expect(gateway.sees("message.delivered"))
        try gateway.queue(numbered: 40)
        #expect(gateway.sees("message.delivered", times: 41))
        #expect(sink.log.now.accepted.allSatisfy { $0.connection == 1 })
        #expect(!gateway.events.now.contains { $0.contains("message.deferred") })
    }

    @Test("an idle connection that the server closes under us costs a new one, not a deferral")
    func closedWhileIdle() throws {
        var script = SMTPSink.Script()
        // The second MAIL on the first connection finds it closed.
        let seen = Journal(0)
        script.mail = { _, _ in
            seen.change { $0 += 1 }
            return seen.now == 2 ? .drop : .reply("250 2.1.0 ok")
        }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink, connections: 1)]) { $0.limits.idleMs = 30_000 }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage("one"))
        #expect(gateway.sees("message.delivered"))
        try gateway.queue(sampleMessage("two"))
        #expect(gateway.sees("message.delivered", times: 2))
        #expect(!gateway.events.now.contains { $0.contains("message.deferred") })
        #expect(sink.log.now.connections == 2)
    }

    @Test("an idle connection is ended by us with QUIT")
    func idle() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)]) { $0.limits.idleMs = 50 }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.delivered"))
        #expect(sink.log.wait { $0.open == 0 })
        #expect(sink.log.now.commands.last == "QUIT")
    }

    @Test("one destination in trouble doesn't hold up another")
    func fairness() throws {
        var script = SMTPSink.Script()
        script.content = { _ in .silence }
        let bad = try SMTPSink(script)
        let good = try SMTPSink()
        let gateway = try Gateway(["bad": .sink(bad), "good": .sink(good)])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(numbered: 100, channel: "bad")
        try gateway.queue(numbered: 20, channel: "good")
        #expect(gateway.sees("message.delivered", times: 20))
        #expect(good.log.now.accepted.count == 20)
    }
}
