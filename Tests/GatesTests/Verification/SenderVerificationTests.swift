// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("mailfromdnsverify, and lists of senders")
struct SenderVerificationTests {
    private func policy(_ change: (inout VerificationPolicy) -> Void = { _ in }) -> Policy {
        var policy = Rules.policy
        policy.channels["tcp_local"]?.verifiesSenderDomains = true
        change(&policy.verification)
        return policy
    }

    private func judge(
        _ dns: [String: DNSAnswer], policy: Policy? = nil, sender: String = "alice@sender.example",
        session: SessionFacts = Rules.session()
    ) throws -> Driven<Decision> {
        var world = World()
        world.dns = dns
        let ruleset = try Rules.make(policy: policy ?? self.policy())
        return drive(
            SenderGate(ruleset: ruleset, session: session, sender: Rules.sender(sender)), in: world)
    }

    private static func records(_ text: String...) -> DNSAnswer { .records(text, ttlSeconds: 60) }

    @Test("MX, A and AAAA are asked for together, and any of them will do")
    func exists() throws {
        for (type, record) in [("MX", "10 mx.example"), ("A", "192.0.2.1"), ("AAAA", "2001:db8::1")] {
            let judged = try judge(["\(type) sender.example": Self.records(record)])
            #expect(judged.outcome == .admit(Marks()))
            #expect(judged.names == ["MX sender.example", "A sender.example", "AAAA sender.example"])
            #expect(judged.rounds.count == 1)
        }
    }

