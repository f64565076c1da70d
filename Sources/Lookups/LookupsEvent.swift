// SPDX-License-Identifier: MIT

internal import Logging
internal import Telemetry

/// What the lookups role tells the operator.
enum LookupsEvent: LoggedEvent {
    /// What was kept is read at start; `tornOctets` at its end were cut off by a crash.
    case stateRead(path: String, entries: Int, tornOctets: Int)
    /// What was kept can't be read, and is kept beside under another name.
    case statePutAside(path: String, name: String)
    /// Nothing can be kept: what is counted now is forgotten at a restart.
    case stateNotKept(path: String, reason: String)
    case stateKeptAgain(path: String)
    /// A meter has as many keys as it may, and forgets the oldest.
    case meterFull(meter: String, entries: Int, evicted: Int)
    /// More is remembered than may be, and the oldest is forgotten.
    case memoryFull(entries: Int, evicted: Int)
    case sequenceFailed(sequence: String, reason: String)
    /// A live database is read, at start and after each change.
    case databaseRead(database: String, entries: Int, tookMs: Int64)
    /// It changed into something that can't be used: what was read before goes on.
    case databaseKept(database: String, path: String, reason: String)
    /// Redis can't be asked; what is kept there fails until it is back.
    case redisLost(server: String, reason: String)
    case redisBack(server: String, lostMs: Int64)

    var name: String {
        switch self {
        case .stateRead: "state.read"
        case .statePutAside: "state.put_aside"
        case .stateNotKept: "state.not_kept"
        case .stateKeptAgain: "state.kept_again"
        case .meterFull: "meter.full"
        case .memoryFull: "memory.full"
        case .sequenceFailed: "sequence.failed"
        case .databaseRead: "database.read"
        case .databaseKept: "database.kept"
        case .redisLost: "redis.lost"
        case .redisBack: "redis.back"
        }
    }

    var level: Logger.Level {
        switch self {
        case .stateRead, .stateKeptAgain, .databaseRead, .redisBack: .info
        case .meterFull, .memoryFull, .databaseKept, .redisLost: .warning
        case .statePutAside, .stateNotKept, .sequenceFailed: .error
        }
    }

    var fields: [(String, String)] {
        switch self {
        case .stateRead(let path, let entries, let tornOctets):
            [("path", path), ("entries", "\(entries)"), ("torn_bytes", "\(tornOctets)")]
        case .statePutAside(let path, let name): [("path", path), ("name", name)]
        case .stateNotKept(let path, let reason): [("path", path), ("reason", reason)]
        case .stateKeptAgain(let path): [("path", path)]
        case .meterFull(let meter, let entries, let evicted):
            [("meter", meter), ("entries", "\(entries)"), ("evicted", "\(evicted)")]
        case .memoryFull(let entries, let evicted): [("entries", "\(entries)"), ("evicted", "\(evicted)")]
        case .databaseRead(let database, let entries, let tookMs):
            [("database", database), ("entries", "\(entries)"), ("took_ms", "\(tookMs)")]
        case .databaseKept(let database, let path, let reason):
            [("database", database), ("path", path), ("reason", reason)]
        case .redisLost(let server, let reason): [("server", server), ("reason", reason)]
        case .redisBack(let server, let lostMs): [("server", server), ("lost_ms", "\(lostMs)")]
        case .sequenceFailed(let sequence, let reason): [("sequence", sequence), ("reason", reason)]
        }
    }
}
