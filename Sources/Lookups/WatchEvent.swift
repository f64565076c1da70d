// SPDX-License-Identifier: MIT

internal import Logging
internal import Telemetry

/// What the lookups role tells the operator of lists, next hops and identities.
enum WatchEvent: LoggedEvent {
    /// A DNS list answers wrongly or not at all, and isn't asked until it does.
    case listMuted(list: String, zone: String, reason: String)
    case listBack(list: String, zone: String)
    /// A next hop takes any address, so that asking it about recipients is of no use.
    case callAheadTellsNothing(channel: String, domain: String)
    case callAheadTellsAgain(channel: String, domain: String)
    /// So many secrets were wrong that further ones are refused unseen for so long.
    case identityLimited(identity: String, client: String, minutes: Int)
    case identityFailed(reason: String)

    var name: String {
        switch self {
        case .listMuted: "dns_list.muted"
        case .listBack: "dns_list.back"
        case .callAheadTellsNothing: "call_ahead.tells_nothing"
        case .callAheadTellsAgain: "call_ahead.tells_again"
        case .identityLimited: "identity.limited"
        case .identityFailed: "identity.failed"
        }
    }

    var level: Logger.Level {
        switch self {
        case .listMuted, .callAheadTellsNothing, .identityFailed: .warning
        case .listBack, .callAheadTellsAgain, .identityLimited: .info
        }
    }

    var fields: [(String, String)] {
        switch self {
        case .listMuted(let list, let zone, let reason):
            [("list", list), ("zone", zone), ("reason", reason)]
        case .listBack(let list, let zone): [("list", list), ("zone", zone)]
        case .callAheadTellsNothing(let channel, let domain): [("channel", channel), ("domain", domain)]
        case .callAheadTellsAgain(let channel, let domain): [("channel", channel), ("domain", domain)]
        case .identityLimited(let identity, let client, let minutes):
            [("identity", identity), ("client", client), ("minutes", "\(minutes)")]
        case .identityFailed(let reason): [("reason", reason)]
        }
    }
}