    @Test("a domain with none of them doesn't exist")
    func missing() throws {
        #expect(
            try judge([:]).outcome
                == .reject(Reply(550, "5.1.8", "Sender domain does not exist: sender.example")))
        #expect(try judge(["MX sender.example": .noData(ttlSeconds: 1)]).outcome.rejection?.code == 550)
        #expect(try judge([:], sender: "a@-no_-.x..y").outcome.rejection?.code == 550)
    }

    @Test("RFC 7505 §4.2: a domain with a null MX sends no mail either")
    func nullExchanger() throws {
        let dns = ["MX sender.example": Self.records("0 ."), "A sender.example": Self.records("192.0.2.1")]
        #expect(
            try judge(dns).outcome
                == .reject(Reply(550, "5.7.27", "Sender domain takes no mail: sender.example")))
    }

    @Test("a DNS that can't say puts the sender off, unless the policy accepts him")
    func failure() throws {
        for answer in [DNSAnswer.timedOut, .failed("SERVFAIL")] {
            let dns = ["MX sender.example": answer]
            #expect(
                try judge(dns).outcome
                    == .reject(Reply(450, "4.1.8", "Sender domain can't be found now: sender.example")))
            let lax = try judge(dns, policy: policy { $0.senders.onFailure = .accept })
            #expect(lax.outcome == .admit(Marks()))
            #expect(lax.results.last?.hasSuffix("passed over") == true)
        }
    }

    @Test("an address found is enough, though MX failed")
    func partial() throws {
        let dns = ["MX sender.example": DNSAnswer.timedOut, "A sender.example": Self.records("192.0.2.1")]
        #expect(try judge(dns).outcome == .admit(Marks()))
    }

    @Test("a domain whose only addresses are blocked_mail_from_ips has none")
    func blocked() throws {
        let policy = policy { $0.senders.blockedRanges = [AddressRange("198.51.100.0/24")!] }
        let wildcard = Self.records("198.51.100.9")
        #expect(try judge(["A sender.example": wildcard], policy: policy).outcome.rejection?.code == 550)
        let both = Self.records("198.51.100.9", "192.0.2.1")
        #expect(try judge(["A sender.example": both], policy: policy).outcome == .admit(Marks()))
        let exchanger = [
            "MX sender.example": Self.records("20 b.example", "10 a.example"), "A a.example": wildcard,
        ]
        let judged = try judge(exchanger, policy: policy)
        #expect(judged.outcome.rejection?.code == 550)
        #expect(
            judged.names.suffix(4) == ["A a.example", "AAAA a.example", "A b.example", "AAAA b.example"])
        // One exchanger that can't be asked about may be another place.
        let unsure = exchanger.merging(["A b.example": .timedOut]) { one, _ in one }
        #expect(try judge(unsure, policy: policy).outcome == .admit(Marks()))
    }

    @Test("of a domain's exchangers four are followed")
    func manyExchangers() throws {
        let policy = policy { $0.senders.blockedRanges = [AddressRange("198.51.100.0/24")!] }
        let records = (0..<100).map { "\($0) h\($0).example" }
        let judged = try judge(["MX sender.example": .records(records, ttlSeconds: 1)], policy: policy)
        #expect(judged.rounds.map(\.count) == [3, SenderVerification.exchangersMax * 2])
    }

    @Test("an address literal is its own address")
    func literal() throws {
        let policy = policy { $0.senders.blockedRanges = [AddressRange("198.51.100.0/24")!] }
        let cases =
            [
                ("[192.0.2.1]", nil), ("[IPv6:2001:db8::1]", nil), ("[198.51.100.1]", 550), ("[x]", 550),
            ] as [(String, Int?)]
        for (domain, code) in cases {
            let judged = try judge([:], policy: policy, sender: "a@\(domain)")
            #expect(judged.rounds.isEmpty)
            #expect(judged.outcome.rejection?.code == code, "\(domain)")
        }
    }

    @Test("the null sender has no domain, and other channels don't ask")
    func exempt() throws {
        #expect(try judge([:], sender: "").rounds.isEmpty)
        #expect(try judge([:], session: Rules.session(channel: "tcp_intranet")).rounds.isEmpty)
        #expect(try judge([:], policy: Rules.policy).rounds.isEmpty)
    }

    @Test("lists of sender domains and of HELO names are asked together with the domain")
    func lists() throws {
        let policy = policy {
            $0.lists.rejectAt = 2
            $0.lists.lists = [
                DNSListsPolicy.DNSList(name: "dbl", zone: "dbl.test", subject: .sender),
                DNSListsPolicy.DNSList(name: "helo", zone: "dbl.test", subject: .helo),
                DNSListsPolicy.DNSList(name: "ip", zone: "ip.test"),
            ]
        }
        var dns = [
            "A sender.example": Self.records("192.0.2.1"),
            "A sender.example.dbl.test": Self.records("127.0.1.2"),
        ]
        let one = try judge(dns, policy: policy)
        #expect(one.outcome == .admit(Marks()))
        #expect(one.names.prefix(2) == ["A sender.example.dbl.test", "A client.example.dbl.test"])
        #expect(one.rounds.count == 1)
        dns["A client.example.dbl.test"] = Self.records("127.0.1.2")
        dns["TXT sender.example.dbl.test"] = Self.records("spam domain")
        #expect(
            try judge(dns, policy: policy).outcome.rejection
                == Reply(550, "5.7.1", "Sender domain sender.example blocked using dbl.test: spam domain"))
        // The client's own weight counts too.
        dns["A client.example.dbl.test"] = nil
        var session = Rules.session()
        session.client.listWeight = 1
        #expect(try judge(dns, policy: policy, session: session).outcome.rejection?.code == 550)
        session.authenticated = Rules.mailbox("bob@example.test")
        #expect(try judge(dns, policy: policy, session: session).outcome == .admit(Marks()))
    }

    @Test("a HELO that is a bare address or literal is no name to look up")
    func literalHELO() throws {
        let policy = policy {
            $0.lists.lists = [DNSListsPolicy.DNSList(name: "helo", zone: "dbl.test", subject: .helo)]
        }
        let judged = try judge([:], policy: policy, sender: "", session: Rules.session(helo: "[192.0.2.7]"))
        #expect(judged.rounds.isEmpty)
    }
}
