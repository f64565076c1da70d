// SPDX-License-Identifier: MIT
package import Mail

/// Every mapping table of a ruleset, compiled and immutable.
package struct TableSet: Sendable {
    let tables: [Table]
    /// By folded name, into `tables`.
    private let indexes: [String: Int]
    /// `image,routine` of each callout that templates may name.
    let callouts: Set<String>

    package static let empty = TableSet(tables: [], callouts: [])

    /// `image,routine` of the callouts that are built in.
    package static let builtInCallouts: Set<String> = [
        "dns_verify,dns_verify", "dns_verify,dns_verify_domain", "dns_verify,dns_verify_domain_port",
    ]

    init(tables: [Table], callouts: Set<String>) {
        self.tables = tables
        self.callouts = callouts
        indexes = Dictionary(
            tables.enumerated().map { (TableName.folded($1.name.utf8), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Reads mapping source.
    ///
    /// `sources` holds every file by its name relative to the rules folder, `main` is the name of the first.
    /// `<name` lines are replaced by the file of that name. Every mistake is reported, in the order of the
    /// files' lines; with an error among them the tables are what could be understood, and not fit for
    /// judging.
    package static func parse(
        main: String, sources: [String: [UInt8]], callouts: Set<String> = builtInCallouts,
        limits: TableLimits = .init()
    ) -> (tables: TableSet, complaints: [Complaint]) {
        var parser = TableParser(sources: sources, callouts: callouts, limits: limits)
        return parser.parse(main)
    }

    /// Names of the files that `source` includes, as `parse` looks for them; names that it refuses are left
    /// out.
    package static func includedFiles(in source: [UInt8]) -> [String] {
        var names: [String] = []
        for line in SourceLines(source) where line.kind == .include {
            if let name = IncludeName.resolve(line.octets), !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Table names compare without regard to case.
    package func contains(_ table: String) -> Bool { index(of: table) != nil }

    /// In the order of their definition.
    package var names: [String] { tables.map(\.name) }

    /// Entries of all tables.
    package var entryCount: Int { tables.reduce(0) { $0 + $1.entries.count } }

    func index(of table: String) -> Int? { indexes[table] ?? indexes[TableName.folded(table.utf8)] }
}
