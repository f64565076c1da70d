// SPDX-License-Identifier: MIT

import Gates
import Mail
import Telemetry
import Testing

@testable import Inbound

@Suite("The test before the greeting")
struct PreGreetingTests {
    private static func policy(
        _ action: SessionPolicy.PreGreeting.Action
    ) -> @Sendable (inout Policy) -> Void {
        { policy in
            policy.session.preGreeting.waitSeconds = 5
            policy.session.preGreeting.action = action
        }
    }

    @Test("a client that waits is greeted when the time is over, one from inside at once")
    func patient() async throws {
        try await Gateway.run({ $0.policy = Self.policy(.reject) }) { gateway, loop in
            let client = try await Client(gateway, loop)
            await loop.pass(seconds: 4)
            #expect(client.inbox.unread == "")
            await loop.pass(seconds: 1)
            try await client.begin()
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            #expect(gateway.cases.all.first?.talkedFirst == nil)
            let inside = try await Client(gateway, loop, from: "127.0.0.2")
            try await inside.begin()
            #expect(gateway.counters.value(.earlyTalkers) == 0)
        }
    }

    @Test("one that talks first is turned away at once, and its case says why")
    func early() async throws {
        try await Gateway.run({ $0.policy = Self.policy(.reject) }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.send("EHLO client.test\r\n")
            let record = try #require(gateway.cases.all.first)
            #expect(
                try await client.reply()
                    == "554 5.5.1 You talked before the greeting: wait for 220 (RFC 5321 4.3.1) (case \(record.id))"
            )
            #expect(try await client.reply().hasPrefix("503 "))
            #expect(record.talkedFirst == true && record.fate == .reject)
            #expect(record.connection.trail.entries.last?.rule == "postern.toml [pregreet]")
            #expect(gateway.counters.value(.earlyTalkers) == 1)
        }
    }

    @Test("its questions are asked once, early, and their answers hold for both judgements")
    func questions() async throws {
        try await Gateway.run({ $0.policy = Self.policy(.tag) }) { gateway, loop in
            let client = try await Client(gateway, loop, from: "192.0.2.3")
            try await client.send("EHLO client.test\r\n")
            #expect(try await gateway.on { $0.carrier.asked.count } == 2)
            try await gateway.on { $0.carrier.answerAll(Sample.notListed) }
            #expect(try await client.reply().hasPrefix("220 "))
            #expect(try await client.reply().hasPrefix("250-mx.test"))
            #expect(try await gateway.on { $0.carrier.asked.count } == 2)
            #expect(try await client.deliver().hasPrefix("250 "))
            let record = try #require(gateway.cases.all.first)
            #expect(record.talkedFirst == true && record.connection.exchanges.count == 2)
            let tags = record.transaction?.content?.facts.recipients.first?.marks.conversionTags
            #expect(tags == ["pregreet"])
        }
    }

    @Test("a client that goes away meanwhile leaves nothing")
    func leaves() async throws {
        try await Gateway.run({ $0.policy = Self.policy(.reject) }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.hangUp()
            #expect(client.handler.isFreed)
            await loop.pass(seconds: 6)
            #expect(gateway.cases.all.isEmpty)
        }
    }
}
