// SPDX-License-Identifier: MIT

import DurableQueue
import Mail
import Testing

@testable import Outbound

@Suite("A run of a channel, as ETRN asks for it")
struct ChannelRunTests {
    private let later = RetrySchedule(delaysSeconds: [3_600], lifetimeSeconds: 86_400)

    private func run(_ channel: String?, _ gateway: Gateway) throws -> (entries: [Int], error: String?) {
        var request = QueueRequest(.run)
        request.channel = channel
        let answer = try gateway.client.ask(request)
        guard answer.end.error == nil else { return ([], answer.end.error) }
        return (try answer.decoded(as: RunResult.self).map(\.entries), nil)
    }

    @Test("makes what waits in that channel due, and nothing else")
    func due() throws {
        var script = SMTPSink.Script()
        script.content = { $0 <= 2 ? .reply("451 4.3.0 later") : .reply("250 2.0.0 ok") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink), "other": .sink(sink)], schedule: later)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage("one"))
        #expect(gateway.sees("message.deferred"))
        try gateway.queue(sampleMessage("two"), channel: "other")
        #expect(gateway.sees("message.deferred", times: 2))
        #expect(try run("relay", gateway).entries == [1])
        #expect(gateway.sees("message.delivered"))
        #expect(sink.log.now.accepted.map(\.message) == [sampleMessage("one")])
        #expect(try gateway.rows().map(\.channel) == ["other"])
    }

    @Test("is made once in a while, however often it is asked for, and answered all the same")
    func bounded() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], schedule: later)
        defer { gateway.end() }
        try gateway.start()
        for _ in 0..<20 { #expect(try run("relay", gateway).entries == [0]) }
        #expect(gateway.events.now.count { $0.hasPrefix("channel.run") } == 1)
    }

    @Test("of a channel that there isn't, or of none, is refused")
    func unknown() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        #expect(try run("nowhere", gateway).error == "there is no channel \"nowhere\" that mail leaves by")
        #expect(try run(nil, gateway).error == "run needs \"channel\"; name one")
    }
}
