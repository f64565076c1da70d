// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("The recipient gate")
struct RecipientGateTests {
    private func judge(
        _ mappings: String = "", to recipient: String = "bob@example.test",
        from channel: String = "tcp_local",
        policy: Policy = Rules.policy
    ) throws -> Driven<Decision> {
        let address =
            recipient == "postmaster" ? Address(localPart: recipient, domain: "") : Rules.mailbox(recipient)
        return drive(
            RecipientGate(
                ruleset: try Rules.make(mappings, policy: policy), session: Rules.session(channel: channel),
                sender: Rules.sender(), recipient: address))
    }

    @Test("a recipient of ours is admitted, with its channel")
    func admitted() throws {
        #expect(
            try judge().outcome
                == .admit(
                    Marks(destinationChannel: "inside", recipient: Rules.mailbox("bob@example.test"))))
    }

    @Test("both tables of a pair are consulted, and the first rejection wins")
    func firstRejection() throws {
        let judged = try judge(
            "ORIG_SEND_ACCESS\n\n  *  $None\n\nORIG_MAIL_ACCESS\n\n  *  $Ntwo\n\n"
                + "SEND_ACCESS\n\n  *  $Nthree\n")
        #expect(judged.outcome == .reject(Reply(550, "5.7.1", "one: bob@example.test")))
        #expect(judged.abouts.prefix(2) == ["ORIG_SEND_ACCESS", "ORIG_MAIL_ACCESS"])
        #expect(!judged.abouts.contains("SEND_ACCESS"))
    }

    @Test("the second table of a pair can reject alone")
    func secondOfPair() throws {
        let judged = try judge("ORIG_SEND_ACCESS\n\n  *  $Y\n\nORIG_MAIL_ACCESS\n\n  *  $X4.7.1|$Ntwo\n")
        #expect(judged.outcome == .reject(Reply(450, "4.7.1", "two: bob@example.test")))
        #expect(judged.rules.last == "mappings:7")
    }

    @Test("the trail's last rule is the one that rejected, also if the other table spoke after it")
    func decidingRule() throws {
        let judged = try judge("ORIG_SEND_ACCESS\n\n  *  $None\n\nORIG_MAIL_ACCESS\n\n  *  $Y\n")
        #expect(judged.rules == ["mappings:3", "mappings:7", "mappings:3"])
        #expect(judged.results.last == "rejected first, so it decides")
    }

    @Test("the second pair is consulted if the first admitted")
    func secondPair() throws {
        let send = try judge("ORIG_SEND_ACCESS\n\n  *  $Y\n\nSEND_ACCESS\n\n  *  $Nthree\n")
        #expect(send.outcome == .reject(Reply(550, "5.7.1", "three: bob@example.test")))
        let mail = try judge("MAIL_ACCESS\n\n  *  $Nfour\n")
        #expect(mail.outcome == .reject(Reply(550, "5.7.1", "four: bob@example.test")))
        let all = try judge(
            "ORIG_SEND_ACCESS\n\n  *  $Y\n\nORIG_MAIL_ACCESS\n\n  *  $Y\n\n"
                + "SEND_ACCESS\n\n  *  $Y\n\nMAIL_ACCESS\n\n  *  $Y\n")
        #expect(all.abouts == ["ORIG_SEND_ACCESS", "ORIG_MAIL_ACCESS", "SEND_ACCESS", "MAIL_ACCESS"])
        #expect(all.outcome.rejection == nil)
    }

    @Test("the relay is closed without any table")
    func relayClosed() throws {
        let judged = try judge(to: "x@elsewhere.example")
        #expect(judged.outcome == .reject(Reply(550, "5.7.1", "Relaying not allowed: x@elsewhere.example")))
        #expect(judged.rules == ["postern.toml [domains]"])
    }

    @Test("nothing that a table says opens the relay")
    func relayStaysClosed() throws {
        var policy = Rules.policy
        policy.channels["tcp_local"]?.hasRoute = true
        let tables = ["ORIG_SEND_ACCESS", "ORIG_MAIL_ACCESS", "SEND_ACCESS", "MAIL_ACCESS"]
            .map { "\($0)\n\n  *  $Y\n" }.joined(separator: "\n")
        for recipient in ["x@elsewhere.example", "x@[192.0.2.1]", "x@example.test.elsewhere.example"] {
            let judged = try judge(tables, to: recipient, policy: policy)
            #expect(judged.outcome == .reject(Reply(550, "5.7.1", "Relaying not allowed: \(recipient)")))
        }
    }

    @Test("from inside, the outside can be reached if there is a way")
    func insideOut() throws {
        let closed = try judge(to: "x@elsewhere.example", from: "tcp_intranet")
        #expect(
            closed.outcome == .reject(Reply(550, "5.1.2", "No route to this domain: x@elsewhere.example")))
        var policy = Rules.policy
        policy.channels["tcp_local"]?.hasRoute = true
        let open = try judge(to: "x@elsewhere.example", from: "tcp_intranet", policy: policy)
        #expect(open.outcome.marks?.destinationChannel == "tcp_local")
    }

    @Test("a channel without a route, or without a definition, takes nothing")
    func noRoute() throws {
        let judged = try judge(to: "x@broken.test")
        #expect(judged.outcome == .reject(Reply(550, "5.1.2", "No route to this domain: x@broken.test")))
        #expect(judged.rules == ["postern.toml [channel.broken]"])
        var policy = Rules.policy
        policy.domains["ghost.test"] = "ghost"
        #expect(try judge(to: "x@ghost.test", policy: policy).outcome.rejection?.status == "5.1.2")
    }

    @Test("a bare postmaster is ours, and the tables see the whole address")
    func postmaster() throws {
        let judged = try judge("ORIG_SEND_ACCESS\n\n  *|*|*|*  $Y\n", to: "postmaster")
        #expect(
            judged.outcome
                == .admit(Marks(destinationChannel: "inside", recipient: Rules.policy.postmaster)))
        #expect(
            judged.trail.entries.first?.about
                == "ORIG_SEND_ACCESS tcp_local|alice@sender.example|inside|postmaster@example.test")
    }

    @Test("$H marks the recipient's copy, the first mark counts, and a rejection outweighs it")
    func hold() throws {
        let held = try judge("ORIG_MAIL_ACCESS\n\n  *  $Y$H\n\nSEND_ACCESS\n\n  *  $H\n")
        #expect(held.outcome.marks?.holdReason == "ORIG_MAIL_ACCESS mappings:3 set $H")
        let refused = try judge("ORIG_SEND_ACCESS\n\n  *  $H\n\nMAIL_ACCESS\n\n  *  $Nno\n")
        #expect(refused.outcome.rejection?.code == 550)
    }

    @Test("a table that ran into a limit defers, whatever its neighbour says")
    func overrun() throws {
        let judged = try judge(
            "ORIG_SEND_ACCESS\n\n  *  $|ORIG_SEND_ACCESS;$0|$Y\n\nORIG_MAIL_ACCESS\n\n  *  $Y\n")
        #expect(judged.outcome == .reject(Reply(451, "4.3.0", "Local policy error, try again later")))
    }

    @Test("questions of a table are answered before the next is consulted")
    func questions() throws {
        let ruleset = try Rules.make(
            """
            ORIG_SEND_ACCESS

              *|*|*|*@*  $C$[dns_verify,dns_verify,$4|$$Y|$$Nno$ host]$E

            ORIG_MAIL_ACCESS

              TCP|*|*|*|*|*|*|*|*|*|*  $C$[dns_verify,dns_verify_domain,$2,list.test,listed]$E

            """)
        var world = World()
        world.dns["A example.test"] = .records(["192.0.2.1"], ttlSeconds: 1)
        world.dns["A 7.2.0.192.list.test"] = .records(["127.0.0.3"], ttlSeconds: 1)
        let gate = RecipientGate(
            ruleset: ruleset, session: Rules.session(), sender: Rules.sender(),
            recipient: Rules.mailbox("bob@example.test"))
        let judged = drive(gate, in: world)
        #expect(judged.rounds.count == 2)
        #expect(judged.outcome == .reject(Reply(550, "5.7.1", "listed: bob@example.test")))
    }
}

