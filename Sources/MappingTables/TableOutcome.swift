// SPDX-License-Identifier: MIT
package import Mail

/// What a table made of a probe.
package struct TableOutcome: Codable, Hashable, Sendable {
    /// False when no entry gave a result; an entry that matched and then failed gives none.
    package var matched: Bool
    /// The text once flags are taken out, arguments still in it. The probe itself where nothing matched.
    package var output: String
    /// Output flags of every entry that gave a result: one-character strings, upper case, in ASCII order,
    /// each once.
    package var flags: [String]
    /// The entry that decided: the last that gave a result.
    package var place: RulePlace?
    /// Its wildcard fields, from `$0`.
    package var captures: [String]
    /// Where the evaluation was traced: every entry that matched, callouts, nested tables, in order; at most
    /// `EvaluationLimits.tracesMax`. Otherwise empty.
    package var trace: [TableTrace]
    /// The limit that the evaluation ran into, in words; nil ordinarily. A caller should not take such an
    /// outcome for "the table has nothing against it": an entry was left out, or, with `matched` false, all
    /// from there on.
    package var overrun: String?
    /// Services that were asked and could not say, each with its reason: `directory default: no answer in
    /// 2000 ms`. The entries that asked failed, or their `$.text.` stood in.
    package var troubles: [String]

    package init(
        matched: Bool, output: String, flags: [String] = [], place: RulePlace? = nil, captures: [String] = [],
        trace: [TableTrace] = [], overrun: String? = nil, troubles: [String] = []
    ) {
        self.matched = matched
        self.output = output
        self.flags = flags
        self.place = place
        self.captures = captures
        self.trace = trace
        self.overrun = overrun
        self.troubles = troubles
    }

    /// Letters without regard to case.
    package func has(_ flag: Character) -> Bool {
        guard let octet = flag.asciiValue else { return false }
        return flags.contains(String(Unicode.Scalar(octet.asciiUppercased)))
    }

    /// The trace as operators of such tables know it: what was applied, which entries matched, what came of
    /// it.
    package func traceLines() -> [String] {
        var lines = trace.flatMap(\.lines)
        if let overrun { lines.append("Limit reached: \(overrun)") }
        lines += troubles.map { "Not answered: \($0)" }
        lines.append("Output string: \(output)")
        let named = flags.compactMap { flag in
            flag.unicodeScalars.first.map { "'\(flag)' (\($0.value))" }
        }
        lines.append("Output flags: [\((["0"] + named).joined(separator: ", "))]")
        return lines
    }
}
