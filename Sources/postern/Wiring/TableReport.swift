// SPDX-License-Identifier: MIT

import MappingTables
import Mail

/// What `mapping test` answers for one probe.
struct TableReport: Encodable {
    var probe: String
    var matched: Bool
    /// The probe itself where nothing matched.
    var output: String
    var flags: [String]
    var entry: Nullable<RulePlace>
    /// The entry's wildcard fields, from `$0`.
    var fields: [String]
    var trace: [Event]
    /// The limit that the evaluation ran into, in words.
    var overrun: Nullable<String>
    /// Services that were asked and could not say.
    var troubles: [String]

    init(probe: String, outcome: TableOutcome, source: MappingSource) {
        self.probe = probe
        matched = outcome.matched
        output = outcome.output
        flags = outcome.flags
        entry = Nullable(outcome.place.map(source.place))
        fields = outcome.captures
        trace = outcome.trace.map { Event(traced: $0, source: source) }
        overrun = Nullable(outcome.overrun)
        troubles = outcome.troubles
    }

    /// One thing that happened: `depth`, `event`, and what else belongs to that event.
    struct Event: Encodable {
        let traced: TableTrace
        let source: MappingSource

        private enum Key: String, CodingKey {
            case depth, event, table, probe, entry, file, line, pattern, template, image, routine, argument,
                result
            case reason, target, kind
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(traced.depth, forKey: .depth)
            func name(_ event: String, _ values: [(Key, String)] = []) throws {
                try container.encode(event, forKey: .event)
                for (key, value) in values { try container.encode(value, forKey: key) }
            }
            func place(_ entry: Int, _ place: RulePlace) throws {
                let shown = source.place(place)
                try container.encode(entry, forKey: .entry)
                try container.encode(shown.file, forKey: .file)
                try container.encode(shown.line, forKey: .line)
            }
            switch traced.event {
            case .applied(let table, _, let probe): try name("applied", [(.table, table), (.probe, probe)])
            case .matched(let entry, let at, let pattern, let template, _):
                try name("matched", [(.pattern, pattern), (.template, template)])
                try place(entry, at)
            case .called(let callout, let result):
                try name(
                    "called",
                    [(.image, callout.image), (.routine, callout.routine), (.argument, callout.argument)])
                try container.encode(Nullable(result), forKey: .result)
            case .lookedUp(let kind, let argument, let result):
                try name("looked_up", [(.kind, kind.rawValue), (.argument, argument)])
                try container.encode(Nullable(result), forKey: .result)
            case .fellBack(let reason): try name("fell_back", [(.reason, reason)])
            case .nested(let table, let argument, let result):
                try name("nested", [(.table, table), (.argument, argument)])
                try container.encode(Nullable(result), forKey: .result)
            case .failed(let entry, let at, let reason):
                try name("failed", [(.reason, reason)])
                try place(entry, at)
            case .tooCostly(let entry, let at):
                try name("too_costly")
                try place(entry, at)
            case .newTarget(let target): try name("new_target", [(.target, target)])
            case .restarted: try name("restarted")
            case .restartIgnored: try name("restart_ignored")
            case .exiting: try name("exiting")
            case .ended(let result):
                try name("ended")
                try container.encode(Nullable(result), forKey: .result)
            case .cutShort: try name("cut_short")
            }
        }
    }
}
