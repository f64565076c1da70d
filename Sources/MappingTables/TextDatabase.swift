// SPDX-License-Identifier: MIT
package import Mail

/// A text database: keys with a value each, looked up whole. What `${key}` reads.
///
///     ! comment            in the first column
///     key  value           the key in the first column; the value goes to the end of the line
///
/// A key ends at the first space or tab. To hold one it is written `$ `, as in a mapping file, or stands
/// between two double quotes, which then belong to the key: `"john doe"@example.org` is found by exactly
/// that. `$` quotes a space, a tab, a double quote and itself; before anything else it is a dollar sign. The
/// value is taken as it stands, without the blanks before and after it; a key alone has an empty one.
///
/// Keys compare without regard to the case of ASCII letters. All entries lie in one buffer with one table of
/// offsets over it, so a million of them cost little more than their text.
package struct TextDatabase: Sendable {
    /// Of each entry its key in lower case, a NUL, its value.
    private let octets: [UInt8]
    /// Where each entry begins in `octets`, and at last where they end.
    private let starts: [UInt32]
    /// By hash of the key, a power of two of them: number of the entry from 1, or 0.
    private let slots: [UInt32]

    /// A database without entries.
    package static let empty = TextDatabase(octets: [], starts: [0], slots: [0])

    init(octets: [UInt8], starts: [UInt32], slots: [UInt32]) {
        self.octets = octets
        self.starts = starts
        self.slots = slots
    }

    /// Reads a database. Every mistake is reported, in the order of the lines; with an error among them the
    /// database is what could be understood, and not fit for judging. `file` is its name for the complaints.
    package static func parse(
        _ source: [UInt8], file: String, limits: TextDatabaseLimits = .init()
    ) -> (database: TextDatabase, complaints: [Complaint]) {
        var parser = TextDatabaseParser(file: file, limits: limits)
        return parser.parse(source)
    }

    /// How many entries it has.
    package var count: Int { starts.count - 1 }

    /// The value of `key`, quotes and blanks in it taken as they are; nil where it isn't there.
    package subscript(key: [UInt8]) -> [UInt8]? {
        guard count > 0 else { return nil }
        var hash = OctetHash()
        for octet in key { hash.add(octet.asciiLowercased) }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash.value) & mask
        // Bounded: at most two thirds of the slots are taken.
        while slots[slot] != 0 {
            if let value = value(ofEntry: Int(slots[slot]) - 1, ifKeyIs: key) { return Array(octets[value]) }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The keys in their order, in lower case; nil where there are more than `most`.
    package func keys(most: Int) -> [[UInt8]]? {
        guard count <= most else { return nil }
        return (0..<count).map { entry in
            let range = Int(starts[entry])..<Int(starts[entry + 1])
            return Array(octets[range].prefix { $0 != 0 })
        }
    }

    private func value(ofEntry entry: Int, ifKeyIs key: [UInt8]) -> Range<Int>? {
        var position = Int(starts[entry])
        let end = Int(starts[entry + 1])
        for octet in key {
            // A NUL in a probe must not be taken for the end of the key.
            guard position < end, octet != 0, octets[position] == octet.asciiLowercased else { return nil }
            position += 1
        }
        guard position < end, octets[position] == 0 else { return nil }
        return (position + 1)..<end
    }
}
