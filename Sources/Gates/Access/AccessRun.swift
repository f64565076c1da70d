// SPDX-License-Identifier: MIT

internal import MappingTables
internal import Mail

/// One access table applied to one probe, and what it means: its flags, their arguments, and, where an entry
/// asks for it with `$I`, whether somebody belongs to a group.
///
/// A group's members are the keys `group|user` of the text database `groups`.
struct AccessRun: Evaluation {
    /// The text database that says who belongs to which group.
    static let groupDatabase = "groups"

    private enum Stage: Sendable {
        case table(TableRun)
        case membership(DatabaseLookup, AccessOutcome)
    }

    private let ruleset: Ruleset
    private let table: AccessTable
    /// The address that a refusal names.
    private let about: String
    private var stage: Stage
    private var trail = Trail()
    /// The entry that decided.
    private(set) var rule: String?

    init(
        _ table: AccessTable, probe: String, inputFlags: Set<Character>, about: String, ruleset: Ruleset
    ) {
        self.ruleset = ruleset
        self.table = table
        self.about = about
        stage = .table(
            TableRun(table, probe: probe, inputFlags: inputFlags, tables: ruleset.tables))
    }

    mutating func next(_ answers: [Answer]) -> Step<AccessOutcome> {
        switch stage {
        case .table(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .table(run)
                return .ask(questions)
            case .done(let outcome, let entries):
                return read(outcome, entries)
            }
        case .membership(var lookup, var access):
            switch lookup.next(answers) {
            case .ask(let questions):
                stage = .membership(lookup, access)
                return .ask(questions)
            case .done(let answer, let entries):
                trail.append(contentsOf: entries)
                switch answer {
                case .value: break
                case .none: access.rejection = access.rejection ?? access.exclusion
                // Whether the client may is not known, so it is neither let on nor refused for good.
                case .failed, .keys: access.rejection = access.rejection ?? .policyFault
                }
                if case .value = answer {} else { note("not known as a member, so refused") }
                return .done(access, trail)
            }
        }
    }

    private mutating func read(_ outcome: TableOutcome, _ entries: Trail) -> Step<AccessOutcome> {
        trail.append(contentsOf: entries)
        rule = outcome.place?.description
        let access = AccessOutcome(outcome, table: table, about: about, policy: ruleset.policy.access)
        for text in access.notes { note(text) }
        guard access.rejection == nil, let membership = access.membership else {
            return .done(access, trail)
        }
        let key = "\(membership.group)|\(membership.user)"
        stage = .membership(
            DatabaseLookup(Self.groupDatabase, key: key, in: ruleset.databases), access)
        return next([])
    }

    /// Beside what the table made of it, with the entry's place: readers take a trail's last place for what
    /// decided.
    private mutating func note(_ text: String) {
        trail.append(Trail.Entry(.mapping, rule: rule, about: table.rawValue, result: text))
    }
}
