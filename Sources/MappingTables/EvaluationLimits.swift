// SPDX-License-Identifier: MIT

/// What evaluating one probe may cost. Probes hold what strangers sent, so each loop over them ends at one of
/// these, and `TableOutcome.overrun` says which.
package struct EvaluationLimits: Sendable {
    /// Octets of a probe, of a table's output, of an argument. An SMTP command gives a few thousand at most.
    package var textOctetsMax = 131_072
    /// Octets that all templates of one evaluation may write together.
    package var writtenOctetsMax = 16 << 20
    /// Comparison steps (about one octet looked at) for one entry and probe. Patterns without `$n*` need at
    /// most about pattern octets x probe octets; only a back-match can ask for more.
    package var entryStepsMax = 5_000_000
    /// Comparison steps of one evaluation, all entries together, and what asking an index cost. Entries that
    /// an index passes over cost nothing.
    package var stepsMax = 50_000_000
    /// Entries gone past, over all passes and nested tables: ten passes over a large table. Those that an
    /// index passes over count too, so that an outcome doesn't depend on how a table was compiled.
    package var entriesTriedMax = 5_000_000
    /// Passes over tables that `$R` and `$L` may begin. A string that shrinks by one octet a pass never meets
    /// the guard of ten, so it needs this one.
    package var passesMax = 1_000
    /// Tables within tables through `$|...|`. Deeper is a table that calls itself.
    package var nestingMax = 10
    /// Nested tables run in all: ten levels that each call twice would be a thousand.
    package var nestedTablesMax = 1_000
    /// Questions asked: callouts, live databases, directories, sequences, dice. Each may take a round trip.
    package var questionsMax = 50
    /// Look-ups in databases of the ruleset. They cost little, but a value may ask for another.
    package var databaseLookupsMax = 1_000
    /// Octets of one answer: what a callout, database or directory may return.
    package var answerOctetsMax = 16_384
    /// Lines of trace kept.
    package var tracesMax = 500

    /// Restarts with a string no shorter than before that the language allows; then requests are ignored.
    package static let idleRestartsMax = 10
    /// Octets of one text in a trace line or trail; longer ones are cut and end in an ellipsis.
    package static let traceTextOctetsMax = 2_048

    package init() {}
}
