// SPDX-License-Identifier: MIT

package import DurableQueue
package import Logging
import Telemetry

/// What the outbound role tells the operator. Content and subjects are never fields; a next hop's reply is,
/// escaped and cut by the log's writer.
package enum OutboundEvent: LoggedEvent {
    case started(channels: Int, waiting: Int, held: Int)
    case delivered(
        entry: String, caseID: String, channel: String, recipients: Int, tookMs: Int, reply: String)
    case deferred(entry: String, caseID: String, channel: String, attempts: Int, until: Int64, reason: String)
    case refused(entry: String, caseID: String, channel: String, recipients: Int, reply: String)
    case expired(entry: String, caseID: String, channel: String, attempts: Int, reason: String)
    /// The connection broke between our final dot and its reply: the next attempt may bring a second copy.
    case uncertain(entry: String, caseID: String, channel: String, reason: String)
    /// A rule kept it from being tried.
    case postponed(entry: String, caseID: String, channel: String, until: Int64, reason: String)
    /// A copy was kept, as a rule asked.
    case copyKept(entry: String, caseID: String, path: String)
    case copyFailed(entry: String, caseID: String, reason: String)
    case effectsWaiting(caseID: String, reason: String)
    case effectsDropped(caseID: String, reason: String)
    /// A client asked for a channel's waiting mail (ETRN).
    case channelRun(channel: String, entries: Int)
    case unroutable(entry: String, caseID: String, channel: String)
    /// A maildir that can't be used is told as a next hop that can't be reached.
    case nextHopResting(channel: String, restMs: Int, reason: String)
    case nextHopBack(channel: String)
    case acted(verb: String, entry: String, result: String, key: String, reply: String)
    /// What the queue met and settled by itself, or needs a person for.
    case queueFinding(Finding)
    case queueFailed(during: String, reason: String)
    /// The last run did not end in order, and what it was delivering then is delivered again.
    case queueUnclean(entries: Int, recipients: Int, isExact: Bool, ids: [String])
    case commandRefused(reason: String)
    case stopped(inFlight: Int)

    package var name: String {
        switch self {
        case .started: "outbound.started"
        case .delivered: "message.delivered"
        case .deferred: "message.deferred"
        case .refused: "message.refused"
        case .expired: "message.expired"
        case .uncertain: "message.uncertain"
        case .postponed: "message.postponed"
        case .copyKept: "copy.kept"
        case .copyFailed: "copy.failed"
        case .effectsWaiting: "effects.waiting"
        case .effectsDropped: "effects.dropped"
        case .channelRun: "channel.run"
        case .unroutable: "message.unroutable"
        case .nextHopResting: "next_hop.resting"
        case .nextHopBack: "next_hop.back"
        case .acted: "queue.acted"
        case .queueFinding: "queue.finding"
        case .queueFailed: "queue.failed"
        case .queueUnclean: "queue.unclean"
        case .commandRefused: "command.refused"
        case .stopped: "outbound.stopped"
        }
    }

    package var level: Logger.Level {
        switch self {
        case .started, .delivered, .deferred, .postponed, .copyKept, .nextHopBack, .acted, .channelRun,
            .commandRefused, .stopped:
            .info
        case .refused, .expired, .uncertain, .nextHopResting, .queueUnclean, .copyFailed, .effectsWaiting,
            .effectsDropped:
            .warning
        case .unroutable, .queueFailed: .error
        case .queueFinding(let finding):
            switch finding.kind {
            case .missing, .damaged: .error
            case .movedUnrecorded, .inTwoPlaces, .leftover, .tornTail, .orphanBody, .writerDied, .diskTrouble:
                .warning
            }
        }
    }

    package var fields: [(String, String)] {
        switch self {
        case .started(let channels, let waiting, let held):
            [("channels", "\(channels)"), ("waiting", "\(waiting)"), ("held", "\(held)")]
        case .delivered(let entry, let caseID, let channel, let recipients, let tookMs, let reply):
            [
                ("entry", entry), ("case", caseID), ("channel", channel), ("recipients", "\(recipients)"),
                ("took_ms", "\(tookMs)"), ("reply", reply),
            ]
        case .deferred(let entry, let caseID, let channel, let attempts, let until, let reason):
            [
                ("entry", entry), ("case", caseID), ("channel", channel), ("attempts", "\(attempts)"),
                ("until", Timestamp.text(until)), ("reason", reason),
            ]
        case .refused(let entry, let caseID, let channel, let recipients, let reply):
            [
                ("entry", entry), ("case", caseID), ("channel", channel), ("recipients", "\(recipients)"),
                ("reply", reply),
            ]
        case .expired(let entry, let caseID, let channel, let attempts, let reason):
            [
                ("entry", entry), ("case", caseID), ("channel", channel), ("attempts", "\(attempts)"),
                ("reason", reason),
            ]
        case .uncertain(let entry, let caseID, let channel, let reason):
            [("entry", entry), ("case", caseID), ("channel", channel), ("reason", reason)]
        case .postponed(let entry, let caseID, let channel, let until, let reason):
            [
                ("entry", entry), ("case", caseID), ("channel", channel), ("until", Timestamp.text(until)),
                ("reason", reason),
            ]
        case .copyKept(let entry, let caseID, let path): [("entry", entry), ("case", caseID), ("path", path)]
        case .copyFailed(let entry, let caseID, let reason):
            [("entry", entry), ("case", caseID), ("reason", reason)]
        case .effectsWaiting(let caseID, let reason), .effectsDropped(let caseID, let reason):
            [("case", caseID), ("reason", reason)]
        case .channelRun(let channel, let entries): [("channel", channel), ("entries", "\(entries)")]
        case .unroutable(let entry, let caseID, let channel):
            [("entry", entry), ("case", caseID), ("channel", channel)]
        case .nextHopResting(let channel, let restMs, let reason):
            [("channel", channel), ("rest_ms", "\(restMs)"), ("reason", reason)]
        case .nextHopBack(let channel): [("channel", channel)]
        case .acted(let verb, let entry, let result, let key, let reply):
            [("entry", entry), ("verb", verb), ("result", result), ("key", key), ("reply", reply)]
        case .queueFinding(let finding):
            [("kind", finding.kind.rawValue), ("subject", finding.subject), ("text", finding.text)]
        case .queueFailed(let during, let reason): [("during", during), ("reason", reason)]
        case .queueUnclean(let entries, let recipients, let isExact, let ids):
            [
                ("entries", "\(entries)"), ("recipients", "\(recipients)"),
                ("known", isExact ? "exactly" : "at_most"), ("ids", ids.joined(separator: " ")),
            ]
        case .commandRefused(let reason): [("reason", reason)]
        case .stopped(let inFlight): [("in_flight", "\(inFlight)")]
        }
    }
}
