// SPDX-License-Identifier: MIT

import Gates
import Mail
import Telemetry
import Testing

@testable import Inbound

@Suite("RFC 4954: AUTH")
struct IdentityTests {
    private static let ann = Question.identity(
        IdentityQuestion(mechanism: "PLAIN", identity: "ann", client: IPAddress("192.0.2.1")))
    private static let address = Address(localPart: "ann", domain: "example.test")

    /// Outside clients may authenticate in the clear, and then come in by a channel of their own.
    @Sendable private static func policy(_ policy: inout Policy) {
        var outside = SessionPolicy.Channel()
        outside.authentication = .may
        outside.authenticatedChannel = "tcp_auth"
        policy.channels["tcp_auth"] = .init(hasRoute: false)
        policy.session.channels["tcp_local"] = outside
        policy.session.authentication.isAllowedInTheClear = true
    }

    private static func base64(_ text: String) -> String {
        var octets: [UInt8] = []
        Base64.append(Array(text.utf8), to: &octets)
        return String(decoding: octets, as: UTF8.self)
    }

    private static let command = "AUTH PLAIN " + base64("\0ann\0secret")

    @Test("a client that proves who it is comes in by the channel that its own switches to, and may relay")
    func verified() async throws {
        try await Gateway.run({ $0.policy = Self.policy }) { gateway, loop in
            let client = try await Client(gateway, loop)
            _ = try await client.reply()
            #expect(try await client.say("EHLO client.test").contains("AUTH PLAIN LOGIN"))
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@elsewhere.test>").hasPrefix("550 5.7.1 "))
            #expect(try await client.say("RSET").hasPrefix("250 "))
            try await client.send(Self.command + "\r\n")
            try await gateway.on { world in
                #expect(world.carrier.asked == [Self.ann])
                #expect(world.carrier.secrets == [Array("secret".utf8)])
                world.carrier.answer(Self.ann, .identity(.verified(address: Self.address)))
            }
            #expect(try await client.reply() == "235 2.7.0 Authentication succeeded")
            let reply = try await client.deliver(to: ["b@elsewhere.test"])
            #expect(reply.hasPrefix("250 2.0.0 "))
            let record = try #require(gateway.cases.all.last)
            #expect(record.transaction?.session.sourceChannel == "tcp_auth")
            #expect(record.transaction?.session.authenticated == Self.address)
            #expect(record.identity?.outcome == .verified(Self.address))
            #expect(record.authentication?.outcome.marks?.authenticationRules != nil)
            let text = String(decoding: try FactsEncoder().encode(record), as: UTF8.self)
            #expect(!text.contains("secret") && !text.contains(Self.base64("\0ann\0secret")))
            #expect(gateway.counters.value(.authenticationsSucceeded) == 1)
            let queued = try #require(try await gateway.queued().first)
            #expect(queued.message.contains("with ESMTPA id "))
        }
    }

    @Test("a wrong password is 535, nobody to ask is 454, and neither lets anybody in")
    func refused() async throws {
        try await Gateway.run({ $0.policy = Self.policy }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            for (answer, code) in [
                (Answer.identity(.refused), "535 5.7.8 "),
                (.identity(.failed("directory gone")), "454 4.7.0 "),
                (.unavailable("lookups gone"), "454 4.7.0 "),
            ] {
                try await client.send(Self.command + "\r\n")
                try await gateway.on { $0.carrier.answer(Self.ann, answer) }
                #expect(try await client.reply().hasPrefix(code))
            }
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@elsewhere.test>").hasPrefix("550 5.7.1 "))
            #expect(gateway.counters.value(.authenticationsFailed) == 3)
        }
    }

