// SPDX-License-Identifier: MIT

import DurableQueue
import Mail
import SMTPProtocol
import Telemetry
import Testing

@testable import Outbound

@Suite("Delivery to a next hop")
struct SMTPDeliveryTests {
    @Test("a message is delivered once, as it was received")
    func once() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        let body = sampleMessage("8-bit: \u{e9}\r\n.dot\r\n..two")
        let id = try gateway.queue(body)
        try gateway.start()
        #expect(gateway.sees("message.delivered"))
        let mails = sink.log.now.accepted
        #expect(mails.count == 1)
        #expect(mails.first?.sender == "a@example.com")
        #expect(mails.first?.recipients == ["b@example.net"])
        #expect(mails.first?.message == body)
        #expect(gateway.events.now.contains { $0.contains("entry=\(id).0") && $0.contains("case=CASE1") })
        #expect(try gateway.rows().isEmpty)
        gateway.stop()
        try gateway.start()
        #expect(gateway.sees("outbound.started", times: 2))
        #expect(try gateway.rows().isEmpty)
        #expect(sink.log.now.contents.count == 1)
        #expect(gateway.counters.value(.deliveriesDone) == 1)
    }

    @Test("whatever line ends the queue holds, only CRLF goes out, and one message stays one")
    func smuggling() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let bodies = [
            "a\n.\nMAIL FROM:<x@y>\r\n", "a\r.\rb", "a\r\n.\nb\r\n", "a\n.\r\nb\r\n", "a\r\r\n.\r\r\nb\r\n",
            ".", "",
            "no line end", "\r\n\0.\r\n",
        ]
        for body in bodies { try gateway.queue(Array(body.utf8)) }
        #expect(gateway.sees("message.delivered", times: bodies.count))
        #expect(sink.log.now.contents.count == bodies.count)
        #expect(sink.log.now.violations == [])
    }

    @Test("a large message goes out in pieces, whole")
    func large() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let body = sampleMessage(octets: 1_200_000)
        try gateway.queue(body)
        #expect(gateway.sees("message.delivered"))
        #expect(sink.log.now.accepted.first?.message == body)
    }

    @Test("many messages share few connections, and arrive in order over one")
    func reuse() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink, connections: 1)])
        defer { gateway.end() }
        try gateway.queue(numbered: 50)
        try gateway.start()
        #expect(gateway.sees("message.delivered", times: 50))
        let log = sink.log.now
        #expect(log.connections == 1)
        #expect(log.accepted.map(\.message) == (0..<50).map { sampleMessage("number \($0)") })
    }

    @Test("no more connections are made than the route allows")
    func connectionsMax() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink, connections: 3)])
        defer { gateway.end() }
        try gateway.queue(numbered: 60)
        try gateway.start()
        #expect(gateway.sees("message.delivered", times: 60))
        #expect(sink.log.now.connections <= 3)
        #expect(sink.log.now.accepted.count == 60)
    }

    @Test("a 452 is tried again by the schedule, and accepted then")
    func deferredThenAccepted() throws {
        var script = SMTPSink.Script()
        script.content = { $0 == 1 ? .reply("452 4.3.1 no room") : .reply("250 2.0.0 ok") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(
            ["relay": .sink(sink)], schedule: RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 3_600))
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.deferred"))
        #expect(gateway.events.now.contains { $0.contains("452 4.3.1 no room") })
        #expect(gateway.sees("message.delivered"))
        #expect(sink.log.now.contents.count == 2)
        #expect(sink.log.now.accepted.count == 1)
        #expect(gateway.events.now.filter { $0.contains("\(id).0") && $0.contains("message.") }.count == 2)
    }

    @Test("what is refused for good is held with the next hop's reply, and nothing is lost")
    func refused() throws {
        var script = SMTPSink.Script()
        script.content = { _ in .reply("554 5.7.1 spam") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.refused"))
        let rows = try gateway.rows { $0.state = "held" }
        #expect(rows.map(\.id) == ["\(id).0"])
        #expect(rows.first?.reason == "refused by the next hop: 554 5.7.1 spam")
        #expect(gateway.counters.value(.deliveriesRefused) == 1)
    }

    @Test("each recipient of an entry meets his own fate")
    func fates() throws {
        var script = SMTPSink.Script()
        script.recipient = { address in
            switch address {
            case "full@example.net": .reply("452 4.2.2 mailbox full")
            case "gone@example.net": .reply("550 5.1.1 no such user")
            default: .reply("250 2.1.5 ok")
            }
        }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage(), to: [["full@example.net", "ok@example.net", "gone@example.net"]])
        #expect(gateway.sees("message.deferred"))
        let rows = try gateway.rows()
        #expect(rows.count == 2)
        let held = rows.first { $0.state == "held" }
        #expect(held?.to == ["gone@example.net"])
        #expect(held?.reason == "refused by the next hop: 550 5.1.1 no such user")
        let waiting = rows.first { $0.state == "waiting" }
        #expect(waiting?.to == ["full@example.net"])
        #expect(waiting?.reason == "452 4.2.2 mailbox full")
        #expect(waiting?.nextAttempt != nil)
        #expect(sink.log.now.accepted.map(\.recipients) == [["ok@example.net"]])
    }

    @Test("what has waited for its lifetime is held, with the last reason")
    func expired() throws {
        var script = SMTPSink.Script()
        script.mail = { _, _ in .reply("451 4.3.0 not now") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(
            ["relay": .sink(sink)], schedule: RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 0))
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.expired"))
        let rows = try gateway.rows()
        #expect(rows.map(\.state) == ["held"])
        #expect(rows.first?.reason.contains("451 4.3.0 not now") == true)
    }

    @Test("mail for a channel without a route is held, never dropped")
    func unroutable() throws {
        let gateway = try Gateway([:])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage(), channel: "nowhere")
        #expect(gateway.sees("message.unroutable"))
        let rows = try gateway.rows()
        #expect(rows.map(\.state) == ["held"])
        #expect(
            rows.first?.reason
                == "channel nowhere has no next hop; name one in the configuration, then release this")
    }

    @Test("a lost hint costs no more than the poll interval")
    func lostHint() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)]) { $0.pollIntervalMs = 100 }
        defer { gateway.end() }
        try gateway.start()
        #expect(gateway.sees("outbound.started"))
        try gateway.queue(sampleMessage(), hint: false)
        #expect(gateway.sees("message.delivered"))
    }

    @Test("a stop finishes what is in flight and leaves the rest to the next start")
    func stop() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink, connections: 2)])
        defer { gateway.end() }
        try gateway.queue(numbered: 300)
        try gateway.start()
        #expect(sink.log.wait { !$0.accepted.isEmpty })
        gateway.stop()
        #expect(gateway.events.now.contains("outbound.stopped in_flight=0"))
        try gateway.start()
        #expect(sink.log.wait { $0.accepted.count >= 300 })
        #expect(gateway.sees("message.delivered", times: 300))
        let bodies = sink.log.now.contents.map(\.message)
        #expect(bodies.count == 300)
        #expect(Set(bodies).count == 300)
    }
}
