// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("Greylisting")
struct GreylistingTests {
    private func judge(
        _ answer: MeterAnswer? = .greylist(.new(waitSeconds: 300)), session: SessionFacts = Rules.session(),
        sender: String = "alice@sender.example", recipient: String = "bob@example.test",
        mappings: String = "",
        _ change: (inout VerificationPolicy.Greylist) -> Void = { _ in }
    ) throws -> Driven<Decision> {
        var policy = Rules.policy
        var greylist = VerificationPolicy.Greylist(meter: "grey", channels: ["tcp_local"])
        change(&greylist)
        policy.verification.greylist = greylist
        var gate = RecipientGate(
            ruleset: try Rules.make(mappings, policy: policy), session: session, sender: Rules.sender(sender),
            recipient: Rules.mailbox(recipient))
        var rounds: [[Question]] = []
        var answers: [Answer] = []
        while true {
            switch gate.next(answers) {
            case .done(let outcome, let trail): return Driven(outcome: outcome, trail: trail, rounds: rounds)
            case .ask(let questions):
                rounds.append(questions)
                answers = questions.map { _ in answer.map(Answer.meter) ?? .unavailable("no meters") }
            }
        }
    }

    private static func question(_ key: String) -> [[Question]] {
        [[.meter(MeterQuestion(table: "grey", key: key, operation: .greylist))]]
    }

    @Test("who is seen for the first time, or too early, hears how many seconds to wait")
    func putOff() throws {
        let new = try judge()
        #expect(
            new.outcome.rejection
                == Reply(451, "4.7.1", "Greylisted, try again in 300 seconds: bob@example.test"))
        #expect(new.rounds == Self.question("192.0.2.0/24|alice@sender.example|bob@example.test"))
        let early = try judge(.greylist(.early(waitSeconds: 12)))
        #expect(early.outcome.rejection?.lines == ["Greylisted, try again in 12 seconds: bob@example.test"])
    }

    @Test("who waited, or passed before, is admitted")
    func passed() throws {
        #expect(try judge(.greylist(.passed)).outcome.rejection == nil)
    }

    @Test("the key has the parts that the settings name, and no part forges another")
    func key() throws {
        let hostile = try judge(sender: "A|b@Sender.Example") {
            $0.key = [.senderDomain, .sender, .recipient]
        }
        #expect(hostile.rounds == Self.question("sender.example|a_b@sender.example|bob@example.test"))
        let six = Peer(
            clientAddress: Rules.address("2001:db8:1:2:3::9"), clientPort: 1,
            serverAddress: Rules.peer.serverAddress, serverPort: 25)
        #expect(
            try judge(session: Rules.session(peer: six), sender: "").rounds
                == Self.question("2001:db8:1:2::/64||bob@example.test"))
        #expect(
            try judge {
                $0.prefixBitsIPv4 = 32; $0.key = [.client]
            }.rounds == Self.question("192.0.2.7/32"))
    }

    @Test("inside and authenticated clients, the postmaster and allow-listed clients don't wait")
    func exempt() throws {
        #expect(try judge(session: Rules.session(channel: "tcp_intranet")).rounds.isEmpty)
        var session = Rules.session()
        session.authenticated = Rules.mailbox("ann@example.test")
        #expect(try judge(session: session).rounds.isEmpty)
        #expect(try judge(recipient: "postmaster@example.test").rounds.isEmpty)
        session = Rules.session()
        session.client.isAllowListed = true
        let judged = try judge(session: session)
        #expect(judged.rounds.isEmpty)
        #expect(judged.results.last == "exempt: the client is on an allow list")
    }

    @Test("named clients don't wait: by network, by forward-confirmed name, by having one")
    func named() throws {
        var session = Rules.session()
        session.client.name = .confirmed("mx1.mail.example")
        let patterns = ["192.0.2.0/28", ".mail.example", "mx1.mail.example"]
        for text in patterns {
            let pattern = try #require(VerificationPolicy.ClientPattern(text))
            #expect(try judge(session: session) { $0.exemptClients = [pattern] }.rounds.isEmpty, "\(text)")
        }
        for text in ["192.0.3.0/24", ".example.mail", "mail.example", "x1.mail.example"] {
            let pattern = try #require(VerificationPolicy.ClientPattern(text))
            #expect(try judge(session: session) { $0.exemptClients = [pattern] }.rounds.count == 1, "\(text)")
        }
        #expect(try judge(session: session) { $0.exemptsConfirmedNames = true }.rounds.isEmpty)
        session.client.name = .claimed("mx1.mail.example")
        #expect(try judge(session: session) { $0.exemptsConfirmedNames = true }.rounds.count == 1)
    }

    @Test("only a recipient that everybody else admits is asked about")
    func last() throws {
        let table = "MAIL_ACCESS\n\n  TCP|*|*|*|*|*|*|*|*|*|*  $X5.7.9|$NNo\n"
        #expect(try judge(mappings: table).rounds.isEmpty)
        #expect(try judge(recipient: "x@elsewhere.example").rounds.isEmpty)
    }

    @Test("a meter that is gone lets mail in, unless the policy says otherwise")
    func failure() throws {
        for answer in [nil, .failed("no such table"), .value("x")] as [MeterAnswer?] {
            let lax = try judge(answer)
            #expect(lax.outcome.rejection == nil)
            #expect(lax.results.last?.contains("meter grey can't say") == true)
            #expect(try judge(answer) { $0.onFailure = .defer }.outcome.rejection?.code == 451)
        }
    }
}
