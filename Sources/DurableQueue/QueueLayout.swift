// SPDX-License-Identifier: MIT

/// Where the queue's files are, below the state folder.
///
///     spool/generation           the last generation given, so that none is given twice
///     spool/usage                what the keeper counts, for admission
///     spool/SLOT/G.seg           a segment; G is its generation, hexadecimal
///     spool/SLOT/G.mark          how far its writer has committed it
///     spool/SLOT/bodies/W-N      a large body; W is its writer
///     queue/lock                 held by the keeper
///     queue/log/N.log            what the keeper did
///     queue/owed/HH/ID           entries that wait
///     queue/held/HH/ID           entries that a person decides on
///     queue/damaged/             what could not be read
struct QueueLayout: Hashable, Sendable {
    let root: String

    /// Either of the two folders of the store.
    enum Place: UInt8, Hashable, Sendable, CaseIterable {
        case owed = 1
        case held = 2

        var name: String { self == .owed ? "owed" : "held" }
    }

    /// Whoever started us has made the root with `spool` and `queue` in it, and synced it. A confined process
    /// may not be able to open the root at all.
    let isRootPrepared: Bool

    init(root: String, isRootPrepared: Bool = false) {
        self.root = root.isEmpty ? "." : root
        self.isRootPrepared = isRootPrepared
    }

    var spool: String { "\(root)/spool" }
    var generation: String { "\(root)/spool/generation" }
    var usage: String { "\(root)/spool/usage" }
    func slot(_ name: String) -> String { "\(root)/spool/\(name)" }
    func bodies(_ slot: String) -> String { "\(root)/spool/\(slot)/bodies" }
    func body(_ slot: String, _ name: String) -> String { "\(root)/spool/\(slot)/bodies/\(name)" }
    func segment(_ slot: String, _ generation: UInt64) -> String {
        "\(root)/spool/\(slot)/\(String(generation, radix: 16)).seg"
    }
    func mark(_ slot: String, _ generation: UInt64) -> String {
        "\(root)/spool/\(slot)/\(String(generation, radix: 16)).mark"
    }

    var queue: String { "\(root)/queue" }
    var lock: String { "\(root)/queue/lock" }
    var logs: String { "\(root)/queue/log" }
    func log(_ sequence: UInt64) -> String { "\(root)/queue/log/\(String(sequence, radix: 16)).log" }
    var damaged: String { "\(root)/queue/damaged" }
    func store(_ place: Place) -> String { "\(root)/queue/\(place.name)" }
    func storeFolder(_ place: Place, _ id: EntryID) -> String {
        "\(root)/queue/\(place.name)/\(Self.hash(id.message))"
    }
    func storeFile(_ place: Place, _ id: EntryID) -> String { "\(storeFolder(place, id))/\(id)" }

    /// Two hexadecimal digits. Offsets are multiples of eight, so all their bits are mixed before eight are
    /// kept.
    private static func hash(_ id: MessageID) -> String {
        let mixed = (id.generation ^ (id.offset >> 3)) &* 0x9E37_79B9_7F4A_7C15
        let digits = String(mixed >> 56, radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }

    /// The generation in `G.seg`, the sequence in `N.log`; nil for other names.
    static func number(in name: String, suffix: String) -> UInt64? {
        guard name.hasSuffix(suffix) else { return nil }
        return MessageID.hexadecimal(name.utf8.dropLast(suffix.utf8.count))
    }
}
