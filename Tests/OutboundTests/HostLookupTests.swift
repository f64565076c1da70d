// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Mail
import Testing

@testable import Outbound

@Suite("A next hop given by name")
struct HostLookupTests {
    /// A resolver that counts, and says nothing before it is let go.
    private final class SlowResolver: Sendable {
        let asked = Journal(0)
        private let isLetGo = Journal(false)

        func answer(_ host: String, _ port: Int) -> HostLookup.Answer {
            asked.change { $0 += 1 }
            _ = isLetGo.wait(seconds: 60) { $0 }
            return HostLookup.system(host: host, port: port)
        }

        func letGo() { isLetGo.change { $0 = true } }
    }

    private static let soon = RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 3_600)

    @Test("is found, and gets its mail")
    func found() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .smtp(host: "localhost", port: sink.port, connectionsMax: 2)])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.delivered"))
        #expect(sink.log.now.accepted.map(\.message) == [sampleMessage()])
    }

    @Test("and that nobody knows can't be reached: its mail waits, and the reason names it")
    func unknown() throws {
        let gateway = try Gateway(
            ["relay": .smtp(host: "no.such.host.invalid", port: 25, connectionsMax: 2)]
        ) {
            $0.limits.restingPatienceMs = 0
            $0.lookUp = { _, _ in .failed(reason: "Name or service not known") }
        }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("next_hop.resting"))
        #expect(gateway.sees("message.deferred"))
        let text =
            "451 4.4.1 next hop no.such.host.invalid port 25: "
            + "its address can't be found: Name or service not known"
        #expect(try gateway.rows().map(\.reason) == [text])
    }

    @Test("whose resolver is silent is given up in time, and asked for once however many connections want it")
    func silent() throws {
        let resolver = SlowResolver()
        let sink = try SMTPSink()
        let gateway = try Gateway(
            ["relay": .smtp(host: "localhost", port: sink.port, connectionsMax: 4)], schedule: Self.soon
        ) {
            $0.limits.restingPatienceMs = 0
            $0.limits.connectMs = 100
            $0.lookUp = { resolver.answer($0, $1) }
        }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(numbered: 8)
        #expect(gateway.sees("message.deferred", times: 8))
        // Connections given up and tried again meanwhile: the first look-up is under way still.
        #expect(gateway.sees("next_hop.resting", times: 2))
        #expect(resolver.asked.now == 1)
        let reasons = Set(try gateway.rows().map(\.reason))
        #expect(
            reasons == [
                "451 4.4.1 next hop localhost port \(sink.port): its address was not found within 100 ms"
            ])
        resolver.letGo()
        #expect(gateway.sees("message.delivered", times: 8))
        #expect(sink.log.now.accepted.count == 8)
    }

    @Test("a stop isn't held up by a resolver that is silent")
    func stopped() throws {
        let resolver = SlowResolver()
        let gateway = try Gateway(["relay": .smtp(host: "localhost", port: 1, connectionsMax: 4)]) {
            $0.limits.stopBudgetMs = 50
            $0.lookUp = { resolver.answer($0, $1) }
        }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(resolver.asked.wait { $0 == 1 })
        gateway.stop()
        resolver.letGo()
        #expect(gateway.sees("outbound.stopped"))
    }

    @Test("an address needs no look-up", arguments: ["127.0.0.1", "::ffff:127.0.0.1"])
    func address(host: String) throws {
        let resolver = SlowResolver()
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .smtp(host: host, port: sink.port, connectionsMax: 1)]) {
            $0.lookUp = { resolver.answer($0, $1) }
        }
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(sampleMessage())
        #expect(gateway.sees("message.delivered"))
        #expect(resolver.asked.now == 0)
    }

    @Test("that the system doesn't know has its reason; one that it knows has addresses")
    func system() {
        guard case .failed(let reason) = HostLookup.system(host: "a..b", port: 25) else {
            Issue.record("an impossible name has an address")
            return
        }
        #expect(!reason.isEmpty)
        guard case .addresses(let addresses) = HostLookup.system(host: "localhost", port: 25) else {
            Issue.record("localhost has no address")
            return
        }
        #expect(!addresses.isEmpty)
    }
}
