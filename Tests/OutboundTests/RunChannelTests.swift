// SPDX-License-Identifier: MIT

import Foundation
import Mail
import Testing

@testable import Outbound

@Suite("Running a channel")
struct RunChannelTests {
    private func run(_ gateway: Gateway, _ channel: String?) throws -> CommandClient.Answer {
        var request = QueueRequest(.run)
        request.channel = channel
        return try gateway.client.ask(request)
    }

    @Test("what waits for it is tried at once, and nothing of another channel")
    func waiting() throws {
        let answers = Journal("451 4.3.0 not now")
        var script = SMTPSink.Script()
        script.content = { _ in .reply(answers.now) }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink), "other": .sink(sink)]) { $0.limits.channelRunMs = 0 }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage("one"))
        try gateway.queue(sampleMessage("two"))
        let other = try gateway.queue(sampleMessage("three"), channel: "other")
        #expect(gateway.sees("message.deferred", times: 3))
        answers.change { $0 = "250 2.0.0 ok" }
        let answer = try run(gateway, "relay")
        #expect(try answer.decoded(as: RunResult.self) == [RunResult(channel: "relay", entries: 2)])
        #expect(gateway.sees("message.delivered", times: 2))
        #expect(try gateway.rows().map(\.id) == ["\(other).0"])
        let again = try run(gateway, "relay")
        #expect(again.end.error == nil)
        #expect(try again.decoded(as: RunResult.self) == [RunResult(channel: "relay", entries: 0)])
    }

    @Test("a channel that mail doesn't leave by, or none, is refused")
    func unknown() throws {
        let gateway = try Gateway([:])
        defer { gateway.end() }
        try gateway.start()
        #expect(try run(gateway, "relay").end.error?.contains("no channel \"relay\"") == true)
        #expect(try run(gateway, nil).end.error?.contains("run needs \"channel\"") == true)
    }
}
