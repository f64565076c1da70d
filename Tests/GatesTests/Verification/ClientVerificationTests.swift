// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("What lists and names say about a client")
struct ClientVerificationTests {
    typealias List = DNSListsPolicy.DNSList

    private func policy(_ lists: [List], _ change: (inout VerificationPolicy) -> Void = { _ in }) -> Policy {
        var policy = Rules.policy
        policy.verification.lists.lists = lists
        change(&policy.verification)
        return policy
    }

    private func judge(
        _ policy: Policy, _ mappings: String = "", dns: [String: DNSAnswer] = [:], peer: Peer = Rules.peer,
        talkedFirst: Bool = false
    ) throws -> Driven<Decision> {
        var world = World()
        world.dns = dns
        let ruleset = try Rules.make(mappings, policy: policy)
        return drive(ConnectionGate(ruleset: ruleset, peer: peer, talkedFirst: talkedFirst), in: world)
    }

    private static func listed(_ code: String = "127.0.0.2") -> DNSAnswer { .records([code], ttlSeconds: 60) }

    // MARK: Lists

    @Test("all lists are asked at once, each zone once, and a client that none names is admitted")
    func together() throws {
        let lists = [
            List(name: "a", zone: "a.test"), List(name: "b", zone: "b.test"),
            List(name: "b2", zone: "b.test", answers: [AddressRange("127.0.0.9")!]),
        ]
        let judged = try judge(policy(lists))
        #expect(judged.rounds.count == 1)
        #expect(judged.names == ["A 7.2.0.192.a.test", "A 7.2.0.192.b.test"])
        #expect(judged.outcome == .admit(Marks(sourceChannel: "tcp_local")))
    }

