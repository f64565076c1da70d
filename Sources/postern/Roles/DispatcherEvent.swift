// SPDX-License-Identifier: MIT

import Logging
import Telemetry

/// What the dispatcher tells the operator.
enum DispatcherEvent: LoggedEvent {
    /// The last dispatcher did not end in order; `last` is what its mark says of it.
    case unclean(last: String)
    case unmarked(reason: String)
    case started(services: String, workers: Int, ruleset: String)
    case roleStarted(slot: String, pid: Int32)
    case roleReady(slot: String, pid: Int32, tookMs: Int64, note: String)
    case roleDied(slot: String, pid: Int32, status: String, restartInSeconds: Int64)
    case roleLent(slot: String, to: String)
    case unconfined(slot: String, measure: String)
    case rulesetLoaded(ruleset: String)
    case rulesetRefused(complaints: Int, ruleset: String)
    case stopping(reason: String)
    case stopped

    var name: String {
        switch self {
        case .unclean: "dispatcher.unclean"
        case .unmarked: "dispatcher.unmarked"
        case .started: "dispatcher.started"
        case .roleStarted: "role.started"
        case .roleReady: "role.ready"
        case .roleDied: "role.died"
        case .roleLent: "role.lent"
        case .unconfined: "role.unconfined"
        case .rulesetLoaded: "ruleset.loaded"
        case .rulesetRefused: "ruleset.refused"
        case .stopping: "dispatcher.stopping"
        case .stopped: "dispatcher.stopped"
        }
    }

    var level: Logger.Level {
        switch self {
        case .unclean, .unmarked, .roleDied, .roleLent, .unconfined: .warning
        case .rulesetRefused: .error
        default: .info
        }
    }

    var fields: [(String, String)] {
        switch self {
        case .unclean(let last): [("last", last)]
        case .unmarked(let reason): [("reason", reason)]
        case .started(let services, let workers, let ruleset):
            [("services", services), ("workers", "\(workers)"), ("ruleset", ruleset)]
        case .roleStarted(let slot, let pid): [("slot", slot), ("pid", "\(pid)")]
        case .roleReady(let slot, let pid, let tookMs, let note):
            [("slot", slot), ("pid", "\(pid)"), ("took_ms", "\(tookMs)"), ("note", note)]
        case .roleDied(let slot, let pid, let status, let seconds):
            [("slot", slot), ("pid", "\(pid)"), ("status", status), ("restart_in_s", "\(seconds)")]
        case .roleLent(let slot, let to): [("slot", slot), ("served_by", to)]
        case .unconfined(let slot, let measure): [("slot", slot), ("measure", measure)]
        case .rulesetLoaded(let ruleset): [("ruleset", ruleset)]
        case .rulesetRefused(let complaints, let ruleset):
            [("complaints", "\(complaints)"), ("still_judging_by", ruleset)]
        case .stopping(let reason): [("reason", reason)]
        case .stopped: []
        }
    }
}
