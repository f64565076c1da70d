// SPDX-License-Identifier: MIT

internal import Mail

/// One `[meter.NAME]`: what it is, and the rules by which an entry answers and changes. No clock and no
/// memory: those are whoever's keeps the entries.
package struct MeterTable: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Uses within a key's time, which begins with its first use and lasts `milliseconds`.
        case throttle(quota: Int64, milliseconds: Int64)
        /// Milliseconds: how long a new key waits, how long after its first attempt it may come again, and
        /// how long one that passed is known.
        case greylist(block: Int64, resubmit: Int64, inactivity: Int64)
        case simple
    }

    /// What a key may be.
    package enum KeyKind: Hashable, Sendable {
        case text
        case ipv4
        case ip
    }

    package var name: String
    package var kind: Kind
    package var keyKind: KeyKind
    /// Entries; the least recently used one goes for the next.
    package var entriesMax: Int

    /// Octets of a key that count; what is longer is cut. Longer than any address, and than three of them.
    package static let keyOctetsMax = 1_024
    /// Octets of a value; what is longer is cut. It ends up in a reply or a header line.
    package static let valueOctetsMax = 1_024

    package init(name: String, kind: Kind, keyKind: KeyKind = .text, entriesMax: Int) {
        self.name = name
        self.kind = kind
        self.keyKind = keyKind
        self.entriesMax = entriesMax
    }

    /// What the callout `conn_throttle` counts with where the configuration has no such meter: uses in a
    /// minute by address. It brings its own quota.
    package static let connectionThrottle = MeterTable(
        name: "conn_throttle", kind: .throttle(quota: 0, milliseconds: 60_000), keyKind: .ip,
        entriesMax: 100_000)

    /// The key as it is kept; nil where it isn't one of this table's kind.
    func key(_ text: String) -> String? {
        switch keyKind {
        case .text: return String(decoding: text.utf8.prefix(Self.keyOctetsMax), as: UTF8.self)
        case .ipv4:
            guard let address = IPAddress(text), address.isIPv4 else { return nil }
            return address.description
        case .ip: return IPAddress(text)?.description
        }
    }

    /// What `operation` answers, and what becomes of the entry.
    func apply(
        _ operation: MeterQuestion.Operation, to entry: MeterState?, nowMs: Int64
    ) -> (answer: MeterAnswer, change: MeterChange) {
        if case .remove = operation { return (.removed(entry != nil), .remove) }
        switch kind {
        case .throttle(let quota, let milliseconds):
            return throttle(operation, entry, quota: quota, milliseconds: milliseconds, nowMs: nowMs)
        case .greylist(let block, let resubmit, _):
            let change = greylist(entry, block: block, resubmit: resubmit, nowMs: nowMs)
            return switch operation {
            case .greylist: (.greylist(change.state), .put(change.entry))
            case .query: (.greylist(change.state), .none)
            default: (refusal(of: operation), .none)
            }
        case .simple:
            return simple(operation, entry)
        }
    }

    /// Whether an entry is as good as gone.
    func isOver(_ entry: MeterState, nowMs: Int64) -> Bool {
        switch (kind, entry) {
        case (.throttle(_, let milliseconds), .throttle(let start, _)): nowMs - start >= milliseconds
        case (.greylist(_, let resubmit, let inactivity), .greylist(let first, let last, let hasPassed)):
            hasPassed ? nowMs - last >= inactivity : nowMs - first >= resubmit
        case (.simple, .simple): false
        // Of a time when the table was of another kind.
        default: true
        }
    }

    private func throttle(
        _ operation: MeterQuestion.Operation, _ entry: MeterState?, quota: Int64, milliseconds: Int64,
        nowMs: Int64
    ) -> (MeterAnswer, MeterChange) {
        var (start, count) = (nowMs, Int64(0))
        if case .throttle(let began, let uses)? = entry { (start, count) = (began, uses) }
        switch operation {
        case .throttle, .query:
            let (next, isFull) = count.addingReportingOverflow(1)
            let uses = isFull ? count : next
            let change =
                operation == .throttle ? MeterChange.put(.throttle(startMs: start, count: uses)) : .none
            return (.use(count: uses, isOver: uses > quota), change)
        case .fetch:
            return (.value(entry == nil ? nil : "\(count)"), .none)
        default:
            return (refusal(of: operation), .none)
        }
    }

    private func greylist(
        _ entry: MeterState?, block: Int64, resubmit: Int64, nowMs: Int64
    ) -> (state: MeterAnswer.GreylistState, entry: MeterState) {
        guard case .greylist(let first, _, let hasPassed)? = entry else {
            return block == 0
                ? (.passed, .greylist(firstMs: nowMs, lastMs: nowMs, hasPassed: true))
                : (
                    .new(waitSeconds: Self.seconds(block)),
                    .greylist(firstMs: nowMs, lastMs: nowMs, hasPassed: false)
                )
        }
        if hasPassed || nowMs - first >= block {
            return (.passed, .greylist(firstMs: first, lastMs: nowMs, hasPassed: true))
        }
        return (
            .early(waitSeconds: Self.seconds(block - (nowMs - first))),
            .greylist(firstMs: first, lastMs: nowMs, hasPassed: false)
        )
    }

    private func simple(
        _ operation: MeterQuestion.Operation, _ entry: MeterState?
    ) -> (MeterAnswer, MeterChange) {
        var value: String?
        if case .simple(let text)? = entry { value = text }
        switch operation {
        case .fetch, .query: return (.value(value), .none)
        case .store(let text):
            let kept = String(decoding: text.utf8.prefix(Self.valueOctetsMax), as: UTF8.self)
            return (.value(kept), .put(.simple(kept)))
        case .adjust(let amount):
            guard let number = Int64(value ?? "0") else {
                return (.failed("meter \(name): the key's value is no number"), .none)
            }
            let (sum, isTooLarge) = number.addingReportingOverflow(amount)
            guard !isTooLarge else { return (.failed("meter \(name): the number grows too large"), .none) }
            return (.value("\(sum)"), .put(.simple("\(sum)")))
        default: return (refusal(of: operation), .none)
        }
    }

    private func refusal(of operation: MeterQuestion.Operation) -> MeterAnswer {
        .failed("meter \(name) is a \(kind.word), which knows no \(operation.word)")
    }

    /// Whole seconds: who waits so long has waited long enough.
    static func seconds(_ milliseconds: Int64) -> Int { Int((milliseconds + 999) / 1_000) }
}

