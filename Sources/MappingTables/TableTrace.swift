// SPDX-License-Identifier: MIT
package import Mail

/// One thing that happened while a probe went through a table. Long texts in it are cut.
package struct TableTrace: Codable, Hashable, Sendable {
    package enum Event: Codable, Hashable, Sendable {
        /// A table was begun. `number` counts tables from 1, in the order of their definition.
        case applied(table: String, number: Int, probe: String)
        /// `entry` counts the table's entries from 1, `match` the entries that matched so far, from 0.
        case matched(entry: Int, place: RulePlace, pattern: String, template: String, match: Int)
        /// `returned` is nil where the callout failed.
        case called(Callout, returned: String?)
        /// Something else was asked or looked up; `returned` is nil where that failed.
        case lookedUp(LookupKind, argument: String, returned: String?)
        /// A `$.text.` took the template's place.
        case fellBack(reason: String)
        /// A nested table's result; nil where it failed to set `$Y`.
        case nested(table: String, argument: String, result: String?)
        /// The entry matched, and then gave no result.
        case failed(entry: Int, place: RulePlace, reason: String)
        /// Comparing took too long; the entry counts as not matching.
        case tooCostly(entry: Int, place: RulePlace)
        case newTarget(String)
        case restarted
        case restartIgnored
        case exiting
        /// The table's result; nil where no entry gave one.
        case ended(result: String?)
        /// What came later isn't shown.
        case cutShort
    }

    package enum LookupKind: String, Codable, Hashable, Sendable, CaseIterable {
        case callout, database, directory, sequence, dice
    }

    /// 0 for the table that was asked for, 1 for one it calls, and so on.
    package var depth: Int
    package var event: Event

    package init(depth: Int, event: Event) {
        self.depth = depth
        self.event = event
    }

    /// Each begins with two spaces for each level of depth, and two more unless a table begins. The shape is
    /// that of the original's debug output; a table's name and an entry's place have lines of their own.
    var lines: [String] {
        let outer = String(repeating: "  ", count: depth)
        let inner = outer + "  "
        switch event {
        case .applied(let table, let number, let probe):
            return ["\(outer)Mapping \(number) applied to \(probe)", "\(inner)Table \(table)"]
        case .matched(let entry, let place, let pattern, let template, let match):
            return [
                "\(inner)Entry #\(entry) matched, pattern \"\(pattern)\", template \"\(template)\", "
                    + "match #\(match).",
                "\(inner)  at \(place)",
            ]
        case .called(let callout, let returned):
            return [
                "\(inner)User routine call: \(callout.image)\\\(callout.routine)(\(callout.argument)) ->",
                returned.map { "\(inner)  Returned \"\($0)\"." } ?? "\(inner)  Failed.",
            ]
        case .lookedUp(let kind, let argument, let returned):
            return [
                "\(inner)\(Self.name(kind)): \(argument) ->",
                returned.map { "\(inner)  Returned \"\($0)\"." } ?? "\(inner)  Failed.",
            ]
        case .fellBack(let reason): return ["\(inner)Text for failures taken: \(reason)."]
        case .nested(let table, let argument, let result):
            return [
                "\(inner)Mapping call: \(table)(\(argument)) ->",
                result.map { "\(inner)  Returned \"\($0)\"." } ?? "\(inner)  Failed: $Y was not set.",
            ]
        case .failed(let entry, let place, let reason):
            return ["\(inner)Entry #\(entry) failed: \(reason). (\(place))"]
        case .tooCostly(let entry, let place):
            return ["\(inner)Entry #\(entry) took too long to compare and counts as not matching. (\(place))"]
        case .newTarget(let target): return ["\(inner)New target \"\(target)\""]
        case .restarted: return ["\(inner)Restarting..."]
        case .restartIgnored:
            return [
                "\(inner)Restart ignored: \(EvaluationLimits.idleRestartsMax) did not shorten the string."
            ]
        case .exiting: return ["\(inner)Exiting..."]
        case .ended(let result):
            return [result.map { "\(inner)Final result \"\($0)\"" } ?? "\(inner)No entry gave a result"]
        case .cutShort: return ["\(inner)The rest of the trace is not shown"]
        }
    }

    private static func name(_ kind: LookupKind) -> String {
        switch kind {
        case .callout: "User routine call"
        case .database: "General database lookup"
        case .directory: "LDAP lookup"
        case .sequence: "Sequence number"
        case .dice: "Percentage"
        }
    }
}
