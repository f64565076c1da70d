// SPDX-License-Identifier: MIT

/// Where a text database that templates look into is.
package enum DatabaseSource: Sendable {
    /// Part of the ruleset: looked up at once.
    case compiled(TextDatabase)
    /// Read when it is asked for: each look-up is a `Question.database`.
    case live
}

/// What templates may name: beside the tables, which the parser knows itself.
struct TemplateContext: Sendable {
    /// `image,routine` of each callout that can be answered.
    var callouts: Set<String> = []
    var databases: [String: DatabaseSource] = [:]
    /// By name and by each server, `host` and `host:port`, in lower case: the directory's name. Nil: nobody
    /// knows which there are, and each name stands for itself.
    var directories: [String: String]?

    var general: DatabaseSource? { databases[Dialect.generalDatabase] }
}