    @Test("the reply to a listed client names the list and its text")
    func listed() throws {
        let judged = try judge(
            policy([List(name: "a", zone: "a.test")]),
            dns: [
                "A 7.2.0.192.a.test": Self.listed(),
                "TXT 7.2.0.192.a.test": .records(
                    ["see http://a.test/?ip=192.0.2.7\r\n250 ok"], ttlSeconds: 1),
            ])
        #expect(
            judged.outcome.rejection
                == Reply(
                    554, "5.7.1",
                    "Client host [192.0.2.7] blocked using a.test: see http://a.test/?ip=192.0.2.7??250 ok"))
        #expect(judged.names == ["A 7.2.0.192.a.test", "TXT 7.2.0.192.a.test"])
        #expect(judged.rules == ["postern.toml [dns_list.a]", "postern.toml [dns_lists]"])
        #expect(judged.results.suffix(2) == ["answered 127.0.0.2: weight +1", "1: rejected"])
    }

    @Test("the operator's text stands instead of the list's, which then isn't asked for")
    func ownText() throws {
        let judged = try judge(
            policy([List(name: "a", zone: "a.test", text: "call us")]),
            dns: ["A 7.2.0.192.a.test": Self.listed()])
        #expect(
            judged.outcome.rejection?.lines == ["Client host [192.0.2.7] blocked using a.test: call us"])
        #expect(judged.rounds.count == 1)
    }

    @Test("an IPv6 client is looked up by its nibbles")
    func six() throws {
        let peer = Peer(
            clientAddress: Rules.address("2001:db8::1"), clientPort: 1,
            serverAddress: Rules.peer.serverAddress, serverPort: 25)
        let judged = try judge(policy([List(name: "a", zone: "a.test")]), peer: peer)
        #expect(
            judged.names == ["A 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.a.test"])
    }

    @Test("only the answers that a list is given for count")
    func answers() throws {
        let range = try #require(AddressRange("127.0.0.4-127.0.0.7"))
        let policy = policy([List(name: "a", zone: "a.test", answers: [range])])
        #expect(
            try judge(policy, dns: ["A 7.2.0.192.a.test": Self.listed("127.0.0.3")]).outcome.rejection == nil)
        #expect(
            try judge(policy, dns: ["A 7.2.0.192.a.test": Self.listed("127.0.0.5")]).outcome.rejection != nil)
    }

    @Test(
        "weights add up, allow lists take away, and the thresholds decide",
        arguments: [
            (["a"], nil, "0"), (["b"], nil, "hold"), (["a", "b"], 421, ""), (["b", "c"], 554, ""),
            (["b", "c", "less"], 421, ""), (["a", "b", "c", "free"], nil, "0"), (["less"], nil, "0"),
        ] as [([String], Int?, String)])
    func weights(names: [String], code: Int?, held: String) throws {
        let policy = policy([
            List(name: "a", zone: "a.test", weight: 1), List(name: "b", zone: "b.test", weight: 2),
            List(name: "c", zone: "c.test", weight: 3),
            List(name: "less", zone: "less.test", kind: .allow, weight: 2),
            List(name: "free", zone: "free.test", kind: .allow),
        ]) {
            $0.lists.rejectAt = 5; $0.lists.deferAt = 3; $0.lists.holdAt = 2
        }
        var dns: [String: DNSAnswer] = [:]
        for name in names { dns["A 7.2.0.192.\(name).test"] = Self.listed() }
        let judged = try judge(policy, dns: dns)
        #expect(judged.outcome.rejection?.code == code)
        guard code == nil else { return }
        let marks = try #require(judged.outcome.marks)
        var session = Rules.session()
        session.client = marks.client ?? ClientFindings()
        let sender = drive(
            SenderGate(ruleset: try Rules.make(policy: policy), session: session, sender: Rules.sender()))
        #expect((sender.outcome.marks?.holdReason != nil) == (held == "hold"))
    }

    @Test("an error of the list is never a listing: it is passed over, and the trail says so")
    func sick() throws {
        let answers: [DNSAnswer] = [
            Self.listed("127.255.255.254"), Self.listed("192.0.2.1"), .failed("list a is muted"), .timedOut,
            .records(["127.0.0.2", "203.0.113.9"], ttlSeconds: 1), .records(["?"], ttlSeconds: 1),
        ]
        for answer in answers {
            let judged = try judge(
                policy([List(name: "a", zone: "a.test")]), dns: ["A 7.2.0.192.a.test": answer])
            #expect(judged.outcome.rejection == nil, "\(answer)")
            #expect(judged.results.contains { $0.hasSuffix("passed over") }, "\(answer)")
        }
    }

    @Test("on_failure = defer puts off whom a silent list might name, or allow")
    func deferring() throws {
        let block = List(name: "a", zone: "a.test")
        let allow = List(name: "w", zone: "w.test", kind: .allow)
        let dead = ["A 7.2.0.192.a.test": DNSAnswer.timedOut]
        let deferring = policy([block, allow]) { $0.lists.onFailure = .defer }
        #expect(
            try judge(deferring, dns: dead).outcome.rejection
                == Reply(421, "4.4.3", "DNS lists don't answer, try again later"))
        let listed = ["A 7.2.0.192.a.test": Self.listed()]
        #expect(try judge(deferring, dns: listed).outcome.rejection?.code == 554)
        let mute = listed.merging(["A 7.2.0.192.w.test": .failed("x")]) { one, _ in one }
        #expect(try judge(deferring, dns: mute).outcome.rejection?.code == 421)
    }

    @Test("where PORT_ACCESS accepted the client, no list is asked")
    func accepted() throws {
        let policy = policy([List(name: "a", zone: "a.test")])
        #expect(try judge(policy, "PORT_ACCESS\n\n  *  $Y\n").rounds.isEmpty)
        #expect(try judge(policy, "PORT_ACCESS\n\n  *  EXTERNAL\n").rounds.isEmpty)
        #expect(try judge(policy, "PORT_ACCESS\n\n  *|x  $Y\n").rounds.count == 1)
    }

    @Test("a host that INTERNAL_IP knows is on no list and has no name")
    func inside() throws {
        let policy = policy([List(name: "a", zone: "a.test")]) { $0.clientNames = .always }
        let judged = try judge(policy, "INTERNAL_IP\n\n  192.0.2.7  $Y\n")
        #expect(judged.rounds.isEmpty)
        #expect(judged.outcome == .admit(Marks(sourceChannel: "tcp_intranet")))
    }

    @Test("what lists and names are asked goes out with the first that PORT_ACCESS asks")
    func early() throws {
        let policy = policy([List(name: "a", zone: "a.test")]) { $0.clientNames = .always }
        let table = """
            PORT_ACCESS

              TCP|*|*|*|*  $C$[check_metermaid,throttle,m,$2]$N421$ Busy$E
              TCP|*|*|*|*  $C$[dns_verify,dns_verify_domain_port,$2,b.test]$E

            """
        let judged = try judge(policy, table, dns: ["A 7.2.0.192.a.test": Self.listed()])
        #expect(judged.rounds.map(\.count) == [3, 2, 1])
        #expect(judged.names.prefix(2) == ["A 7.2.0.192.a.test", "PTR 7.2.0.192.in-addr.arpa"])
        #expect(judged.outcome.rejection?.code == 554)
    }

    @Test("answers that came early and aren't needed any more decide nothing")
    func earlyUnneeded() throws {
        let policy = policy([List(name: "a", zone: "a.test")])
        let table = "PORT_ACCESS\n\n  TCP|*|*|*|*  $[dns_verify,dns_verify,ok.test|$$Y|$$N554$ no]\n"
        let dns = [
            "A 7.2.0.192.a.test": Self.listed(), "A ok.test": DNSAnswer.records(["192.0.2.1"], ttlSeconds: 1),
        ]
        let judged = try judge(policy, table, dns: dns)
        #expect(judged.rounds.map(\.count) == [3])
        #expect(judged.outcome == .admit(Marks(sourceChannel: "tcp_local")))
    }

    @Test("points for talking before the greeting are added to the lists'")
    func earlyTalker() throws {
        var policy = policy([List(name: "a", zone: "a.test", weight: 2)]) { $0.lists.rejectAt = 4 }
        policy.session.preGreeting.action = .weight
        policy.session.preGreeting.weight = 2
        let dns = ["A 7.2.0.192.a.test": Self.listed()]
        #expect(try judge(policy, dns: dns).outcome.rejection == nil)
        #expect(try judge(policy, dns: dns, talkedFirst: true).outcome.rejection?.code == 554)
        policy.session.preGreeting.weight = 4
        policy.verification.lists.lists = []
        #expect(
            try judge(policy, talkedFirst: true).outcome.rejection
                == Reply(554, "5.7.1", "blocked by local policy"))
    }

    // MARK: Names

    private static let pointer = "PTR 7.2.0.192.in-addr.arpa"

    private func name(_ dns: [String: DNSAnswer]) throws -> ClientName? {
        try judge(policy([]) { $0.clientNames = .always }, dns: dns).outcome.marks?.client?.name
    }

    @Test("a name counts where its own addresses have the client among them")
    func confirmed() throws {
        let pointers = DNSAnswer.records(["Bad.test", "mx.test"], ttlSeconds: 1)
        #expect(
            try name([
                Self.pointer: pointers, "A mx.test": .records(["192.0.2.8", "192.0.2.7"], ttlSeconds: 1),
            ])
                == .confirmed("mx.test"))
        #expect(
            try name([Self.pointer: pointers, "A mx.test": .records(["192.0.2.8"], ttlSeconds: 1)])
                == .claimed("bad.test"))
    }

    @Test("no name, a name that can't be one, and a DNS that can't say are three things")
    func states() throws {
        #expect(try name([:]) == ClientName.none)
        #expect(try name([Self.pointer: .noData(ttlSeconds: 1)]) == ClientName.none)
        #expect(try name([Self.pointer: .records(["a|b$Y.test", "."], ttlSeconds: 1)]) == ClientName.none)
        #expect(try name([Self.pointer: .timedOut]) == .unknown("time-out"))
        #expect(
            try name([Self.pointer: .records(["mx.test"], ttlSeconds: 1), "A mx.test": .failed("SERVFAIL")])
                == .unknown("mx.test can't be confirmed: SERVFAIL"))
    }

    @Test("of a hundred names of one address four are followed")
    func manyNames() throws {
        let names = (0..<100).map { "h\($0).test" }
        let judged = try judge(
            policy([]) { $0.clientNames = .always }, dns: [Self.pointer: .records(names, ttlSeconds: 1)])
        #expect(judged.rounds.map(\.count) == [1, ClientNameLookup.namesMax])
    }

    @Test("CLIENT_ACCESS sees the name and its state, and its mere presence has the name looked up")
    func table() throws {
        let table = "CLIENT_ACCESS\n\n  TCP|*|*|*|*|claimed|*.dyn.test  $N554$ 5.7.1$ No$ dial-up:$ $4\n"
        let judged = try judge(
            policy([]), table, dns: [Self.pointer: .records(["h1.dyn.test"], ttlSeconds: 1)])
        #expect(judged.outcome.rejection == Reply(554, "5.7.1", "No dial-up: h1"))
        #expect(
            judged.trail.entries.last?.about
                == "CLIENT_ACCESS TCP|198.51.100.1|25|192.0.2.7|4711|claimed|h1.dyn.test")
        #expect(try judge(policy([]), table).outcome.rejection == nil)
    }

    @Test("an entry of CLIENT_ACCESS that accepts exempts from the lists")
    func exemptByName() throws {
        let table = "CLIENT_ACCESS\n\n  TCP|*|*|*|*|confirmed|*.partner.test  $Y\n"
        let dns: [String: DNSAnswer] = [
            Self.pointer: .records(["mx.partner.test"], ttlSeconds: 1), "A 7.2.0.192.a.test": Self.listed(),
        ]
        let policy = policy([List(name: "a", zone: "a.test")])
        #expect(try judge(policy, table, dns: dns).outcome.rejection?.code == 554)
        let confirmed = dns.merging(["A mx.partner.test": .records(["192.0.2.7"], ttlSeconds: 1)]) { one, _ in
            one
        }
        #expect(try judge(policy, table, dns: confirmed).outcome.rejection == nil)
    }
}
