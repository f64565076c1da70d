// SPDX-License-Identifier: MIT

package import Gates
internal import Mail

/// A table that was consulted beside a session, in words.
package struct TableExplanation: Sendable {
    private let record: TableRecord

    package init(_ record: TableRecord) { self.record = record }

    /// For a terminal, one fact a line.
    package var lines: [String] {
        let about = record.entry.isEmpty ? "" : " for entry \(record.entry)"
        let stage = CaseExplanation.stage(record.consultation.trail, record.consultation.exchanges, outcome)
        return ([subject + about + "."] + stage + ["  Judged by ruleset \(record.ruleset.prefix(12))."])
            .map(CaseExplanation.escaped)
    }

    private var subject: String {
        switch record.consultation {
        case .dequeue(let facts, _):
            "An attempt by channel \(facts.channel) was about to begin, after \(facts.retries) others"
        case .address(let facts, _):
            "Channel \(facts.channel) was about to connect to \(facts.address), address \(facts.number) of "
                + "\(facts.count) of \(facts.host)"
        case .log(let facts, _):
            "It was recorded as \(facts.action.rawValue)\(facts.modifiers) of \(facts.recipient)"
        case .copy(let facts, _): "The file of a message by channel \(facts.destinationChannel) was to go"
        }
    }

    private var outcome: String {
        switch record.consultation {
        case .dequeue(_, let judgement):
            switch judgement.outcome {
            case .attempt: "tried"
            case .postpone(let seconds, let reason):
                "not tried\(seconds.map { " for \($0) s" } ?? ", until the schedule says"): \(reason)"
            }
        case .address(_, let judgement):
            switch judgement.outcome {
            case .connect: "connected to"
            case .skip: "passed over"
            case .replace(let address): "\(address) instead"
            case .refuse(let text): "no mail may go there: \(text)"
            }
        case .log(_, let judgement):
            judgement.outcome.notices.isEmpty
                ? "nothing said" : "said: \(judgement.outcome.notices.joined(separator: "; "))"
        case .copy(_, let judgement): judgement.outcome.map { "a copy is kept as \($0)" } ?? "no copy is kept"
        }
    }
}
