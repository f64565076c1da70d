// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("2.4 Flags of PORT_ACCESS")
struct PortAccessFlagsTests {
    private func judge(_ template: String) throws -> Decision {
        let ruleset = try Rules.make("PORT_ACCESS\n\n  *  \(template)\n")
        return drive(ConnectionGate(ruleset: ruleset, peer: Rules.peer)).outcome
    }

    private func rules(_ entries: String) throws -> Driven<Decision> {
        drive(AuthenticationGate(ruleset: try Rules.make(entries), peer: Rules.peer))
    }

    @Test("the text of a rejection is sent as it stands, with its own code and status")
    func verbatim() throws {
        #expect(try judge("$N421$ Try$ later").rejection == Reply(421, "4.7.1", "Try later"))
        #expect(try judge("$N500$ 5.7.0$ No").rejection == Reply(500, "5.7.0", "No"))
        #expect(try judge("$FGo$ away").rejection == Reply(554, "5.7.1", "Go away"))
        #expect(try judge("$N").rejection == Reply(554, "5.7.1", "Access denied"))
        #expect(try judge("$N250$ 2.0.0$ ok").rejection == Reply(554, "5.7.1", "250 2.0.0 ok"))
    }

    @Test("~ separates the lines of an answer; each may repeat its code")
    func lines() throws {
        #expect(
            try judge("$N554$ 5.7.1$ One~Two~Three").rejection
                == Reply(554, "5.7.1", lines: ["One", "Two", "Three"]))
        #expect(
            try judge("$N421-$ One~421$ Two").rejection == Reply(421, "4.7.1", lines: ["One", "Two"]))
        let many = (1...50).map { "line$ \($0)" }.joined(separator: "~")
        #expect(try judge("$N\(many)").rejection?.lines.count == Reply.linesMax)
    }

    @Test("$< and $> are for the system's log, $T for the connection's record, $U for its detail")
    func consequences() throws {
        let refused = try judge("$<a|$>b|$Tc|$U2|$N554$ no").consequences
        #expect(refused.notices == ["a", "b"])
        #expect(refused.connectionNote == "c")
        #expect(refused.debugLevel == 2)
        #expect(try judge("$<a|$>b|$Tc|$N554$ no").rejection == Reply(554, "5.7.1", "no"))
        let admitted = try judge("$Y$<a|$>b|$Tc").consequences
        #expect(admitted.notices == ["a"])
        #expect(admitted.connectionNote == "c")
    }

    @Test("input flag A is set at connect, and clear when authentication's rules are asked for")
    func inputFlag() throws {
        let table = "PORT_ACCESS\n\n  *  $C$:A$N421$ counted$E\n  *  $YEXTERNAL\n"
        #expect(
            drive(ConnectionGate(ruleset: try Rules.make(table), peer: Rules.peer)).outcome.rejection?.code
                == 421)
        #expect(try rules(table).outcome.marks?.authenticationRules == "EXTERNAL")
    }

    @Test("the second call's text names the rules; EXTERNAL where there is no text, and no table")
    func authenticationRules() throws {
        #expect(try rules("PORT_ACCESS\n\n  *  $YSTAFF\n").outcome.marks?.authenticationRules == "STAFF")
        #expect(try rules("PORT_ACCESS\n\n  *  $Y$<a|STAFF\n").outcome.marks?.authenticationRules == "STAFF")
        #expect(try rules("PORT_ACCESS\n\n  *  $Y\n").outcome.marks?.authenticationRules == "EXTERNAL")
        #expect(try rules("").outcome.marks?.authenticationRules == "EXTERNAL")
        #expect(try rules("PORT_ACCESS\n\n  *  $N554$ no\n").outcome.rejection?.code == 554)
    }

    @Test("the table of a fresh installation admits inside and outside alike")
    func fresh() throws {
        let table =
            "INTERNAL_IP\n\n  $(192.0.2.0/24)  $Y\n  *  $N\n\n"
            + "PORT_ACCESS\n\n  *|*|*|*|*  $C$|INTERNAL_IP;$3|$Y$E\n  *  $YEXTERNAL\n"
        let ruleset = try Rules.make(table)
        let inside = drive(ConnectionGate(ruleset: ruleset, peer: Rules.peer))
        #expect(inside.outcome.marks?.sourceChannel == "tcp_intranet")
        let stranger = Peer(
            clientAddress: Rules.address("203.0.113.9"), clientPort: 1,
            serverAddress: Rules.address("198.51.100.1"), serverPort: 25)
        #expect(
            drive(ConnectionGate(ruleset: ruleset, peer: stranger)).outcome.marks?.sourceChannel
                == "tcp_local")
    }
}
