// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("The sender gate")
struct SenderGateTests {
    private func judge(
        _ entries: String, session: SessionFacts = Rules.session(), sender: SenderFacts = Rules.sender(),
        world: World = World()
    ) throws -> Driven<Decision> {
        let ruleset = try Rules.make("FROM_ACCESS\n\n\(entries)\n")
        return drive(SenderGate(ruleset: ruleset, session: session, sender: sender), in: world)
    }

    private func rejection(_ template: String) throws -> Reply? {
        try judge("  *  \(template)").outcome.rejection
    }

    @Test("without a table every sender is admitted")
    func noTable() throws {
        let gate = SenderGate(ruleset: try Rules.make(), session: Rules.session(), sender: Rules.sender())
        #expect(drive(gate).outcome == .admit(Marks()))
    }

    @Test("$N and $F refuse with 550 5.7.1, the text and the address")
    func refused() throws {
        #expect(
            try rejection("$NWe$ don't$ know$ you")
                == Reply(550, "5.7.1", "We don't know you: alice@sender.example"))
        #expect(try rejection("$F") == Reply(550, "5.7.1", "Access denied: alice@sender.example"))
    }

    @Test("the null sender is named <>")
    func nullSender() throws {
        let null = SenderFacts(sender: nil, declaredOctets: nil, isEightBit: false)
        #expect(
            try judge("  *|*|*|*|*|*|*|*||*  $NNo$ reports", sender: null).outcome
                == .reject(Reply(550, "5.7.1", "No reports: <>")))
    }

    @Test("$X gives the status, and its argument comes first whatever the order of the flags")
    func status() throws {
        let reply = Reply(550, "5.1.8", "No such domain: alice@sender.example")
        #expect(try rejection("$X5.1.8|$NNo$ such$ domain") == reply)
        #expect(try rejection("$N$X5.1.8|No$ such$ domain") == reply)
        #expect(try rejection("5.1.8|No$ such$ domain$X$N") == reply)
    }

    @Test("$X with 4.y.z makes the refusal a 450")
    func transient() throws {
        #expect(
            try rejection("$X4.2.1|$NTry$ later") == Reply(450, "4.2.1", "Try later: alice@sender.example"))
        #expect(try rejection("$X4.2.1$N") == Reply(450, "4.2.1", "Access denied: alice@sender.example"))
    }

    @Test(
        "a status that is none, or says success, is 5.7.1", arguments: ["2.0.0", "5.7", "x", "5.7.1234", ""])
    func badStatus(status: String) throws {
        #expect(
            try rejection("$X\(status)|$Nno") == Reply(550, "5.7.1", "no: alice@sender.example"))
    }

    @Test("a bar in the text stays in the text")
    func bar() throws {
        #expect(try rejection("$X5.1.8|a|b$N") == Reply(550, "5.1.8", "a|b: alice@sender.example"))
        #expect(try rejection("$Na|b") == Reply(550, "5.7.1", "a|b: alice@sender.example"))
    }

    @Test("$H marks the message to be held, with table and line")
    func hold() throws {
        #expect(
            try judge("  *  $Y$H").outcome == .admit(Marks(holdReason: "FROM_ACCESS mappings:3 set $H")))
    }

    @Test("a refusal outweighs $H and $Y")
    func refusalWins() throws {
        #expect(try rejection("$H$Y$Nno")?.code == 550)
    }

    @Test("entries can ask for TLS and EHLO")
    func inputFlags() throws {
        let table = "  *  $;T$NTLS$ please"
        #expect(try judge(table).outcome.rejection?.code == 550)
        #expect(try judge(table, session: Rules.session(tls: "TLSv1.3-X")).outcome.rejection == nil)
        #expect(
            try judge("  *  $;E$Nold", session: Rules.session(isExtended: false)).outcome.rejection?.code
                == 550)
    }

    @Test(
        "nothing in a greeting or an address is taken for a flag, a field or a wildcard",
        arguments: ["$Y", "$H", "*", "$|INTERNAL_IP;x|", "%e", "$C$R$E"])
    func hostile(text: String) throws {
        let judged = try judge(
            "  TCP|*|*|*|*|SMTP/*|MAIL|*|*|*  $N$4$ and$ $6", session: Rules.session(helo: text),
            sender: SenderFacts(
                sender: Address(localPart: text, domain: "b.example"), declaredOctets: nil, isEightBit: false)
        )
        let shown = String(text.map { $0 == "|" ? "_" : $0 })
        #expect(
            judged.outcome
                == .reject(Reply(550, "5.7.1", "\(shown) and \(shown)@b.example: \(text)@b.example")))
        #expect(judged.trail.entries.last?.flags == ["N"])
    }

    @Test("a table that ran into a limit defers")
    func overrun() throws {
        #expect(
            try judge("  *  $|FROM_ACCESS;$0|$Y").outcome.rejection
                == Reply(451, "4.3.0", "Local policy error, try again later"))
    }
}

