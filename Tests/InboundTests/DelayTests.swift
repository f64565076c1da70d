// SPDX-License-Identifier: MIT

import Gates
import Mail
import Telemetry
import Testing

@testable import Inbound

@Suite("A reply that is put off")
struct DelayTests {
    private static let mappings = """

        SEND_ACCESS

          *|*|*|slow@*    $D-200|$Y
          *|*|*|thrown@*  $D-100|$X5.7.1|$N$/Go$ away
          *|*|*|told@*    $<ann$ writes$ to$ $3$ |$Y
          *|*|*|noisy@*   $U2|$Y

        ORIG_MAIL_ACCESS

          TCP|*|*|*|*|*|*|*|tarpit@*|*|*  $D100|$Y

        """

    @Test("waits its time, what was pipelined waits behind it, and the order of replies stands")
    func waits() async throws {
        try await Gateway.run({ $0.mappings = Self.mappings }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send(
                "MAIL FROM:<a@sender.test>\r\nRCPT TO:<slow@example.test>\r\nRCPT TO:<b@example.test>\r\n")
            #expect(try await client.reply() == "250 2.1.0 Sender ok")
            await loop.pass(seconds: 1)
            #expect(client.inbox.unread == "")
            await loop.pass(seconds: 1)
            #expect(try await client.reply() == "250 2.1.5 Recipient ok")
            #expect(try await client.reply() == "250 2.1.5 Recipient ok")
            #expect(gateway.counters.value(.repliesDelayed) == 1)
        }
    }

    @Test("of a whole transaction is each of its replies but the one to the content, and RSET ends it")
    func transaction() async throws {
        try await Gateway.run({ $0.mappings = Self.mappings }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<tarpit@sender.test>") == "250 2.1.0 Sender ok")
            for command in ["RCPT TO:<b@example.test>", "NOOP", "FROB", "DATA"] {
                try await client.send(command + "\r\n")
                #expect(client.inbox.unread == "", "\(command)")
                await loop.pass(seconds: 1)
                #expect(try await client.reply().first?.isNumber == true)
            }
            try await client.send(Sample.clean + ".\r\n")
            #expect(try await client.reply().hasPrefix("250 2.0.0 "))
            #expect(try await client.say("NOOP") == "250 2.0.0 Ok")
        }
    }

    @Test("and a refusal with it ends the connection, if the table says so")
    func disconnects() async throws {
        try await Gateway.run({ $0.mappings = Self.mappings }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send("MAIL FROM:<a@sender.test>\r\nRCPT TO:<thrown@example.test>\r\nNOOP\r\n")
            #expect(try await client.reply() == "250 2.1.0 Sender ok")
            await loop.pass(seconds: 1)
            let last = try await client.inbox.rest()
            #expect(last.count == 1 && last.first?.hasPrefix("550 5.7.1 Go away") == true)
        }
    }

    @Test("of a client that goes away, or when the service ends, keeps nobody")
    func ends() async throws {
        try await Gateway.run({ $0.mappings = Self.mappings }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send("MAIL FROM:<a@sender.test>\r\nRCPT TO:<slow@example.test>\r\n")
            try await client.hangUp()
            #expect(client.handler.isFreed)
            #expect(try await gateway.on { $0.worker.sessionsWaiting } == 0)
            let other = try await Client(gateway, loop)
            try await other.begin()
            try await other.send("MAIL FROM:<a@sender.test>\r\nRCPT TO:<slow@example.test>\r\n")
            #expect(try await other.reply() == "250 2.1.0 Sender ok")
            try await gateway.on { $0.worker.drain {} }
            #expect(try await other.reply() == "250 2.1.5 Recipient ok")
            #expect(try await gateway.on { $0.worker.sessionsWaiting } == 0)
        }
    }

