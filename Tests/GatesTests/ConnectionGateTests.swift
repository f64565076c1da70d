// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("The connection gate")
struct ConnectionGateTests {
    private func judge(_ mappings: String, peer: Peer = Rules.peer, world: World = World()) throws -> Driven<
        Decision
    > {
        drive(ConnectionGate(ruleset: try Rules.make(mappings), peer: peer), in: world)
    }

    private func rejection(_ template: String) throws -> Reply? {
        try judge("PORT_ACCESS\n\n  *  \(template)\n").outcome.rejection
    }

    @Test("without tables everyone is admitted, from outside, and nothing is asked")
    func noTables() throws {
        let judged = try judge("")
        #expect(judged.outcome == .admit(Marks(sourceChannel: "tcp_local")))
        #expect(judged.rounds.isEmpty)
    }

    @Test("a rejection carries its own code and status")
    func ownCode() throws {
        #expect(try rejection("$N554$ 5.7.1$ Go$ away") == Reply(554, "5.7.1", "Go away"))
        #expect(
            try rejection("$N451$ 4.3.2$ Come$ back$ later") == Reply(451, "4.3.2", "Come back later"))
        #expect(try rejection("$F550$ No") == Reply(550, "5.7.1", "No"))
    }

    @Test("$N421 is sent as it stands")
    func busy() throws {
        #expect(try rejection("$N421$ Too$ many$ connections") == Reply(421, "4.7.1", "Too many connections"))
    }

    @Test("a rejection without a code, or with one that is none, is 554")
    func noCode() throws {
        #expect(try rejection("$N") == Reply(554, "5.7.1", "Access denied"))
        #expect(try rejection("$NNo$ service$ here") == Reply(554, "5.7.1", "No service here"))
        #expect(try rejection("$N250$ Welcome") == Reply(554, "5.7.1", "250 Welcome"))
        #expect(try rejection("$N5500$ x") == Reply(554, "5.7.1", "5500 x"))
    }

    @Test("$Y and a text without flags admit")
    func admitted() throws {
        #expect(try rejection("$Y") == nil)
        #expect(try rejection("EXTERNAL") == nil)
    }

    @Test("the table knows that it is asked as a client connects: input flag A")
    func inputFlag() throws {
        #expect(try rejection("$:A$N421$ Busy")?.code == 421)
        #expect(try rejection("$;A$N421$ Busy") == nil)
    }

    @Test("the trail names table, probe, entry, captures and flags")
    func trail() throws {
        let judged = try judge("PORT_ACCESS\n\n  TCP|*|25|$(192.0.2.0/24)|*  $N554$ no\n")
        let entry = try #require(judged.trail.entries.first)
        #expect(
            entry
                == Trail.Entry(
                    .mapping, rule: "mappings:3", about: "PORT_ACCESS TCP|198.51.100.1|25|192.0.2.7|4711",
                    captures: ["198.51.100.1", "192.0.2.7", "4711"], flags: ["N"], result: "554 no"))
        #expect(judged.trail.entries.count == 1)
    }

    @Test("INTERNAL_IP's $Y brings a client in by the inside channel, anything else by the outside's")
    func internalIP() throws {
        let table = "INTERNAL_IP\n\n  $(192.0.2.0/24)  $Y\n  *  $N\n"
        #expect(try judge(table).outcome.marks?.sourceChannel == "tcp_intranet")
        let stranger = Peer(
            clientAddress: Rules.address("203.0.113.5"), clientPort: 1,
            serverAddress: Rules.peer.serverAddress, serverPort: 25)
        #expect(try judge(table, peer: stranger).outcome.marks?.sourceChannel == "tcp_local")
        #expect(try judge("INTERNAL_IP\n\n  192.0.2.7  yes\n").outcome.marks?.sourceChannel == "tcp_local")
    }

    @Test("a client that PORT_ACCESS refuses isn't asked where it comes from")
    func refusedFirst() throws {
        let judged = try judge("PORT_ACCESS\n\n  *  $N\n\nINTERNAL_IP\n\n  *  $Y\n")
        #expect(judged.outcome.rejection?.code == 554)
        #expect(judged.abouts == ["PORT_ACCESS"])
    }

    @Test(
        "a table that ran into a limit admits nobody for good, and refuses nobody for good",
        arguments: ["PORT_ACCESS", "INTERNAL_IP"])
    func overrun(table: String) throws {
        let judged = try judge("\(table)\n\n  *  $|\(table);$0|$Y\n")
        #expect(judged.outcome.rejection == Reply(451, "4.3.0", "Local policy error, try again later"))
        #expect(judged.results.last?.contains("deeper than 10") == true)
    }
}

@Suite("A DNS list at the connection gate (RFC 5782)")
struct DNSListTests {
    private static let mappings = """
        PORT_ACCESS

          TCP|*|*|*|*  $C$[dns_verify,dns_verify_domain_port,$2,list.test,Host$ $2$ is$ listed]$E
          *            $Y

        """

    private func judge(
        _ a: DNSAnswer?, text: DNSAnswer? = nil, peer: Peer = Rules.peer, mappings: String = mappings
    ) throws -> Driven<Decision> {
        var world = World()
        world.dns["A 7.2.0.192.list.test"] = a
        world.dns["TXT 7.2.0.192.list.test"] = text
        return drive(ConnectionGate(ruleset: try Rules.make(mappings), peer: peer), in: world)
    }

