// SPDX-License-Identifier: MIT
package import Mail

/// Every mapping table of a ruleset, compiled and immutable.
package struct TableSet: Sendable {
    /// Everything, behind one reference: each evaluation has a table set of its own.
    private final class Storage: Sendable {
        let tables: [Table]
        /// By folded name, into `tables`.
        let indexes: [String: Int]
        let context: TemplateContext

        init(tables: [Table], context: TemplateContext) {
            self.tables = tables.map { $0.indexed() }
            self.context = context
            indexes = Dictionary(
                tables.enumerated().map { (TableName.folded($1.name.utf8), $0) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    private let storage: Storage

    var tables: [Table] { storage.tables }
    /// What templates may name beside tables.
    var context: TemplateContext { storage.context }

    package static let empty = TableSet(tables: [], context: TemplateContext())

    /// `image,routine` of the callouts that are built in.
    package static let builtInCallouts: Set<String> = [
        "dns_verify,dns_verify", "dns_verify,dns_verify_domain", "dns_verify,dns_verify_domain_port",
        "dns_verify,dns_verify_domain_warn", "dns_verify,dns_verify_ptr", "dns_verify,dns_verify_ipv4",
        "dns_verify,dns_verify_ipv6", "dns_verify,dns_get_first_mx",
        "check_metermaid,throttle", "check_metermaid,greylisting", "check_metermaid,adjust",
        "check_metermaid,store", "check_metermaid,remove", "check_metermaid,adjust_and_test",
        "check_metermaid,test", "check_metermaid,fetch", "check_metermaid,query",
        "conn_throttle,throttle",
    ]

    init(tables: [Table], context: TemplateContext) {
        storage = Storage(tables: tables, context: context)
    }

    /// Reads mapping source.
    ///
    /// `sources` holds every file by its name relative to the rules folder, `main` is the name of the first.
    /// `<name` lines are replaced by the file of that name. Every mistake is reported, in the order of the
    /// files' lines; with an error among them the tables are what could be understood, and not fit for
    /// judging.
    ///
    /// - Parameters:
    ///   - databases: by name; `general` is the one that `${key}` reads.
    ///   - directories: by the directory's own name and by each of its servers, `host` and `host:port`, in
    ///     lower case: the name as `[directory.NAME]` has it. Nil: nobody knows, and every name is taken.
    package static func parse(
        main: String, sources: [String: [UInt8]], databases: [String: DatabaseSource] = [:],
        directories: [String: String]? = nil, callouts: Set<String> = builtInCallouts,
        limits: TableLimits = .init()
    ) -> (tables: TableSet, complaints: [Complaint]) {
        let context = TemplateContext(
            callouts: callouts, databases: databases, directories: directories)
        var parser = TableParser(sources: sources, context: context, limits: limits)
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

    /// Entries of one table; nil where there is none of that name.
    package func entryCount(of table: String) -> Int? { index(of: table).map { tables[$0].entries.count } }

    /// Text databases that its templates can look into, by name.
    package var databases: [String: DatabaseSource] { context.databases }

    /// Entries of all tables.
    package var entryCount: Int { tables.reduce(0) { $0 + $1.entries.count } }

    /// `Table.candidate`, of the table of that number.
    func candidate(
        in table: Int, from first: Int, for target: borrowing Target, _ candidates: inout Candidates?
    ) -> Int? {
        storage.tables[table].candidate(from: first, for: target, &candidates)
    }

    func index(of table: String) -> Int? {
        storage.indexes[table] ?? storage.indexes[TableName.folded(table.utf8)]
    }
}
