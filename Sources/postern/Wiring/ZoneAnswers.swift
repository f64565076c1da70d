// SPDX-License-Identifier: MIT

import FoundationEssentials
import Mail

/// What a zone file says of the world beside DNS, each part of it optional:
///
///     "databases": {"general": {"BLOCK|spam.example": "$NNo"}, "forward": null}
///     "directories": [{"filter": "(uid=ann)",
///                      "entries": [{"name": "uid=ann,o=x", "attributes": {"mail": ["a@x"]}}]},
///                     {"directory": "corp", "failure": "no answer in 2000 ms"}]
///     "sequences": {"ticket": 7}    "dice": 250000    "time": 1767225600
///     "scripts": {"users": {"ann@example.net.sieve": "discard;", "bob@example.net.sieve": null}}
///     "meters": [{"table": "perip", "key": "192.0.2.1", "count": 31, "over": true},
///                {"table": "grey", "state": "new"}, {"table": "score", "key": "ann", "value": "12"}]
///
/// A database that is null can't be read. Keys of databases and meters compare without regard to case. A
/// directory's answer is for `default` where it names none, and for every filter where it says none; the
/// first that fits counts. A script that is null can't be read. What isn't listed is unavailable, except in a
/// database, a directory and a script folder that are: there it is not found.
struct ZoneAnswers: Decodable {
    var databases: [String: [String: String]?]?
    var directories: [Directory]?
    var sequences: [String: Int64]?
    /// Millionths.
    var dice: Int?
    /// Seconds since 1970-01-01 UTC.
    var time: Int64?
    var meters: [Meter]?
    /// By folder, then by path.
    var scripts: [String: [String: String?]]?

    struct Directory: Decodable {
        var directory: String?
        var filter: String?
        var entries: [Entry]?
        /// Why it can't be asked.
        var failure: String?
    }

    struct Entry: Decodable {
        var name: String
        var attributes: [String: [String]]?
    }

    struct Meter: Decodable {
        var table: String
        /// Every key where it says none.
        var key: String?
        var count: Int64?
        var over: Bool?
        /// What the key holds.
        var value: String?
        var state: GreylistState?
        /// Why it can't be asked.
        var failure: String?
    }

    enum GreylistState: String, Decodable { case new, early, passed }

    /// Seconds that a greylisted client must wait, as far as a trial is concerned.
    static let waitSeconds = 300

    /// Nil for DNS, and for questions that a zone file has nothing to say to.
    func answer(_ question: Question) -> Answer? {
        switch question {
        case .database(let asked): return answer(asked)
        case .directory(let asked): return answer(asked)
        case .sequence(let asked): return sequences?[asked.name].map { .sequence($0) }
        case .dice: return dice.map { .dice($0) }
        case .time: return time.map { .time($0) }
        case .meter(let asked): return answer(asked)
        case .script(let asked): return answer(asked)
        case .dns, .callout, .scan, .recipient, .memory, .identity: return nil
        }
    }

    private func answer(_ asked: DatabaseQuestion) -> Answer? {
        guard let entry = databases?[asked.database] else { return nil }
        if asked.wantsKeys, let values = entry { return .database(.keys(values.map(\.key).sorted())) }
        guard let values = entry else { return .database(.failed("the zone file says so")) }
        let folded = asked.key.lowercased()
        let found = values.first { $0.key.lowercased() == folded }
        return .database(found.map { .value($0.value) } ?? .none)
    }

    private func answer(_ asked: ScriptQuestion) -> Answer? {
        guard let store = scripts?[asked.store] else { return nil }
        guard let entry = store[asked.path] else { return .script(.none) }
        return .script(entry.map { .text($0) } ?? .unreachable("the zone file says so"))
    }

    private func answer(_ asked: DirectoryQuestion) -> Answer? {
        let listed = (directories ?? []).filter { ($0.directory ?? "default") == asked.directory }
        guard !listed.isEmpty else { return nil }
        guard let found = listed.first(where: { $0.filter.map { $0 == asked.filter } ?? true }) else {
            return .directory(.none)
        }
        if let failure = found.failure { return .directory(.unreachable(failure)) }
        let entries = (found.entries ?? []).prefix(DirectoryAnswer.entriesMax).map { entry in
            DirectoryEntry(
                name: entry.name,
                attributes: (entry.attributes ?? [:]).sorted { $0.key < $1.key }.map {
                    DirectoryEntry.Attribute(name: $0.key, values: $0.value)
                })
        }
        return .directory(entries.isEmpty ? .none : .entries(entries))
    }

    private func answer(_ asked: MeterQuestion) -> Answer? {
        let found = (meters ?? []).first { meter in
            meter.table == asked.table
                && (meter.key.map { $0.lowercased() == asked.key.lowercased() } ?? true)
        }
        guard let found else { return nil }
        if let failure = found.failure { return .meter(.failed(failure)) }
        switch asked.operation {
        case .throttle, .query:
            return .meter(.use(count: found.count ?? 1, isOver: found.over ?? false))
        case .greylist:
            return switch found.state ?? .passed {
            case .new: .meter(.greylist(.new(waitSeconds: Self.waitSeconds)))
            case .early: .meter(.greylist(.early(waitSeconds: Self.waitSeconds)))
            case .passed: .meter(.greylist(.passed))
            }
        case .fetch: return .meter(.value(found.value))
        case .store(let value): return .meter(.value(value))
        case .adjust(let difference):
            let (sum, isOver) = (Int64(found.value ?? "0") ?? 0).addingReportingOverflow(difference)
            return .meter(isOver ? .failed("the sum has no room") : .value("\(sum)"))
        case .remove: return .meter(.removed(found.value != nil))
        }
    }
}