@Suite("Accepted domains")
struct PolicyTests {
    @Test("a name stands for itself, one with a leading dot for all below it")
    func keys() {
        let policy = Rules.policy
        #expect(policy.acceptedChannel(of: "example.test") == "inside")
        #expect(policy.acceptedChannel(of: "EXAMPLE.Test") == "inside")
        #expect(policy.acceptedChannel(of: "www.example.test") == nil)
        #expect(policy.acceptedChannel(of: "a.branch.test") == "inside")
        #expect(policy.acceptedChannel(of: "a.b.Branch.test") == "inside")
        #expect(policy.acceptedChannel(of: "branch.test") == nil)
        #expect(policy.acceptedChannel(of: "notbranch.test") == nil)
        #expect(policy.acceptedChannel(of: "a.branch.test.example") == nil)
    }

    @Test("the nearest key wins")
    func nearest() {
        var policy = Rules.policy
        policy.domains[".far.branch.test"] = "partner"
        #expect(policy.acceptedChannel(of: "x.far.branch.test") == "partner")
        #expect(policy.acceptedChannel(of: "far.branch.test") == "inside")
        policy.domains["x.far.branch.test"] = "broken"
        #expect(policy.acceptedChannel(of: "x.far.branch.test") == "broken")
    }

    @Test(
        "strange names lead outside",
        arguments: ["", ".", "..", "[192.0.2.1]", "test", String(repeating: "a.", count: 127)])
    func strange(domain: String) {
        #expect(Rules.policy.destinationChannel(of: domain) == "tcp_local")
    }
}
