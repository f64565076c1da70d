// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Mail
import Telemetry
import Testing

@testable import Outbound

@Suite("Commands to the queue")
struct QueueCommandTests {
    @Test("a held message is released on request, and the answer carries the next hop's reply")
    func release() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(sampleMessage(), holding: "sidelined by rule 7")
        let rows = try gateway.rows { $0.state = "held" }
        #expect(rows.map(\.reason) == ["sidelined by rule 7"])
        #expect(sink.log.now.connections == 0)
        let results = try gateway.act(.release, ["\(id).0"], key: "k1")
        #expect(
            results == [ActResult(id: "\(id).0", result: .delivered, nextHopReply: "250 2.0.0 queued as 1")])
        #expect(sink.log.now.accepted.map(\.message) == [sampleMessage()])
        #expect(try gateway.rows().isEmpty)
    }

    @Test("released twice, from two windows and across a restart, it is delivered once")
    func releaseTwice() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let id = "\(try gateway.queue(sampleMessage(), holding: "sidelined")).0"
        let answers = Journal<[ActResult]>([])
        for key in ["one", "two", "three"] {
            Thread.detachNewThread {
                let results = try? gateway.act(.release, [id], key: key)
                answers.change { $0 += results ?? [] }
            }
        }
        #expect(answers.wait { $0.count == 3 })
        #expect(answers.now.count { $0.result == .delivered } == 1)
        #expect(answers.now.count { $0.result == .alreadyReleased } == 2)
        gateway.stop()
        try gateway.start()
        #expect(try gateway.act(.release, [id], key: "four").map(\.result) == [.alreadyReleased])
        let first = try #require(answers.now.first { $0.result == .delivered })
        #expect(first.nextHopReply == "250 2.0.0 queued as 1")
        #expect(sink.log.now.contents.count == 1)
    }

    @Test("an act asked for again with its key gets the recorded answer, across a restart")
    func sameKey() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let id = "\(try gateway.queue(sampleMessage(), holding: "sidelined")).0"
        let first = try gateway.act(.release, [id], key: "k")
        #expect(first.map(\.result) == [.delivered])
        #expect(try gateway.act(.release, [id], key: "k") == first)
        gateway.stop()
        try gateway.start()
        #expect(try gateway.act(.release, [id], key: "k") == first)
        #expect(sink.log.now.contents.count == 1)
    }

    @Test("a 452 on release is shown, and the message stays held until a later release delivers it")
    func releaseDeferred() throws {
        var script = SMTPSink.Script()
        script.content = { $0 == 1 ? .reply("452 4.3.1 no room") : .reply("250 2.0.0 ok") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(
            ["relay": .sink(sink)], schedule: RetrySchedule(delaysSeconds: [0], lifetimeSeconds: 3_600))
        defer { gateway.end() }
        try gateway.start()
        let id = "\(try gateway.queue(sampleMessage(), holding: "sidelined")).0"
        let results = try gateway.act(.release, [id], key: "k1")
        #expect(results.map(\.result) == [.deferred])
        #expect(results.first?.nextHopReply == "452 4.3.1 no room")
        let rows = try gateway.rows()
        #expect(rows.map(\.state) == ["held"])
        #expect(rows.first?.reason == "put off on release: 452 4.3.1 no room")
        gateway.stop()
        try gateway.start()
        #expect(try gateway.rows().map(\.state) == ["held"])
        #expect(try gateway.act(.release, [id], key: "k2").map(\.result) == [.delivered])
        #expect(sink.log.now.contents.count == 2)
    }

    @Test("a refusal on release is shown, and the message stays held")
    func releaseRefused() throws {
        var script = SMTPSink.Script()
        script.recipient = { _ in .reply("550 5.1.1 no such user") }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let id = "\(try gateway.queue(sampleMessage(), holding: "sidelined")).0"
        let results = try gateway.act(.release, [id])
        #expect(results.map(\.result) == [.refused])
        #expect(results.first?.nextHopReply == "550 5.1.1 no such user")
        #expect(try gateway.rows().map(\.state) == ["held"])
    }

    @Test("a release to a next hop that can't be reached is answered, and the message stays held")
    func releaseUnreachable() throws {
        let sink = try SMTPSink(isListening: false)
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let id = "\(try gateway.queue(sampleMessage(), holding: "sidelined")).0"
        #expect(try gateway.act(.release, [id]).map(\.result) == [.deferred])
        #expect(try gateway.rows().map(\.state) == ["held"])
    }

    @Test("a release that takes too long is answered as under way, and done all the same")
    func releaseSlow() throws {
        let gate = Journal(false)
        var script = SMTPSink.Script()
        script.content = { _ in
            _ = gate.wait { $0 }
            return .reply("250 2.0.0 at last")
        }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)]) { $0.limits.releaseWaitMs = 100 }
        defer { gateway.end() }
        try gateway.start()
        let id = "\(try gateway.queue(sampleMessage(), holding: "sidelined")).0"
        #expect(try gateway.act(.release, [id]).map(\.result) == [.inProgress])
        #expect(try gateway.act(.delete, [id]).map(\.result) == [.busy])
        gate.change { $0 = true }
        #expect(gateway.sees("message.delivered"))
        #expect(try gateway.rows().isEmpty)
        #expect(try gateway.act(.release, [id], key: "again").map(\.result) == [.alreadyReleased])
    }

    @Test("a deleted message is gone, and stays gone")
    func delete() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let id = "\(try gateway.queue(sampleMessage(), holding: "sidelined")).0"
        #expect(try gateway.act(.delete, [id], key: "k").map(\.result) == [.deleted])
        #expect(try gateway.rows().isEmpty)
        #expect(try gateway.act(.delete, [id], key: "k").map(\.result) == [.deleted])
        #expect(try gateway.act(.delete, [id], key: "l").map(\.result) == [.alreadyDeleted])
        #expect(try gateway.act(.release, [id]).map(\.result) == [.alreadyDeleted])
        gateway.stop()
        try gateway.start()
        #expect(try gateway.rows().isEmpty)
        #expect(sink.log.now.connections == 0)
    }

    @Test("a waiting message can be held by hand, and retried at once after its release")
    func holdAndRetry() throws {
        let answers = Journal("451 4.3.0 not now")
        var script = SMTPSink.Script()
        script.content = { _ in .reply(answers.now) }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let one = "\(try gateway.queue(sampleMessage("one"))).0"
        let two = "\(try gateway.queue(sampleMessage("two"))).0"
        #expect(gateway.sees("message.deferred", times: 2))
        #expect(try gateway.act(.hold, [one]).map(\.result) == [.held])
        #expect(try gateway.act(.hold, [one]).map(\.result) == [.alreadyHeld])
        #expect(try gateway.rows { $0.state = "held" }.map(\.id) == [one])
        answers.change { $0 = "250 2.0.0 ok" }
        #expect(try gateway.act(.retry, [one]).map(\.result) == [.notPossible])
        #expect(try gateway.act(.retry, [two]).map(\.result) == [.scheduled])
        #expect(gateway.sees("message.delivered"))
        #expect(try gateway.rows().map(\.id) == [one])
    }

    @Test("a message's id names all its entries")
    func wholeMessage() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(
            sampleMessage(), to: [["b@example.net"], ["c@example.net"]], holding: "sidelined")
        let results = try gateway.act(.release, ["\(id)"])
        #expect(Set(results.map(\.id)) == ["\(id).0", "\(id).1"])
        #expect(results.allSatisfy { $0.result == .delivered })
        #expect(sink.log.now.accepted.count == 2)
        #expect(try gateway.act(.release, ["\(id)"]).map(\.result) == [.alreadyReleased])
    }

    @Test("what was never there is not found")
    func notFound() throws {
        let gateway = try Gateway([:])
        defer { gateway.end() }
        try gateway.start()
        #expect(try gateway.act(.release, ["1-8.0"]).map(\.result) == [.notFound])
        #expect(try gateway.act(.delete, ["nonsense"]).map(\.result) == [.notFound])
    }

    @Test("a list gives each entry with its keys, and filters it")
    func list() throws {
        let gateway = try Gateway([
            "relay": .smtp(host: "127.0.0.1", port: 9, connectionsMax: 1)
        ])
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(sampleMessage(), to: [["b@example.net"]], holding: "rule 7")
        try gateway.queue(sampleMessage(), from: nil, to: [["Other@example.org"]], holding: "rule 8")
        let answer = try gateway.client.ask(QueueRequest(.list))
        #expect(answer.end == AnswerEnd(done: true, count: 2))
        let object = try #require(try JSONSerialization.jsonObject(with: answer.lines[0]) as? [String: Any])
        #expect(object["id"] as? String == "\(id).0")
        #expect(object["entry"] as? Int == 0)
        #expect(object["state"] as? String == "held")
        #expect(object["from"] as? String == "a@example.com")
        #expect(object["to"] as? [String] == ["b@example.net"])
        #expect(object["size_bytes"] as? Int == sampleMessage().count)
        #expect((object["arrived"] as? String)?.hasSuffix("Z") == true)
        #expect(object["reason"] as? String == "rule 7")
        #expect(object["case"] as? String == "CASE1")
        #expect(object["channel"] as? String == "relay")
        #expect(object["attempts"] as? Int == 0)
        #expect(try gateway.rows { $0.to = "*@EXAMPLE.org" }.map(\.case) == ["CASE2"])
        #expect(try gateway.rows { $0.from = "a@*" }.map(\.case) == ["CASE1"])
        #expect(try gateway.rows { $0.from = "" }.map(\.case) == ["CASE2"])
        #expect(try gateway.rows { $0.channel = "other" }.isEmpty)
        #expect(try gateway.rows { $0.reason = "*8" }.map(\.case) == ["CASE2"])
        #expect(try gateway.rows { $0.state = "owed" }.isEmpty)
        let summary = try gateway.client.ask(QueueRequest(.summary)).decoded(as: QueueSummary.self)
        #expect(summary.first?.held == 2)
        #expect(summary.first?.channels.map(\.channel) == ["relay"])
    }

    @Test("show gives the trail, and the header with nothing in it that moves a cursor")
    func show() throws {
        let gateway = try Gateway([:])
        defer { gateway.end() }
        try gateway.start()
        let body = Array("Subject: a\u{1b}[2Jb\\\r\nX: y\r\n\r\nsecret body\r\n".utf8)
        let id = try gateway.queue(body, holding: "rule 7", note: "{\"entries\":[{\"n\":1}]}")
        let shown = try gateway.client.ask(QueueRequest(.show, ids: ["\(id)"])).decoded(as: QueueDetails.self)
        #expect(shown.first?.header == "Subject: a\\x1b[2Jb\\\\\nX: y\n")
        #expect(shown.first?.trail == .object(["entries": .array([.object(["n": .integer(1)])])]))
        #expect(shown.first?.row.reason == "rule 7")
    }

    @Test(
        "a bad request is answered with what is wrong",
        arguments: [
            ("not json\n", "the request isn't a JSON object"),
            ("{\"verb\":\"explode\"}\n", "the request isn't"),
            ("{\"verb\":\"release\"}\n", "release needs \"ids\"; name at least one"),
            ("{\"verb\":\"list\",\"state\":\"lost\"}\n", "there is no state \"lost\""),
            (String(repeating: "x", count: 200_000), "the request is longer than 65536 octets"),
        ])
    func badRequest(raw: String, complaint: String) throws {
        let gateway = try Gateway([:])
        defer { gateway.end() }
        try gateway.start()
        let answer = try gateway.client.ask(raw: Array(raw.utf8))
        #expect(answer.end.error?.hasPrefix(complaint) == true, "\(answer.end)")
        let logged = "command.refused reason=" + LogfmtHandler.escape(complaint).dropLast()
        #expect(gateway.sees(logged))
        #expect(try gateway.rows().isEmpty)
        #expect(gateway.events.now.count { $0.contains("command.refused") } == 1)
    }

    @Test(
        "what a refused request says reaches neither a log nor a terminal as it is",
        arguments: [
            "{\"verb\":\"list\",\"state\":\"\\u001B[2J\\nlevel=error\"}\n",
            "{\"verb\":\"\\u001B[2J\\nlevel=error\"}\n",
        ])
    func slyRequest(raw: String) throws {
        let gateway = try Gateway([:])
        defer { gateway.end() }
        try gateway.start()
        let answer = try gateway.client.ask(raw: Array(raw.utf8))
        #expect(gateway.sees("command.refused"))
        let event = try #require(gateway.events.now.first { $0.contains("command.refused") })
        let heard = try #require(answer.end.error)
        #expect(event.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        for told in [event, heard] { #expect(told.contains("\\x1b[2J\\x0alevel=error")) }
        #expect(!event.contains("\\\\"))
    }

    @Test("a refusal is cut, and its mark says so")
    func longRefusal() {
        let text = Refusal(String(repeating: "x", count: 100_000)).text
        #expect(text == String(repeating: "x", count: Refusal.octetsMax) + "...")
        #expect(Refusal("a\\b\r\n\u{E9}").text == "a\\\\b\\x0d\\x0a\\xc3\\xa9")
    }
}
