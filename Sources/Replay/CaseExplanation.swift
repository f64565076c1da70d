// SPDX-License-Identifier: MIT

package import Gates
internal import Mail

/// A case in words: what was known, which rule said what, how it ended. Whatever stands in a record, no line
/// holds a character that a terminal or a reader would take for anything but text.
package struct CaseExplanation: Sendable {
    private let record: CaseRecord

    package init(_ record: CaseRecord) { self.record = record }

    /// For a terminal, one fact a line.
    package var lines: [String] { facts.map(Self.escaped) }

    private var facts: [String] {
        var lines = ["Case \(record.id): \(verdict)"]
        if record.foldedCount > 1 {
            lines.append("  It stands for \(record.foldedCount) refusals of this kind within a minute.")
        }
        lines.append("")
        lines.append(
            "A client connected from \(record.peer.clientAddress) port \(record.peer.clientPort) to "
                + "\(record.peer.serverAddress) port \(record.peer.serverPort).")
        lines += Self.stage(
            record.connection.trail, record.connection.exchanges, Self.words(record.connection.outcome))
        if let authentication = record.authentication {
            lines.append("By which rules may it authenticate?")
            lines += Self.stage(
                authentication.trail, authentication.exchanges, Self.words(authentication.outcome))
        }
        if let identity = record.identity {
            lines.append("Who is it?")
            lines += Self.stage(identity.trail, identity.exchanges, Self.words(identity.outcome))
        }
        guard let transaction = record.transaction else { return lines }
        let session = transaction.session
        lines.append(
            "It said \(session.isExtended ? "EHLO" : "HELO") \(Self.cut(session.helo))"
                + "\(session.tls.map { " over \($0)" } ?? ""), and MAIL FROM:<"
                + "\(transaction.sender.sender.map { Self.cut("\($0)") } ?? "")>"
                + "\(session.authenticated.map { " as \(Self.cut("\($0)"))" } ?? "").")
        lines += Self.stage(
            transaction.senderJudgement.trail, transaction.senderJudgement.exchanges,
            Self.words(transaction.senderJudgement.outcome))
        for recipient in transaction.recipients {
            lines.append("It said RCPT TO:<\(Self.cut("\(recipient.recipient)"))>.")
            lines += Self.stage(
                recipient.judgement.trail, recipient.judgement.exchanges,
                Self.words(recipient.judgement.outcome))
        }
        if let content = transaction.content {
            lines.append("It sent \(content.octets) octets, SHA-256 \(content.sha256.prefix(16))....")
            lines += Self.stage(
                content.judgement.trail, content.judgement.exchanges, content.judgement.outcome.reply.text)
        }
        lines.append("")
        lines.append(
            "Judged by ruleset \(transaction.ruleset.prefix(12)); the connection by "
                + "\(record.connectionRuleset.prefix(12))."
        )
        return lines
    }

    private var verdict: String {
        let rule = record.decidingRule
        let by = rule.isEmpty ? "" : ", by \(rule)"
        switch record.fate {
        case .accept: return "accepted and relayed"
        case .hold: return "accepted and held for the postmaster\(by)"
        case .discard: return "accepted and discarded\(by)"
        case .reject: return "refused\(by)"
        case .defer: return "put off\(by)"
        case .abandoned: return "abandoned by the client"
        }
    }

    /// One evaluation: what it asked, what its rules said, what came of it.
    static func stage(_ trail: Trail, _ exchanges: [Exchange], _ outcome: String) -> [String] {
        var lines: [String] = []
        for exchange in exchanges where exchange.question != .time {
            lines.append(
                "    asked  \(cut(FactsText.text(exchange.question))): \(cut(FactsText.text(exchange.answer)))"
            )
        }
        for entry in trail.entries {
            var line = "    \(entry.kind.rawValue)  \(entry.rule ?? "-")  \(cut(entry.about))"
            if !entry.captures.isEmpty {
                line +=
                    "  [\(entry.captures.enumerated().map { "$\($0)=\(cut($1))" }.joined(separator: " "))]"
            }
            if !entry.flags.isEmpty { line += "  flags \(entry.flags.joined())" }
            lines.append(entry.result.isEmpty ? line : "\(line): \(cut(entry.result))")
        }
        lines.append("  => \(cut(outcome))")
        return lines
    }

    private static func words(_ finding: IdentityFinding) -> String {
        switch finding {
        case .verified(let address): "it is \(address)"
        case .refused(let reply): reply.text
        }
    }

    private static func words(_ decision: Decision) -> String {
        switch decision {
        case .reject(let reply, _): return reply.text
        case .admit(let marks):
            var text = "admitted"
            if let channel = marks.sourceChannel { text += " by channel \(channel)" }
            if let channel = marks.destinationChannel { text += " for channel \(channel)" }
            if let reason = marks.holdReason { text += ", to be held: \(reason)" }
            if let disposal = marks.disposal { text += ", marked \(disposal.rawValue)" }
            if let sender = marks.sender { text += ", from <\(sender)> from here on" }
            if let rules = marks.authenticationRules { text += ", to authenticate by \(rules)" }
            for address in marks.captures { text += ", with a copy for \(address)" }
            return text
        }
    }

    /// Characters of one value that are shown, at most.
    private static let shownMax = 2_000

    static func cut(_ text: String) -> String {
        text.unicodeScalars.count > Self.shownMax
            ? "\(String(text.unicodeScalars.prefix(Self.shownMax)))..." : text
    }

    /// Controls, invisible characters and those that turn the direction of writing, as `\u{...}`.
    static func escaped(_ line: String) -> String {
        var escaped = ""
        for scalar in line.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
