// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Mail
import Telemetry
import Testing

@testable import Outbound

/// Remembers what it is handed; fails as a test says.
private final class CarrierAtHand: EffectCarrier {
    let log = Journal<[QueuedEffects]>([])
    private let failure: @Sendable (Int) -> String?

    /// By the ordinal of the call, from 1; nil is success.
    init(_ failure: @escaping @Sendable (Int) -> String? = { _ in nil }) { self.failure = failure }

    func carry(_ effects: QueuedEffects, then finish: @escaping @Sendable (String?) -> Void) {
        let count = log.change { log in
            log.append(effects)
            return log.count
        }
        finish(failure(count))
    }
}

@Suite("Effects and copies of a commit")
struct EffectTests {
    private let effect = Effect.remember(
        MemoryQuestion(purpose: .vacation, owner: "b@example.net", key: "a@example.com"), seconds: 86_400)

    private func commit(effects: [Effect], entries: [CommitEntry]? = nil, arrived: Date = Date()) throws
        -> Commit
    {
        let body = sampleMessage()
        let recipient = try #require(Address("b@example.net"))
        return Commit(
            caseID: "CASE", envelope: Envelope(sender: Address("a@example.com"), recipients: []),
            arrived: Int64(arrived.timeIntervalSince1970), note: [],
            editions: [.unchanged(octets: body.count)],
            entries: entries
                ?? [CommitEntry(recipients: [recipient], debt: .deliver(channel: "relay"), edition: 0)],
            body: MessageBytes(body), effects: effects)
    }

    @Test("are handed in once, with the message's id, while it is delivered")
    func once() throws {
        let carrier = CarrierAtHand()
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], carrier: carrier)
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(try commit(effects: [effect]))
        #expect(gateway.sees("message.delivered"))
        #expect(carrier.log.wait { !$0.isEmpty })
        gateway.stop()
        try gateway.start()
        #expect(gateway.sees("outbound.started", times: 2))
        gateway.stop()
        #expect(carrier.log.now.map(\.message) == [id])
        #expect(carrier.log.now.first?.effects == [effect])
    }

    @Test("what could not be done is tried again until it is, across a restart, though the mail is delivered")
    func again() throws {
        let isUp = Journal(false)
        let carrier = CarrierAtHand { _ in isUp.now ? nil : "lookups is gone" }
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], carrier: carrier)
        defer { gateway.end() }
        try gateway.start()
        let id = try gateway.queue(try commit(effects: [effect]))
        #expect(gateway.sees("message.delivered"))
        #expect(gateway.sees("effects.waiting"))
        #expect(carrier.log.wait { $0.count >= 2 })
        gateway.stop()
        let before = carrier.log.now.count
        isUp.change { $0 = true }
        try gateway.start()
        #expect(carrier.log.wait { $0.count > before })
        #expect(Set(carrier.log.now.map(\.message)) == [id])
        gateway.stop()
        let after = carrier.log.now.count
        try gateway.start()
        #expect(gateway.sees("outbound.started", times: 3))
        gateway.stop()
        #expect(carrier.log.now.count == after)
    }

    @Test("what nobody wants any more is dropped, and said")
    func tooLate() throws {
        let carrier = CarrierAtHand { _ in "lookups is gone" }
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink)], carrier: carrier)
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(try commit(effects: [effect], arrived: Date(timeIntervalSinceNow: -2 * 86_400)))
        #expect(gateway.sees("effects.dropped"))
        #expect(carrier.log.now.count == 1)
    }

    @Test("a copy goes out under its own sender, and a message of our own as it was written")
    func ownSender() throws {
        let sink = try SMTPSink()
        let gateway = try Gateway(["relay": .sink(sink, connections: 1)])
        defer { gateway.end() }
        try gateway.start()
        let report = Array("Subject: report\r\n\r\n.dots and all\r\n".utf8)
        func entry(_ name: String, _ sender: EnvelopeSender?, edition: Int) throws -> CommitEntry {
            CommitEntry(
                recipients: [try #require(Address("\(name)@example.net"))], debt: .deliver(channel: "relay"),
                edition: edition, sender: sender)
        }
        var commit = try commit(
            effects: [],
            entries: [
                try entry("plain", nil, edition: 0), try entry("capture", .null, edition: 0),
                try entry("other", .address(try #require(Address("jo@example.org"))), edition: 0),
                try entry("report", .null, edition: 1),
            ])
        commit.editions.append(Edition(pieces: [.inserted(report)]))
        try gateway.queue(commit)
        #expect(gateway.sees("message.delivered", times: 4))
        let accepted = Dictionary(
            uniqueKeysWithValues: sink.log.now.accepted.map { ($0.recipients.joined(), $0) })
        #expect(accepted["plain@example.net"]?.sender == "a@example.com")
        #expect(accepted["capture@example.net"]?.sender == "")
        #expect(accepted["capture@example.net"]?.message == sampleMessage())
        #expect(accepted["other@example.net"]?.sender == "jo@example.org")
        #expect(accepted["report@example.net"]?.message == report)
    }
}
