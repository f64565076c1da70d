// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Mail
import NIOCore
import SMTPProtocol
import Telemetry
import Testing

@testable import Outbound

@Suite("Rules about delivery")
struct DeliveryJudgeTests {
    // MARK: DEQUEUE_ACCESS

    @Test("an attempt that a rule aborts is made after the rule's delay, and counts as none")
    func abort() throws {
        let sink = try SMTPSink()
        let judge = JudgeAtHand(.dequeue) { _, count in
            count < 3 ? .abort(delaySeconds: 0, reason: "not before noon") : .proceed
        }
        let gateway = try Gateway(["relay": .sink(sink)], judge: judge)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.delivered"))
        #expect(
            gateway.events.now.count { $0.hasPrefix("message.postponed") && $0.contains("not before noon") }
                == 2)
        let asked = judge.log.now.attempts
        #expect(asked.map(\.attempts) == [0, 0, 0])
        #expect(asked.map(\.channel) == ["relay", "relay", "relay"])
        #expect(asked.first?.sender == Address("a@example.com"))
        #expect(asked.first?.domain == "example.net")
        #expect(asked.first?.caseID == "CASE1")
        #expect(gateway.counters.value(.deliveriesDeferred) == 0)
        #expect(sink.log.now.accepted.count == 1)
    }

    @Test("without a delay of the rule's the schedule decides, and an entry kept back expires all the same")
    func expiry() throws {
        let sink = try SMTPSink()
        let judge = JudgeAtHand(.dequeue) { _, _ in .abort(delaySeconds: nil, reason: "never") }
        let gateway = try Gateway(
            ["relay": .sink(sink)], schedule: RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 2),
            judge: judge)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.expired"))
        #expect(try gateway.rows().map(\.state) == ["held"])
        #expect(sink.log.now.connections == 0)
    }

    @Test("what a person released is not asked about")
    func released() throws {
        let sink = try SMTPSink()
        let judge = JudgeAtHand(.dequeue) { _, _ in .abort(delaySeconds: nil, reason: "never") }
        let gateway = try Gateway(["relay": .sink(sink)], judge: judge)
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(sampleMessage(), holding: "virus")
        #expect(try gateway.act(.release, ["\(id).0"]).map(\.result) == [.delivered])
        #expect(judge.log.now.attempts.isEmpty)
    }

    @Test("a stop while a rule is being asked leaves the entry to the next start")
    func stopWhileAsked() throws {
        final class Silent: DeliveryJudge {
            let asked = Journal(0)
            let matters = DeliveryMatters.dequeue
            func judge(_: DequeueQuery, then _: @escaping @Sendable (DequeueRuling) -> Void) {
                asked.change { $0 += 1 }
            }
            func judge(_: AddressQuery, then _: @escaping @Sendable (AddressRuling) -> Void) {}
            func note(_: DeliveryNote) {}
            func judge(_: CopyQuery, then _: @escaping @Sendable (String?) -> Void) {}
        }
        let judge = Silent()
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], judge: judge) {
            $0.limits.stopBudgetMs = 50
        }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(judge.asked.wait { $0 == 1 })
        gateway.stop()
        try gateway.start()
        #expect(try gateway.rows().map(\.state) == ["in_flight"])
        // Nothing was being delivered.
        #expect(gateway.counters.value(.deliveriesPossiblyRepeated) == 0)
    }

    // MARK: IP_ACCESS

    /// Two addresses of one name; nobody listens at the first.
    private func gateway(_ sink: SMTPSink, _ judge: JudgeAtHand) throws -> Gateway {
        try Gateway(
            ["relay": .smtp(host: "hop.example", port: sink.port, connectionsMax: 1)],
            schedule: RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 3_600), judge: judge
        ) { settings in
            settings.limits.restingPatienceMs = 0
            settings.lookUp = { _, port in
                do {
                    return .addresses([
                        try SocketAddress(ipAddress: "127.0.0.9", port: port),
                        try SocketAddress(ipAddress: "127.0.0.1", port: port),
                    ])
                } catch {
                    return .failed(reason: "\(error)")
                }
            }
        }
    }

    @Test("each address is asked about before it is connected to, in order; the next is tried when one fails")
    func addresses() throws {
        let sink = try SMTPSink()
        let judge = JudgeAtHand(.address)
        let gateway = try gateway(sink, judge)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.delivered"))
        let asked = judge.log.now.addresses
        #expect(asked.map(\.number) == [1, 2])
        #expect(asked.map(\.count) == [2, 2])
        #expect(asked.map(\.address.description) == ["127.0.0.9", "127.0.0.1"])
        #expect(Set(asked.map(\.host)) == ["hop.example"])
        #expect(Set(asked.map(\.channel)) == ["relay"])
    }

    @Test("an address that a rule passes over is not connected to; where none is left the mail waits")
    func skipped() throws {
        let sink = try SMTPSink()
        let judge = JudgeAtHand(.address, address: { _ in .skip })
        let gateway = try gateway(sink, judge)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.deferred"))
        #expect(try gateway.rows().first?.reason.hasSuffix("127.0.0.1 is passed over by a rule") == true)
        #expect(sink.log.now.connections == 0)
    }

    @Test("an address that a rule replaces is not connected to, the other one is")
    func replaced() throws {
        let sink = try SMTPSink()
        let target = try #require(IPAddress("127.0.0.1"))
        let judge = JudgeAtHand(.address, address: { $0.number == 1 ? .replace(target) : .skip })
        let gateway = try gateway(sink, judge)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.delivered"))
        #expect(judge.log.now.addresses.count == 1)
    }

    @Test(
        "where a rule rejects, the mail is refused as for an invalid host, and held; the text stays with us")
    func rejected() throws {
        let sink = try SMTPSink()
        let judge = JudgeAtHand(.address, address: { _ in .reject("a network of ours") })
        let gateway = try gateway(sink, judge)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.refused"))
        let row = try #require(try gateway.rows().first)
        #expect(row.state == "held")
        #expect(row.reason == "refused by the next hop: 550 5.1.2 Invalid host or domain: hop.example")
        #expect(sink.log.now.connections == 0)
    }

    @Test("a name without an address defers, rules or not")
    func noAddress() throws {
        let judge = JudgeAtHand(.address)
        let gateway = try Gateway(
            ["relay": .smtp(host: "hop.example", port: 25, connectionsMax: 1)], judge: judge
        ) {
            $0.limits.restingPatienceMs = 0
            $0.lookUp = { _, _ in .failed(reason: "no such name") }
        }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.deferred"))
        #expect(try gateway.rows().first?.reason.contains("no such name") == true)
        #expect(judge.log.now.addresses.isEmpty)
    }

    // MARK: LOG_ACTION

    @Test("what became of each recipient is told, one record each: D, Q, R")
    func notes() throws {
        var script = SMTPSink.Script()
        script.recipient = { address in
            address.hasPrefix("later")
                ? .reply("451 4.2.0 later")
                : address.hasPrefix("never") ? .reply("550 5.1.1 no such user") : .reply("250 2.1.5 ok")
        }
        let sink = try SMTPSink(script)
        let judge = JudgeAtHand(.log)
        let gateway = try Gateway(["relay": .sink(sink)], judge: judge)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(
            sampleMessage(),
            to: [["good@example.net", "later@example.net", "never@example.net", "fine@example.net"]])
        #expect(judge.log.wait { $0.notes.count == 4 })
        let notes = judge.log.now.notes.map { "\($0.action.rawValue) \($0.recipient)" }
        #expect(
            notes.sorted() == [
                "D fine@example.net", "D good@example.net", "Q later@example.net", "R never@example.net",
            ])
        let refused = try #require(judge.log.now.notes.first { $0.action == .refused })
        #expect(refused.diagnostic == "550 5.1.1 no such user")
        #expect(refused.channel == "relay")
        #expect(refused.sender == Address("a@example.com"))
    }

    // MARK: MESSAGE-SAVE-COPY

    @Test("a copy is kept where a rule says, envelope on top, once all recipients have it; once, not twice")
    func copy() throws {
        let sink = try SMTPSink()
        let judge = JudgeAtHand(.copy, copy: { "2026/\($0.channel)/\($0.recipients.count)" })
        let gateway = try Gateway(["relay": .sink(sink)], judge: judge)
        defer { gateway.end() }
        try FileManager.default.createDirectory(
            atPath: gateway.root + "/copies", withIntermediateDirectories: true)
        try gateway.start()
        let id = try gateway.queue(sampleMessage("to be kept"))
        #expect(gateway.sees("copy.kept"))
        let kept = try String(contentsOfFile: gateway.root + "/copies/2026/relay/1", encoding: .utf8)
        let top = "Return-Path: <a@example.com>\r\nDelivered-To: b@example.net\r\n"
        #expect(kept == top + String(decoding: sampleMessage("to be kept"), as: UTF8.self))
        // The name is taken now.
        let second = try gateway.queue(sampleMessage("another"))
        #expect(second != id)
        #expect(gateway.sees("copy.kept", times: 2))
        let other = gateway.root + "/copies/2026/relay/1.\(second).0"
        #expect(try String(contentsOfFile: other, encoding: .utf8).hasSuffix("another\r\n"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: gateway.root + "/copies/2026/relay").count
                == 2)
    }

    @Test("what a person deletes is asked about too; a path that leads out of the folder keeps nothing")
    func copyOfDeleted() throws {
        let judge = JudgeAtHand(.copy, copy: { _ in "../held/x" })
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], judge: judge)
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(sampleMessage(), holding: "virus")
        #expect(try gateway.act(.delete, ["\(id).0"]).map(\.result) == [.deleted])
        #expect(gateway.sees("copy.failed"))
        #expect(judge.log.now.copies.map(\.entry.message) == [id])
    }

    @Test("a link on the way out of the folder is not followed")
    func link() throws {
        let judge = JudgeAtHand(.copy, copy: { _ in "out/x" })
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], judge: judge)
        defer { gateway.end() }
        let files = FileManager.default
        try files.createDirectory(atPath: gateway.root + "/copies", withIntermediateDirectories: true)
        try files.createSymbolicLink(
            atPath: gateway.root + "/copies/out", withDestinationPath: gateway.root + "/run")
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("copy.failed"))
        #expect(!files.fileExists(atPath: gateway.root + "/run/x"))
    }

    @Test("what there are no rules for is never asked")
    func nothingAsked() throws {
        let judge = JudgeAtHand([])
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], judge: judge)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.delivered"))
        let log = judge.log.now
        #expect(log.attempts.isEmpty && log.addresses.isEmpty && log.notes.isEmpty && log.copies.isEmpty)
    }
}
