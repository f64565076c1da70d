// SPDX-License-Identifier: MIT

/// Which rule, table line, script line or scanner led to a decision. Stored with the case and with the
/// message.
package struct Trail: Codable, Hashable, Sendable {
    package var entries: [Entry]

    /// Entries of one evaluation, at most; what comes later is counted in a last entry.
    package static let entriesMax = 200

    @inlinable
    package init(_ entries: [Entry] = []) { self.entries = entries }

    package struct Entry: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, Hashable, Sendable {
            /// A mapping table's entry that matched, or that none did.
            case mapping
            /// A Sieve command or test that decided.
            case sieve
            case scanner
            /// Configuration decided: a channel, a domain, a limit, a policy.
            case policy
            case settlement
        }

        package var kind: Kind
        /// Where the rule stands: `mappings:41`, `mta.sieve:12`, `postern.toml [scanner.clamav]`; nil where
        /// nothing matched.
        package var rule: String?
        /// What it was about: a table's name and probe, a recipient, a scanner's name.
        package var about: String
        /// The wildcard fields, in order.
        package var captures: [String]
        /// Output flags, in alphabetical order.
        package var flags: [String]
        /// What came of it, in words.
        package var result: String

        @inlinable
        package init(
            _ kind: Kind, rule: String?, about: String, captures: [String] = [], flags: [String] = [],
            result: String
        ) {
            self.kind = kind
            self.rule = rule
            self.about = about
            self.captures = captures
            self.flags = flags
            self.result = result
        }
    }

    package mutating func append(_ entry: Entry) {
        guard entries.count >= Self.entriesMax - 1 else { return entries.append(entry) }
        // The last place counts what has no place of its own.
        let further =
            entries.count == Self.entriesMax
            ? entries.removeLast().captures.first.flatMap { Int($0) } ?? 0 : 0
        entries.append(
            Entry(
                .policy, rule: nil, about: "trail", captures: ["\(further + 1)"],
                result: "\(further + 1) further entries are not kept"))
    }

    package mutating func append(contentsOf other: Trail) {
        for entry in other.entries { append(entry) }
    }
}

/// A place in a rules file, for people: lines and columns count from 1.
package struct RulePlace: Codable, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int

    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    package var description: String { file + ":" + String(line) }
}
