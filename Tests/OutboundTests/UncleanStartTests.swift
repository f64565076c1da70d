// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Mail
import SMTPProtocol
import Telemetry
import Testing

@testable import Outbound

/// A killed process leaves its files as they are at that moment. So a copy of the folder, taken while the
/// next hop has a message and nobody has its answer, is what a kill there leaves.
@Suite("A start after a crash")
struct UncleanStartTests {
    /// Where a copy was made.
    private final class Snapshot: Sendable {
        let path = Journal<String?>(nil)
    }

    /// A gateway whose next hop takes `copied`, the ordinal of a content, at the moment of a kill.
    private func killed(
        at copied: Int, _ messages: Int = 1, connections: Int = 1
    ) throws -> (root: String, sink: SMTPSink) {
        let snapshot = Snapshot()
        let root = Gateway.newRoot()
        var script = SMTPSink.Script()
        script.content = { ordinal in
            // The final dot is here; nothing of what we answer can be in the queue's log.
            if ordinal == copied { snapshot.path.change { $0 = try? Gateway.leftByKill(root) } }
            return .reply("250 2.0.0 ok")
        }
        let sink = try SMTPSink(script)
        let gateway = try Gateway(["relay": .sink(sink, connections: connections)], root: root) {
            $0.limits.windowPerConnection = 1
        }
        defer { gateway.end() }
        for number in 0..<messages { try gateway.queue(sampleMessage("number \(number)"), hint: false) }
        try gateway.start()
        #expect(gateway.sees("message.delivered", times: messages))
        return (try #require(snapshot.path.now), sink)
    }

    private func ids(in line: String) -> [EntryID] {
        line.split { " \"=".contains($0) }.compactMap { EntryID($0) }
    }

    @Test(
        "killed between the next hop's 250 and its record, it repeats that one message, says so and counts it"
    )
    func beforeTheRecord() throws {
        let (root, _) = try killed(at: 1)
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], root: root)
        defer { gateway.end() }
        try gateway.start()
        #expect(gateway.sees("message.delivered"))
        let told = gateway.events.now.filter { $0.hasPrefix("queue.unclean") }
        #expect(told.count == 1)
        #expect(told.first?.contains("exactly") == true)
        #expect(gateway.counters.value(.deliveriesPossiblyRepeated) == 1)
        #expect(sink.log.now.accepted.count == 1)
        let delivered = try #require(gateway.events.now.first { $0.hasPrefix("message.delivered") })
        #expect(ids(in: delivered).count == 1)
        #expect(ids(in: told.first ?? "") == ids(in: delivered))
    }

    @Test("what was delivered and recorded before the kill, and what had not begun, isn't counted")
    func tight() throws {
        let (root, _) = try killed(at: 3, 6)
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], root: root)
        defer { gateway.end() }
        try gateway.start()
        // One is with the next hop; at most one more has been handed over to wait behind it.
        #expect(gateway.sees("message.delivered", times: 4))
        #expect(gateway.counters.value(.deliveriesPossiblyRepeated) == 1)
        #expect(sink.log.now.accepted.count == 4)
    }

    @Test("after a power cut it is at most all that is owed and due, by name the first twenty")
    func powerCut() throws {
        let (root, _) = try killed(at: 1, 25)
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], root: root) { $0.bootID = "another boot" }
        defer { gateway.end() }
        try gateway.start()
        #expect(gateway.sees("queue.unclean"))
        let told = try #require(gateway.events.now.first { $0.hasPrefix("queue.unclean") })
        #expect(told.contains("at_most"))
        #expect(ids(in: told).count == 20)
        #expect(gateway.counters.value(.deliveriesPossiblyRepeated) == 25)
    }

    @Test("after an orderly end nothing is said, whatever is still owed")
    func orderlyEnd() throws {
        let sink = try SMTPSink(isListening: false)
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("next_hop.resting"))
        gateway.stop()
        #expect(FileManager.default.fileExists(atPath: gateway.root + "/queue/stopped"))
        try gateway.start()
        #expect(gateway.sees("outbound.started", times: 2))
        gateway.stop()
        #expect(!gateway.events.now.contains { $0.hasPrefix("queue.unclean") })
        #expect(gateway.counters.value(.deliveriesPossiblyRepeated) == 0)
    }

    @Test("a crash with nothing under way is told, and counts nothing")
    func idleCrash() throws {
        let sink = try SMTPSink()
        let first = try Gateway(["relay": .sink(sink)])
        defer { first.end() }
        try first.start()
        try first.queue(sampleMessage())
        #expect(first.sees("message.delivered"))
        // A command is answered by the same thread, after it has written the record.
        _ = try first.rows()
        _ = try first.rows()
        let second = try Gateway(["relay": .sink(sink)], root: try Gateway.leftByKill(first.root))
        defer { second.end() }
        try second.start()
        #expect(second.sees("queue.unclean"))
        #expect(second.counters.value(.deliveriesPossiblyRepeated) == 0)
    }
}