/// What a table keeps for a key. Times are milliseconds of the meters' clock.
enum MeterState: Hashable, Sendable {
    case throttle(startMs: Int64, count: Int64)
    case greylist(firstMs: Int64, lastMs: Int64, hasPassed: Bool)
    case simple(String)

    /// The latest time in it.
    var latestMs: Int64? {
        switch self {
        case .throttle(let start, _): start
        case .greylist(_, let last, _): last
        case .simple: nil
        }
    }

    var octets: [UInt8] {
        var writer = FrameWriter()
        switch self {
        case .throttle(let start, let count):
            writer.octet(1)
            writer.number(start)
            writer.number(count)
        case .greylist(let first, let last, let hasPassed):
            writer.octet(2)
            writer.number(first)
            writer.number(last)
            writer.flag(hasPassed)
        case .simple(let value):
            writer.octet(3)
            writer.text(value)
        }
        return writer.octets
    }

    /// Nil where it is none.
    init?(octets: [UInt8]) {
        var reader = FrameReader(octets[...])
        switch reader.octet() {
        case 1:
            guard let start = reader.number(), let count = reader.number() else { return nil }
            self = .throttle(startMs: start, count: count)
        case 2:
            guard let first = reader.number(), let last = reader.number(), let hasPassed = reader.flag()
            else { return nil }
            self = .greylist(firstMs: first, lastMs: last, hasPassed: hasPassed)
        case 3:
            guard let value = reader.text() else { return nil }
            self = .simple(value)
        default: return nil
        }
    }
}

enum MeterChange: Hashable, Sendable {
    case none
    case put(MeterState)
    case remove
}

extension MeterTable.Kind {
    var word: String {
        switch self {
        case .throttle: "throttle"
        case .greylist: "greylist"
        case .simple: "simple table"
        }
    }
}

extension MeterQuestion.Operation {
    var word: String {
        switch self {
        case .throttle: "throttle"
        case .greylist: "greylisting"
        case .query: "query"
        case .adjust: "adjust"
        case .store: "store"
        case .fetch: "fetch"
        case .remove: "remove"
        }
    }
}
