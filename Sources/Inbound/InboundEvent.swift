// SPDX-License-Identifier: MIT

package import Logging
internal import Telemetry

/// What Inbound tells the operator. Content and subjects are never fields.
package enum InboundEvent: LoggedEvent {
    case connectionRejected(caseID: String, client: String, rule: String, reply: String)
    /// `refusals`: how many clients were refused for want of means since the last line that said so.
    case sessionsFull(client: String, sessions: Int, refusals: Int)
    case queueRefusing(reason: String, refusals: Int)
    case senderRejected(caseID: String, client: String, sender: String, rule: String, reply: String)
    case recipientRejected(
        caseID: String, client: String, sender: String, recipient: String, rule: String, reply: String)
    case recipientJudged(caseID: String, recipient: String, verdict: String)
    case messageSettled(
        caseID: String, client: String, octets: Int, ruleset: String, tookMs: Int64, reply: String)
    case contentRefused(caseID: String, client: String, reply: String)
    case messagePoisoned(caseID: String, client: String, reason: String)
    case commitFailed(caseID: String, reason: String)
    case tlsFailed(client: String, reason: String)

    package var name: String {
        switch self {
        case .connectionRejected: "connection.rejected"
        case .sessionsFull: "sessions.full"
        case .queueRefusing: "queue.refusing"
        case .senderRejected: "sender.rejected"
        case .recipientRejected: "recipient.rejected"
        case .recipientJudged: "recipient.judged"
        case .messageSettled: "message.settled"
        case .contentRefused: "content.refused"
        case .messagePoisoned: "message.poisoned"
        case .commitFailed: "commit.failed"
        case .tlsFailed: "tls.failed"
        }
    }

    /// A client's mistake is never above info.
    package var level: Logger.Level {
        switch self {
        case .commitFailed: .error
        case .messagePoisoned, .sessionsFull, .queueRefusing: .warning
        case .recipientJudged: .debug
        default: .info
        }
    }

    package var fields: [(String, String)] {
        switch self {
        case .connectionRejected(let caseID, let client, let rule, let reply):
            [("case", caseID), ("client", client), ("rule", rule), ("reply", reply)]
        case .sessionsFull(let client, let sessions, let refusals):
            [("client", client), ("sessions", "\(sessions)"), ("refusals", "\(refusals)")]
        case .queueRefusing(let reason, let refusals): [("reason", reason), ("refusals", "\(refusals)")]
        case .senderRejected(let caseID, let client, let sender, let rule, let reply):
            [("case", caseID), ("client", client), ("sender", sender), ("rule", rule), ("reply", reply)]
        case .recipientRejected(let caseID, let client, let sender, let recipient, let rule, let reply):
            [
                ("case", caseID), ("client", client), ("sender", sender), ("recipient", recipient),
                ("rule", rule),
                ("reply", reply),
            ]
        case .recipientJudged(let caseID, let recipient, let verdict):
            [("case", caseID), ("recipient", recipient), ("verdict", verdict)]
        case .messageSettled(let caseID, let client, let octets, let ruleset, let tookMs, let reply):
            [
                ("case", caseID), ("client", client), ("size_bytes", "\(octets)"), ("ruleset", ruleset),
                ("took_ms", "\(tookMs)"), ("reply", reply),
            ]
        case .contentRefused(let caseID, let client, let reply):
            [("case", caseID), ("client", client), ("reply", reply)]
        case .messagePoisoned(let caseID, let client, let reason):
            [("case", caseID), ("client", client), ("reason", reason)]
        case .commitFailed(let caseID, let reason): [("case", caseID), ("reason", reason)]
        case .tlsFailed(let client, let reason): [("client", client), ("reason", reason)]
        }
    }
}
