// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

/// Makes one case of many alike. A client network that one rule refuses again and again would fill the log
/// with one and the same story: beyond so many a minute the rest are only counted, in one record.
struct RefusalFolding: Sendable {
    struct Taken {
        /// These are to be written: the record itself, and the folds of a minute that has passed.
        var due: [CaseRecord]
        /// The record itself is only counted.
        var isFolded: Bool
    }

    private struct Key: Hashable {
        var network: [UInt8]
        var rule: String
    }

    private struct Count {
        var minute: Int64
        var seen: Int
        /// The latest of those beyond the limit, with their number.
        var folded: CaseRecord?
    }

    private let perMinuteMax: Int
    private let keysMax: Int
    private var counts: [Key: Count] = [:]

    init(perMinuteMax: Int, keysMax: Int) {
        self.perMinuteMax = perMinuteMax
        self.keysMax = keysMax
    }

    mutating func take(_ record: CaseRecord) -> Taken {
        guard let key = Self.key(record) else { return Taken(due: [record], isFolded: false) }
        let minute = record.atMs / 60_000
        var due: [CaseRecord] = []
        if counts[key] == nil, counts.count >= keysMax { due = expire(nowMs: Int64.max) }
        var count = counts[key] ?? Count(minute: minute, seen: 0)
        if count.minute != minute {
            if let folded = count.folded { due.append(folded) }
            count = Count(minute: minute, seen: 0)
        }
        count.seen += 1
        defer { counts[key] = count }
        guard count.seen > perMinuteMax else { return Taken(due: due + [record], isFolded: false) }
        var folded = record
        folded.foldedCount = (count.folded?.foldedCount ?? 0) + 1
        count.folded = folded
        return Taken(due: due, isFolded: true)
    }

    /// The folds of minutes that have passed.
    mutating func expire(nowMs: Int64) -> [CaseRecord] {
        let minute = nowMs / 60_000
        var due: [CaseRecord] = []
        for (key, count) in counts where count.minute < minute {
            if let folded = count.folded { due.append(folded) }
            counts[key] = nil
        }
        return due.sorted { $0.atMs < $1.atMs }
    }

    /// Nil for what is never folded: anything but a refusal without content.
    private static func key(_ record: CaseRecord) -> Key? {
        guard record.fate == .reject || record.fate == .defer, record.transaction?.content == nil else {
            return nil
        }
        let address = record.peer.clientAddress
        // A /24, or a /64: what one client easily has.
        return Key(network: Array(address.octets.prefix(address.isIPv4 ? 3 : 8)), rule: record.decidingRule)
    }
}