    @Test("listing and text are asked for together, the address reversed")
    func questions() throws {
        let judged = try judge(nil)
        #expect(judged.rounds.count == 1)
        #expect(judged.names == ["A 7.2.0.192.list.test", "TXT 7.2.0.192.list.test"])
    }

    @Test("an IPv6 client is asked about nibble by nibble")
    func six() throws {
        let peer = Peer(
            clientAddress: Rules.address("2001:db8::7"), clientPort: 1, serverAddress: Rules.address("::1"),
            serverPort: 25)
        #expect(
            try judge(nil, peer: peer).names.first
                == "A 7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.list.test")
    }

    @Test("who is listed is refused with the list's text")
    func listed() throws {
        let judged = try judge(
            .records(["127.0.0.2"], ttlSeconds: 1), text: .records(["See https://list.test/7"], ttlSeconds: 1)
        )
        #expect(judged.outcome == .reject(Reply(554, "5.7.1", "See https://list.test/7")))
        #expect(judged.rules.last == "mappings:3")
        #expect(judged.results.last?.contains("list.test answered 127.0.0.2") == true)
    }

    @Test("a list without a text of its own lends itself to ours, then to a plain one")
    func ownText() throws {
        let listing = DNSAnswer.records(["127.0.0.2"], ttlSeconds: 1)
        #expect(try judge(listing).outcome == .reject(Reply(554, "5.7.1", "Host 192.0.2.7 is listed")))
        #expect(
            try judge(listing, text: .timedOut).outcome
                == .reject(Reply(554, "5.7.1", "Host 192.0.2.7 is listed")))
        let bare = "PORT_ACCESS\n\n  TCP|*|*|*|*  $C$[dns_verify,dns_verify_domain_port,$2,list.test]$E\n"
        #expect(
            try judge(listing, mappings: bare).outcome
                == .reject(Reply(554, "5.7.1", "192.0.2.7 is listed by list.test")))
    }

    @Test(
        "a list that says nothing, or can't say it, refuses nobody",
        arguments: [
            DNSAnswer.noSuchName(ttlSeconds: 1), .noData(ttlSeconds: 1), .timedOut, .failed("SERVFAIL"),
        ])
    func notListed(answer: DNSAnswer) throws {
        #expect(try judge(answer).outcome.marks?.sourceChannel == "tcp_local")
    }

    @Test("127.255.255/24 is the list's way to say that it didn't answer, and no listing")
    func errorAnswer() throws {
        for code in ["127.255.255.252", "127.255.255.254", "127.255.255.255"] {
            let judged = try judge(.records([code], ttlSeconds: 1))
            #expect(judged.outcome.rejection == nil)
            let note = "list.test answered \(code): an error of the list, not a listing"
            #expect(judged.results.contains { $0.contains(note) })
        }
        let both = try judge(.records(["127.255.255.254", "127.0.0.4"], ttlSeconds: 1))
        #expect(both.outcome.rejection?.code == 554)
    }

    @Test("an answer outside 127/8 comes from a resolver that rewrites, and is no listing")
    func rewriting() throws {
        let judged = try judge(.records(["203.0.113.80", "2001:db8::1", "nonsense"], ttlSeconds: 1))
        #expect(judged.outcome.rejection == nil)
        #expect(judged.results.contains { $0.contains("list.test answered 203.0.113.80") })
    }

    @Test("a time-out and a failure are told in the trail")
    func told() throws {
        #expect(try judge(.timedOut).results.contains { $0.contains("list.test timed out") })
        #expect(try judge(.failed("SERVFAIL")).results.contains { $0.contains("list.test failed: SERVFAIL") })
    }

    @Test(
        "a text from outside sets no flag and forges no field",
        arguments: [
            "$Y", "$H$Y|4.0.0|welcome", "250 2.0.0 ok|$N", "$[dns_verify,dns_verify,x|y|z]",
            "$|INTERNAL_IP;x|",
        ])
    func hostileText(text: String) throws {
        let judged = try judge(
            .records(["127.0.0.2"], ttlSeconds: 1), text: .records([text], ttlSeconds: 1))
        let shown = String(text.map { $0 == "|" ? "_" : $0 })
        #expect(judged.outcome == .reject(Reply(554, "5.7.1", shown)))
        #expect(judged.rounds.count == 1)
        let entry = try #require(judged.trail.entries.last)
        #expect(entry.flags == ["N"])
    }

    @Test("a long or unprintable text is cut and cleaned")
    func longText() throws {
        let judged = try judge(
            .records(["127.0.0.2"], ttlSeconds: 1),
            text: .records([String(repeating: "x\u{7F}", count: 200)], ttlSeconds: 1))
        #expect(judged.outcome.rejection?.lines == [String(repeating: "x?", count: 100)])
    }

    @Test("what is no address isn't asked about")
    func noAddress() throws {
        let judged = try judge(
            nil,
            mappings: "PORT_ACCESS\n\n  TCP|*|*|*|*  $C$[dns_verify,dns_verify_domain_port,x$2,list.test]$E\n"
        )
        #expect(judged.rounds.isEmpty)
        #expect(judged.outcome.rejection == nil)
    }
}