    @Test("isn't put off where too many wait already: nobody fills our places by waiting")
    func share() async throws {
        try await Gateway.run({
            $0.mappings = Self.mappings
            $0.settings.sessionsMax = 4
        }) { gateway, loop in
            let slow = try await Client(gateway, loop)
            let other = try await Client(gateway, loop)
            for client in [slow, other] {
                try await client.begin()
                try await client.send("MAIL FROM:<a@sender.test>\r\nRCPT TO:<slow@example.test>\r\n")
                #expect(try await client.reply() == "250 2.1.0 Sender ok")
            }
            #expect(slow.inbox.unread == "")
            #expect(try await other.reply() == "250 2.1.5 Recipient ok")
            #expect(gateway.counters.value(.delaysSkipped) == 1)
        }
    }

    @Test("harvesting gets slower with each wrong address after the third, and is cut off")
    func harvest() async throws {
        try await Gateway.run({
            $0.policy = { $0.session.harvestDelaySeconds = 1 }
            $0.settings.limits.rejectedRecipientsMax = 5
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            for _ in 1...3 {
                #expect(try await client.say("RCPT TO:<nobody@example.test>").hasPrefix("550 "))
            }
            for seconds in 1...2 {
                try await client.send("RCPT TO:<nobody@example.test>\r\n")
                await loop.pass(seconds: Int64(seconds - 1))
                #expect(client.inbox.unread == "")
                await loop.pass(seconds: 1)
                #expect(try await client.reply().hasPrefix("550 "))
            }
            try await client.send("RCPT TO:<nobody@example.test>\r\n")
            await loop.pass(seconds: 3)
            let last = try await client.inbox.rest()
            #expect(last.count == 1 && last.first?.hasPrefix("421 4.7.0 ") == true)
            // Nobody whom we know is made to wait.
            let inside = try await Client(gateway, loop, from: "127.0.0.2")
            try await inside.begin()
            #expect(try await inside.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            for _ in 1...5 {
                #expect(try await inside.say("RCPT TO:<nobody@example.test>").hasPrefix("550 "))
            }
        }
    }
}

@Suite("A session's limits by its source channel")
struct ChannelLimitTests {
    @Test("the outside's hold for the outside; a message for too many is held")
    func limits() async throws {
        try await Gateway.run({
            $0.policy = { policy in
                var outside = SessionPolicy.Channel()
                outside.limits.messageOctetsMax = 200_000
                outside.limits.unheldRecipientsMax = 1
                outside.limits.transactionsMax = 2
                policy.session.channels["tcp_local"] = outside
            }
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            _ = try await client.reply()
            #expect(try await client.say("EHLO client.test").contains("SIZE 200000"))
            #expect(try await client.deliver(to: ["b@example.test", "c@example.test"]).hasPrefix("250 "))
            #expect(try await client.deliver().hasPrefix("250 "))
            #expect(gateway.cases.all.map(\.fate) == [.hold, .accept])
            #expect(
                try await client.say("MAIL FROM:<a@sender.test>")
                    == "450 4.5.3 Number of transactions exceeds allowed maximum")
            let inside = try await Client(gateway, loop, from: "127.0.0.2")
            _ = try await inside.reply()
            #expect(try await inside.say("EHLO client.test").contains("SIZE 10485760"))
            let reason = gateway.cases.all.first?.transaction?.content?.facts.recipients.first?.holdReason
            #expect(reason == "2 recipients; [channel.tcp_local] hold_limit is 1")
        }
    }

    @Test("$S narrows one transaction")
    func narrowed() async throws {
        try await Gateway.run({
            $0.sampleMappings = """
                INTERNAL_IP

                  *           $N

                FROM_ACCESS

                  TCP|*|*|*|*|*|*|*|small@*|*  $Y$S1,1,2

                """
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<small@sender.test> SIZE=2000").hasPrefix("552 5.3.4 "))
            #expect(try await client.say("MAIL FROM:<small@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(try await client.say("RCPT TO:<c@example.test>").hasPrefix("452 4.2.3 "))
            #expect(try await client.say("RCPT TO:<d@example.test>").hasPrefix("452 4.2.3 "))
            #expect(try await client.say("DATA").hasPrefix("451 4.4.5 "))
            #expect(gateway.cases.all.map(\.fate) == [.reject, .defer])
            #expect(try await client.deliver().hasPrefix("250 "))
        }
    }
}