    @Test("each wrong password is answered later than the one before, and the sixth ends the session")
    func guesses() async throws {
        try await Gateway.run({
            $0.policy = { policy in
                Self.policy(&policy)
                policy.session.harvestDelaySeconds = 1
            }
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await gateway.on { $0.carrier.known[Self.ann] = .identity(.refused) }
            for number in 1...5 {
                try await client.send(Self.command + "\r\n")
                await loop.pass(seconds: Int64(number - 1))
                #expect(client.inbox.unread == "", "guess \(number)")
                await loop.pass(seconds: 1)
                #expect(try await client.reply().hasPrefix("535 "))
            }
            try await client.send(Self.command + "\r\n")
            await loop.pass(seconds: 6)
            #expect(try await client.inbox.rest() == ["421 4.7.0 Too many failed authentications, closing"])
        }
    }

    @Test("a client that goes away while its password is looked at leaves nothing")
    func leaves() async throws {
        try await Gateway.run({ $0.policy = Self.policy }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send(Self.command + "\r\n")
            try await client.hangUp()
            try await gateway.on { $0.carrier.answer(Self.ann, .identity(.verified(address: Self.address))) }
            #expect(client.handler.isFreed)
        }
    }

    @Test(
        "whom PORT_ACCESS rejects without flag A is offered no AUTH; the text of its result names the rules")
    func rules() async throws {
        try await Gateway.run({
            $0.policy = { policy in
                Self.policy(&policy)
                policy.session.authentication.isAllowedInTheClear = false
                policy.session.authenticationRules["LOCAL"] = SessionPolicy.Authentication()
                policy.session.authenticationRules["LOCAL"]?.isAllowedInTheClear = true
                policy.session.authenticationRules["LOCAL"]?.mechanisms = [.login]
            }
            $0.sampleMappings = """
                PORT_ACCESS

                  TCP|*|*|192.0.2.8|*   $C$:A$Y$E
                  TCP|*|*|192.0.2.8|*   $N500$ No
                  TCP|*|*|192.0.2.9|*   $YLocal
                  *                     $Y

                """
        }) { gateway, loop in
            let none = try await Client(gateway, loop, from: "192.0.2.8")
            _ = try await none.reply()
            #expect(try await none.say("EHLO client.test").contains("AUTH") == false)
            #expect(try await none.say("AUTH LOGIN").hasPrefix("502 "))
            let local = try await Client(gateway, loop, from: "192.0.2.9")
            _ = try await local.reply()
            #expect(try await local.say("EHLO client.test").hasSuffix("AUTH LOGIN"))
            let other = try await Client(gateway, loop)
            _ = try await other.reply()
            #expect(try await other.say("EHLO client.test").contains("AUTH") == false)
            #expect(try await other.say("AUTH PLAIN").hasPrefix("538 "))
        }
    }
}

@Suite("RFC 1985: ETRN")
struct QueueRunTests {
    @Sendable private static func policy(_ policy: inout Policy) {
        var outside = SessionPolicy.Channel()
        outside.offersQueueRun = true
        policy.session.channels["tcp_local"] = outside
        policy.domains["gone.test"] = "gone"
    }

    private static let mappings = """

        ETRN_ACCESS

          *|*|bad.test|*    $N
          *|*|#other|*      $S$Dinside
          *                 $S

        """

    @Test("runs the channel of a domain of ours, as the table allows it")
    func runs() async throws {
        let runner = FakeRunner(["inside": 3])
        try await Gateway.run({
            $0.policy = Self.policy
            $0.mappings = Self.mappings
            $0.runner = runner
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            _ = try await client.reply()
            #expect(try await client.say("EHLO client.test").hasSuffix("250 ETRN"))
            #expect(
                try await client.say("ETRN example.test")
                    == "253 2.0.0 OK, 3 pending messages for node example.test started")
            #expect(try await client.say("ETRN #other").hasPrefix("253 "))
            #expect(try await client.say("ETRN bad.test").hasPrefix("459 4.5.0 "))
            #expect(try await client.say("ETRN elsewhere.test").hasPrefix("459 4.5.0 "))
            #expect(try await client.say("ETRN gone.test").hasPrefix("458 4.3.0 "))
            #expect(runner.runs == ["inside", "inside", "gone"])
        }
    }

    @Test("with nothing waiting is answered 251, and without the channel's leave 502")
    func nothing() async throws {
        try await Gateway.run({
            $0.policy = Self.policy
            $0.runner = FakeRunner(["inside": 0])
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(
                try await client.say("ETRN example.test")
                    == "251 2.0.0 OK, no messages waiting for node example.test")
            let inside = try await Client(gateway, loop, from: "127.0.0.2")
            try await inside.begin()
            #expect(try await inside.say("ETRN example.test") == "502 5.5.1 ETRN is not offered")
        }
    }
}
