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
    /// `failure`: the recipient, the level, the place and what is wrong.
    case scriptFailed(caseID: String, failure: String)
    case messageSettled(
        caseID: String, client: String, octets: Int, ruleset: String, tookMs: Int64, reply: String)
    case contentRefused(caseID: String, client: String, reply: String)
    case messagePoisoned(caseID: String, client: String, reason: String)
    case commitFailed(caseID: String, reason: String)
    case tlsFailed(client: String, reason: String)
    case connectionNoted(caseID: String, client: String, note: String)
    /// `syslog`: facility and severity that the text is meant for.
    case accessNoticed(caseID: String, client: String, syslog: String, notice: String)
    case gateJudged(caseID: String, client: String, gate: String, rule: String, result: String)
    case authenticationSucceeded(caseID: String, client: String, mechanism: String, identity: String)
    case authenticationFailed(
        caseID: String, client: String, mechanism: String, identity: String, reply: String)
    case queueRunAsked(caseID: String, client: String, node: String, channel: String, reply: String)

    package var name: String {
        switch self {
        case .connectionRejected: "connection.rejected"
        case .sessionsFull: "sessions.full"
        case .queueRefusing: "queue.refusing"
        case .senderRejected: "sender.rejected"
        case .recipientRejected: "recipient.rejected"
        case .recipientJudged: "recipient.judged"
        case .scriptFailed: "script.failed"
        case .messageSettled: "message.settled"
        case .contentRefused: "content.refused"
        case .messagePoisoned: "message.poisoned"
        case .commitFailed: "commit.failed"
        case .tlsFailed: "tls.failed"
        case .connectionNoted: "connection.noted"
        case .accessNoticed: "access.noticed"
        case .gateJudged: "gate.judged"
        case .authenticationSucceeded: "authentication.succeeded"
        case .authenticationFailed: "authentication.failed"
        case .queueRunAsked: "queue_run.asked"
        }
    }

    /// A client's mistake is never above info.
    package var level: Logger.Level {
        switch self {
        case .commitFailed: .error
        case .messagePoisoned, .sessionsFull, .queueRefusing, .scriptFailed: .warning
        case .recipientJudged, .gateJudged: .debug
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
        case .scriptFailed(let caseID, let failure): [("case", caseID), ("failure", failure)]
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
        case .connectionNoted(let caseID, let client, let note):
            [("case", caseID), ("client", client), ("note", note)]
        case .accessNoticed(let caseID, let client, let syslog, let notice):
            [("case", caseID), ("client", client), ("syslog", syslog), ("notice", notice)]
        case .gateJudged(let caseID, let client, let gate, let rule, let result):
            [("case", caseID), ("client", client), ("gate", gate), ("rule", rule), ("result", result)]
        case .authenticationSucceeded(let caseID, let client, let mechanism, let identity):
            [("case", caseID), ("client", client), ("mechanism", mechanism), ("identity", identity)]
        case .authenticationFailed(let caseID, let client, let mechanism, let identity, let reply):
            [
                ("case", caseID), ("client", client), ("mechanism", mechanism), ("identity", identity),
                ("reply", reply),
            ]
        case .queueRunAsked(let caseID, let client, let node, let channel, let reply):
            [
                ("case", caseID), ("client", client), ("node", node), ("channel", channel),
                ("reply", reply),
            ]
        }
    }
}
