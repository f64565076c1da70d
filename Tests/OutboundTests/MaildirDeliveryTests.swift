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
}