@Suite("dns_verify in a template")
struct DNSVerifyTests {
    private func judge(
        _ template: String, _ answers: [String: DNSAnswer], sender: String = "alice@sender.example"
    ) throws -> Driven<Decision> {
        let ruleset = try Rules.make("FROM_ACCESS\n\n  TCP|*|*|*|*|*|MAIL|*|*@*|*  \(template)\n")
        var world = World()
        world.dns = answers
        return drive(
            SenderGate(ruleset: ruleset, session: Rules.session(), sender: Rules.sender(sender)), in: world)
    }

    private let template =
        "$C$[dns_verify,dns_verify,$7|$$Y|$$NUnknown$ host$ -$ %e|$$X4.1.8|$$NLater$ -$ %e]$E"

    @Test("a name with an address, of either kind, is found")
    func found() throws {
        for type in ["A 192.0.2.1", "AAAA 2001:db8::1"] {
            let parts = type.split(separator: " ").map(String.init)
            let judged = try judge(
                template, ["\(parts[0]) sender.example": .records([parts[1]], ttlSeconds: 1)])
            #expect(judged.outcome == .admit(Marks()))
            #expect(judged.trail.entries.last?.flags == ["Y"])
            #expect(judged.rounds.count == 1)
            #expect(judged.names == ["A sender.example", "AAAA sender.example"])
        }
    }

    @Test("a name without one is not, and %e says why")
    func notFound() throws {
        #expect(
            try judge(template, [:]).outcome
                == .reject(Reply(550, "5.7.1", "Unknown host - no such host: alice@sender.example")))
    }

    @Test("a failure and a time-out take the fourth text")
    func failed() throws {
        #expect(
            try judge(template, ["A sender.example": .failed("SERVFAIL")]).outcome
                == .reject(Reply(450, "4.1.8", "Later - SERVFAIL: alice@sender.example")))
        #expect(
            try judge(template, ["AAAA sender.example": .timedOut]).outcome
                == .reject(Reply(450, "4.1.8", "Later - time-out: alice@sender.example")))
    }

    @Test("without a fourth text, a failure takes the third")
    func threeTexts() throws {
        #expect(
            try judge(
                "$[dns_verify,dns_verify,$7|$$Y|$$Nno:%e:%e]", ["A sender.example": .timedOut]
            ).outcome == .reject(Reply(550, "5.7.1", "no:time-out:time-out: alice@sender.example")))
    }

    @Test("an error text is text only")
    func hostileError() throws {
        let judged = try judge(template, ["A sender.example": .failed("$H$Y|x $E")])
        #expect(
            judged.outcome == .reject(Reply(450, "4.1.8", "Later - $H$Y_x $E: alice@sender.example")))
    }

    @Test("a literal, which is no name, isn't found and isn't asked for")
    func literal() throws {
        let judged = try judge(template, [:], sender: "alice@[192.0.2.1]")
        #expect(judged.rounds.isEmpty)
        #expect(
            judged.outcome
                == .reject(Reply(550, "5.7.1", "Unknown host - not a domain name: alice@[192.0.2.1]")))
    }

    @Test("dns_verify_domain refuses with the list's text, as a table beyond PORT_ACCESS does")
    func domain() throws {
        let template = "$C$[dns_verify,dns_verify_domain,$2,list.test]$E"
        let judged = try judge(
            template,
            [
                "A 7.2.0.192.list.test": .records(["127.0.0.2"], ttlSeconds: 1),
                "TXT 7.2.0.192.list.test": .records(["$Y4.0.0|spam source"], ttlSeconds: 1),
            ])
        #expect(
            judged.outcome
                == .reject(Reply(550, "5.7.1", "$Y4.0.0_spam source: alice@sender.example")))
        #expect(judged.trail.entries.last?.flags == ["N", "X"])
        #expect(try judge(template, [:]).outcome == .admit(Marks()))
    }

    @Test("an answer of another kind is a failure, not a finding")
    func wrongKind() throws {
        let ruleset = try Rules.make(
            "FROM_ACCESS\n\n  *|*|*|*|*|*|*|*|*@*|*  \(template.replacing("$7", with: "$9"))\n")
        for wrong in [Answer.time(5), .scan(ScanReport(state: .clean, tookMs: 0)), .callout("$$Y")] {
            var gate = SenderGate(ruleset: ruleset, session: Rules.session(), sender: Rules.sender())
            guard case .ask(let questions) = gate.next([]) else {
                Issue.record("nothing was asked")
                continue
            }
            guard case .done(let decision, _) = gate.next(questions.map { _ in wrong }) else {
                Issue.record("asked again")
                continue
            }
            #expect(decision.rejection?.code == 450)
        }
    }
}
