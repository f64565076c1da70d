// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Mail
import Testing

@testable import Outbound

@Suite("Delivery into a maildir")
struct MaildirDeliveryTests {
    private func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test("a message arrives in new/, as received, with Return-Path and Delivered-To on top")
    func arrives() throws {
        let folder = "/tmp/po-md-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let gateway = try Gateway(["box": .maildir(path: folder)])
        defer { gateway.end() }
        try gateway.start()
        let body = sampleMessage("in a box")
        let id = try gateway.queue(body, to: [["b@example.net", "c@example.net"]], channel: "box")
        #expect(gateway.sees("message.delivered"))
        let names = try files(folder + "/new")
        #expect(names.count == 1)
        #expect(names.first?.contains("Q\(id).0.gate.example") == true)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/new/" + names[0]))
        let top =
            "Return-Path: <a@example.com>\r\nDelivered-To: b@example.net\r\nDelivered-To: c@example.net\r\n"
        #expect(Array(bytes) == Array(top.utf8) + body)
        #expect(try files(folder + "/tmp").isEmpty)
    }

    @Test("a delivery repeated because its record was lost arrives once")
    func repeated() throws {
        let folder = "/tmp/po-md-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let gateway = try Gateway(["box": .maildir(path: folder)])
        defer { gateway.end() }
        let body = sampleMessage("in a box")
        try gateway.queue(body, from: nil, channel: "box")
        try gateway.start()
        #expect(gateway.sees("message.delivered"))
        gateway.stop()
        // The queue forgets what outbound did, as after a power cut before the record was synced.
        try FileManager.default.removeItem(atPath: gateway.root + "/queue")
        try gateway.start()
        #expect(gateway.sees("message.delivered", times: 2))
        #expect(try files(folder + "/new").count == 1)
        #expect(try files(folder + "/tmp").isEmpty)
    }

    @Test("a maildir that can't be written defers, with the file and the cause")
    func unwritable() throws {
        let folder = "/tmp/po-md-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let gateway = try Gateway(["box": .maildir(path: folder)])
        defer { gateway.end() }
        try gateway.start()
        try FileManager.default.removeItem(atPath: folder + "/tmp")
        try gateway.queue(sampleMessage(), channel: "box")
        #expect(gateway.sees("message.deferred"))
        let row = try #require(try gateway.rows().first)
        #expect(row.state == "waiting")
        #expect(row.reason.contains("No such file or directory"))
    }

    /// A maildir below a plain file: nobody can make it, not even root.
    private func impossible() throws -> (parent: String, folder: String) {
        let parent = "/tmp/po-md-\(UInt32.random(in: 0...UInt32.max))"
        try Data().write(to: URL(fileURLWithPath: parent))
        return (parent, parent + "/box")
    }

    @Test("a maildir that can't be made rests, the other routes go on, and its mail arrives once it can be")
    func restsAndComesBack() throws {
        let (parent, folder) = try impossible()
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let sink = try SMTPSink()
        let gateway = try Gateway(["box": .maildir(path: folder), "relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        // Told before there is any mail for it.
        #expect(gateway.sees("next_hop.resting"))
        let told = try #require(gateway.events.now.first { $0.contains("next_hop.resting") })
        #expect(told.contains("box"))
        #expect(told.contains("\(folder): Not a directory; check that its parent exists and is writable"))
        try gateway.queue(sampleMessage("in a box"), channel: "box")
        try gateway.queue(sampleMessage("over there"))
        #expect(gateway.sees("message.delivered"))
        #expect(sink.log.now.accepted.map(\.message) == [sampleMessage("over there")])
        // Tried again, left alone for longer.
        #expect(gateway.sees("next_hop.resting", times: 3))
        #expect(try gateway.rows().map(\.state) == ["in_flight"])
        let summary = try gateway.client.ask(QueueRequest(.summary)).decoded(as: QueueSummary.self)
        let box = try #require(summary.first?.channels.first { $0.channel == "box" })
        #expect(box.resting?.contains("Not a directory") == true)
        try FileManager.default.removeItem(atPath: parent)
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
        #expect(gateway.sees("next_hop.back"))
        #expect(gateway.sees("message.delivered", times: 2))
        #expect(try files(folder + "/new").count == 1)
        #expect(!gateway.events.now.contains { $0.contains("message.deferred") })
    }

    @Test("mail for a maildir that rests beyond our patience waits by the schedule, and the reason is shown")
    func restsForLong() throws {
        let (parent, folder) = try impossible()
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let gateway = try Gateway(
            ["box": .maildir(path: folder)],
            schedule: RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 3_600)
        ) { $0.limits.restingPatienceMs = 0 }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage(), channel: "box")
        #expect(gateway.sees("message.deferred"))
        let row = try #require(try gateway.rows().first)
        #expect(row.state == "waiting")
        #expect(row.reason.hasPrefix("451 4.3.0 maildir folder \(folder): Not a directory"))
        try FileManager.default.removeItem(atPath: parent)
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
        #expect(gateway.sees("message.delivered"))
    }

    @Test("what a failed delivery found missing is made before the next one")
    func mended() throws {
        let folder = "/tmp/po-md-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let gateway = try Gateway(
            ["box": .maildir(path: folder)],
            schedule: RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 3_600))
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage("one"), channel: "box")
        #expect(gateway.sees("message.delivered"))
        try FileManager.default.removeItem(atPath: folder + "/tmp")
        try gateway.queue(sampleMessage("two"), channel: "box")
        #expect(gateway.sees("message.deferred"))
        #expect(gateway.sees("message.delivered", times: 2))
        #expect(try files(folder + "/new").count == 2)
    }
}
