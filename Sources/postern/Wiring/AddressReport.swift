// SPDX-License-Identifier: MIT

import Configuration
import Gates
import Mail

/// What `address test` answers.
struct AddressReport: Encodable {
    /// What one table made of its probe.
    struct Table: Encodable {
        var table: String
        var probe: String
        /// Nil where no entry gave a result.
        var rule: Nullable<String>
        var captures: [String]
        var flags: [String]
        var result: String
    }

    /// A script that would judge mail for the address.
    struct Script: Encodable {
        /// `user`, `destination channel` and so on.
        var level: String
        var name: String
        /// Why it can't be run; null where it can.
        var failure: Nullable<String>

        init(_ line: ScriptListing.Line) {
            level = line.level
            name = line.name
            failure = Nullable(line.failure)
        }
    }

    struct Step: Encodable {
        /// `sender` or `recipient`.
        var gate: String
        var kind: String
        var rule: Nullable<String>
        var about: String
        var captures: [String]
        var flags: [String]
        var result: String
    }

    var address: String
    /// As the rules leave it; null where it isn't admitted.
    var recipient: Nullable<String>
    /// The channel that it leaves by: as decided, or else as its domain is routed.
    var channel: String
    var nextHop: Nullable<String>
    var decision: String
    var reply: Nullable<String>
    var hold: Nullable<String>
    var disposal: Nullable<String>
    /// The envelope sender as the rules leave it; empty for the null reverse-path.
    var sender: String
    /// In the order of their weight; empty where it isn't admitted.
    var scripts: [Script] = []
    var tables: [Table]
    var trail: [Step]

    enum CodingKeys: String, CodingKey {
        case address, recipient, channel
        case nextHop = "next_hop"
        case decision, reply, hold, disposal, sender, scripts, tables, trail
    }

    init(
        address: Address, sender: Address?, senderJudgement: Judgement<Decision>,
        judgement: Judgement<Decision>, rules: CompiledRules
    ) {
        let rejection = senderJudgement.outcome.rejection ?? judgement.outcome.rejection
        let senderMarks = senderJudgement.outcome.marks ?? .none
        let marks = judgement.outcome.marks ?? .none
        let all = senderMarks.forMessage(sender: marks)
        let policy = rules.ruleset.policy
        let channel = marks.destinationChannel ?? policy.destinationChannel(of: address.domain)
        self.address = "\(address)"
        self.channel = channel
        recipient = Nullable(rejection == nil ? "\(marks.recipient ?? address)" : nil)
        nextHop = Nullable(rules.settings.routes[channel].map(Self.text))
        decision = rejection.map { $0.isPermanent ? "reject" : "defer" } ?? "admit"
        reply = Nullable(rejection?.text)
        hold = Nullable(all.holdReason)
        disposal = Nullable(all.disposal?.rawValue)
        self.sender = all.sender ?? sender?.description ?? ""
        let entries =
            senderJudgement.trail.entries.map { ("sender", $0) }
            + judgement.trail.entries.map { ("recipient", $0) }
        tables = entries.compactMap { $0.1.kind == .mapping ? Table($0.1) : nil }
        trail = entries.map { Step(gate: $0, $1) }
    }

    private static func text(_ route: RouteSettings) -> String {
        switch route.destination {
        case .maildir(let path): "maildir \(path)"
        case .smtp(let hop): "\(hop)"
        }
    }
}

extension AddressReport.Table {
    /// A trail names a table and its probe in one text, with a space between.
    init(_ entry: Trail.Entry) {
        let words = entry.about.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            table: words.first.map(String.init) ?? "", probe: words.count > 1 ? String(words[1]) : "",
            rule: Nullable(entry.rule), captures: entry.captures, flags: entry.flags, result: entry.result)
    }
}

extension AddressReport.Step {
    init(gate: String, _ entry: Trail.Entry) {
        self.init(
            gate: gate, kind: entry.kind.rawValue, rule: Nullable(entry.rule), about: entry.about,
            captures: entry.captures, flags: entry.flags, result: entry.result)
    }
}
