// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Gates
import Mail

/// `postern address test`: which way an address goes, and what the tables say to it.
struct AddressTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Show where mail for an address would go, and which rules decide it.",
        discussion: """
            Answers one JSON object: "address" as asked, "recipient" as the rules leave it, "channel", "next_hop", \
            "decision" (admit, reject or defer), "reply" where it isn't admitted, "hold" and "disposal" where it is \
            admitted for less than delivery, "sender", "scripts" that would judge its mail, "tables" with what each table \
            made of its probe, and "trail" with everything that was decided on the way. Meters, directories and next \
            hops are not asked; a zone file can say what some of them would answer.
            """)

    @Argument(help: "The recipient.")
    var address: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The sender; empty is the null reverse-path.", valueName: "address"))
    var from = ""

    @Option(
        name: .customLong("source-channel"),
        help: ArgumentHelp(
            "By which channel the mail comes in; without it, from outside.", valueName: "channel"))
    var sourceChannel: String?

    @Option(name: .customLong("from-ip"), help: ArgumentHelp("The client's address.", valueName: "ip"))
    var fromIP = "192.0.2.1"

    @Flag(help: "The client speaks TLS.")
    var tls = false

    @Option(
        help: ArgumentHelp(
            "The world as this JSON file says it is; the network is not asked. Without it, DNS and live databases are "
                + "asked as the configuration says.", valueName: "file"))
    var zone: String?

    @OptionGroup var rules: ConfigurationOption

    func run() throws {
        guard let recipient = Address(address) else {
            throw CommandFailure.badUsage("\(address) is no mail address: write user@example.net")
        }
        let sender = try from.isEmpty || from == "<>" ? nil : address(from, "--from")
        guard let client = IPAddress(fromIP), let server = IPAddress(client.isIPv4 ? "127.0.0.1" : "::1")
        else {
            throw CommandFailure.badUsage("--from-ip \(fromIP): write an address, 192.0.2.1 or 2001:db8::1")
        }
        let compiled = try CompiledRules(rules)
        let policy = compiled.ruleset.policy
        let channel = sourceChannel ?? policy.outsideChannel
        guard policy.channels[channel] != nil else {
            throw CommandFailure.badUsage(
                "--source-channel \(channel): there is no such channel; there are "
                    + policy.channels.keys.sorted().joined(separator: ", "))
        }
        var world = TrialWorld(
            world: try zone.map { .zone(try ZoneFile(path: $0)) } ?? .network(NetworkQuestions(rules)),
            now: nil)
        let session = SessionFacts(
            peer: Peer(clientAddress: client, clientPort: 40_000, serverAddress: server, serverPort: 25),
            helo: "test.invalid", isExtended: true, tls: tls ? SessionTrial.tls : nil, sourceChannel: channel)
        let report = try Self.judge(
            recipient, from: SenderFacts(sender: sender, declaredOctets: nil, isEightBit: false), session,
            compiled, &world)
        try StandardOutput.print(json: report)
    }

    private func address(_ text: String, _ option: String) throws(CommandFailure) -> Address {
        guard let address = Address(text) else {
            throw .badUsage("\(option) \(text): this is no mail address")
        }
        return address
    }

    private static func judge(
        _ recipient: Address, from sender: SenderFacts, _ session: SessionFacts, _ rules: CompiledRules,
        _ world: inout TrialWorld
    ) throws(CommandFailure) -> AddressReport {
        let senderGate = SenderGate(ruleset: rules.ruleset, session: session, sender: sender)
        let senderJudgement = try world.judgement(of: senderGate)
        TrailText.print("sender", senderJudgement.trail)
        let senderMarks = senderJudgement.outcome.marks ?? .none
        let gate = RecipientGate(
            ruleset: rules.ruleset, session: session, sender: sender, recipient: RecipientFacts(recipient),
            senderMarks: senderMarks)
        let judgement = try world.judgement(of: gate)
        TrailText.print("recipient", judgement.trail)
        var report = AddressReport(
            address: recipient, sender: sender.sender, senderJudgement: senderJudgement, judgement: judgement,
            rules: rules)
        if case .admit(let marks) = judgement.outcome, senderJudgement.outcome.rejection == nil {
            let admitted = ContentFacts.Recipient(
                original: recipient, sender: senderMarks, admitted: marks, policy: rules.ruleset.policy)
            let listing = try world.judgement(
                of: ScriptListing(ruleset: rules.ruleset, recipient: admitted, session: session))
            TrailText.print("scripts", listing.trail)
            report.scripts = listing.outcome.map(AddressReport.Script.init)
        }
        return report
    }
}
