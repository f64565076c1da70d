// SPDX-License-Identifier: MIT
package import Mail

/// One probe going through one table, and through those that its templates call.
///
/// Asks `Question.callout` only, one at a time. The answer is template text and is scanned as such;
/// `.callout(nil)`, `.unavailable` and anything else make the entry fail.
package struct TableEvaluation: Evaluation {
    private let tables: TableSet
    private let tableName: String
    private let probe: [UInt8]
    private let inputFlags: FlagSet
    private let limits: EvaluationLimits

    /// The table that was asked for, and above it the tables it is waiting for. Empty before the start.
    private var frames: [TableFrame] = []
    private var asked: Callout?
    private var finished: (outcome: TableOutcome, trail: Trail)?

    private var matcher = Matcher()
    private var stepsLeft: Int
    private var octetsLeft: Int
    private var entriesLeft: Int
    private var passesLeft: Int
    private var nestedLeft: Int
    private var calloutsLeft: Int
    private var matches = 0
    private var trace: [TableTrace] = []
    private var overrun: String?
    /// Set by a limit beyond which going on would cost without bound.
    private var isHalted = false

    /// `probe` is taken as it is: nothing in it has a meaning, whatever a stranger wrote there.
    package init(
        tables: TableSet, table: String, probe: String, inputFlags: Set<Character> = [],
        limits: EvaluationLimits = .init()
    ) {
        self.tables = tables
        self.tableName = table
        self.probe = Array(probe.utf8)
        self.inputFlags = FlagSet(inputFlags)
        self.limits = limits
        stepsLeft = limits.stepsMax
        octetsLeft = limits.writtenOctetsMax
        entriesLeft = limits.entriesTriedMax
        passesLeft = limits.passesMax
        nestedLeft = limits.nestedTablesMax
        calloutsLeft = limits.calloutsMax
    }

    package mutating func next(_ answers: [Answer]) -> Step<TableOutcome> {
        if let finished { return .done(finished.outcome, finished.trail) }
        if let asked, let last = frames.indices.last {
            frames[last].incoming = incoming(answers.first, for: asked)
            self.asked = nil
        } else if frames.isEmpty {
            begin()
        }
        return run()
    }

    private mutating func begin() {
        guard probe.count <= limits.textOctetsMax else {
            halt("the probe has \(probe.count) octets, more than \(limits.textOctetsMax)")
            return
        }
        if let index = tables.index(of: tableName) { enter(index, probe) }
    }

    private mutating func run() -> Step<TableOutcome> {
        while !isHalted, var frame = frames.popLast() {
            switch frame.expansion == nil ? seek(&frame) : expand(&frame) {
            case .goOn: frames.append(frame)
            case .ask(let callout):
                frames.append(frame)
                asked = callout
                return .ask([.callout(callout)])
            case .enter(let table, let argument):
                frames.append(frame)
                enter(table, argument)
            case .ended:
                if isHalted { return finish(nil) }
                note(
                    .ended(result: frame.hasResult ? UTF8Text.excerpt(frame.target.octets) : nil),
                    frames.count)
                guard let caller = frames.indices.last else { return finish(frame) }
                let isAccepted = frame.hasResult && frame.flags.contains(UInt8(ascii: "Y"))
                let name = tables.tables[frame.table].name
                frames[caller].incoming =
                    isAccepted ? .text(frame.target.octets) : .failure("table \(name) did not set $Y")
                let result = isAccepted ? UTF8Text.excerpt(frame.target.octets) : nil
                let argument = UTF8Text.excerpt(frame.argument)
                note(.nested(table: name, argument: argument, result: result), caller)
            }
        }
        return finish(nil)
    }

    /// The root frame's result; nil where there is none to be had.
    private mutating func finish(_ frame: TableFrame?) -> Step<TableOutcome> {
        var outcome = TableOutcome(
            matched: false, output: String(decoding: probe, as: UTF8.self), trace: trace, overrun: overrun)
        if let frame, frame.hasResult {
            outcome.matched = true
            outcome.output = String(decoding: frame.target.octets, as: UTF8.self)
            outcome.flags = frame.flags.names
            outcome.place = frame.place
            outcome.captures = frame.captures.map { String(decoding: $0, as: UTF8.self) }
        }
        frames = []
        let trail = Trail([trailEntry(outcome)])
        finished = (outcome, trail)
        return .done(outcome, trail)
    }

    private func trailEntry(_ outcome: TableOutcome) -> Trail.Entry {
        let result: String
        if outcome.matched {
            result = UTF8Text.excerpt(Array(outcome.output.utf8))
        } else if let overrun {
            result = overrun
        } else if tables.contains(tableName) {
            result = "no entry gave a result"
        } else {
            result = "there is no table \(tableName)"
        }
        return Trail.Entry(
            .mapping, rule: outcome.place?.description, about: "\(tableName) \(UTF8Text.excerpt(probe))",
            captures: outcome.captures.map { UTF8Text.excerpt(Array($0.utf8)) }, flags: outcome.flags,
            result: result)
    }

    private mutating func halt(_ reason: String) {
        overrun = overrun ?? reason
        isHalted = true
    }

    private mutating func note(_ event: TableTrace.Event, _ depth: Int) {
        if trace.count < limits.tracesMax {
            trace.append(TableTrace(depth: depth, event: event))
        } else if trace.count == limits.tracesMax {
            trace.append(TableTrace(depth: 0, event: .cutShort))
        }
    }
}

// MARK: Looking for an entry

extension TableEvaluation {
    private mutating func enter(_ table: Int, _ argument: [UInt8]) {
        let name = tables.tables[table].name
        note(.applied(table: name, number: table + 1, probe: UTF8Text.excerpt(argument)), frames.count)
        frames.append(TableFrame(table: table, argument: argument))
    }

    /// Goes on to the next entry that matches.
    private mutating func seek(_ frame: inout TableFrame) -> TableFrame.Move {
        let table = tables.tables[frame.table]
        while let index = table.candidate(from: frame.nextEntry, for: frame.target) {
            entriesLeft -= index + 1 - frame.nextEntry
            frame.nextEntry = index + 1
            guard stepsLeft > 0, entriesLeft > 0 else { return tired(&frame) }
            var steps = min(stepsLeft, limits.entryStepsMax)
            let allowed = steps
            let verdict = matcher.match(table.patterns[index], frame.target, steps: &steps)
            stepsLeft -= allowed - steps
            switch verdict {
            case .no: break
            case .tooCostly:
                let entry = table.entries[index]
                overrun =
                    overrun ?? "comparing the entry at \(entry.place) took more than \(allowed) steps; "
                    + "it counts as not matching"
                note(.tooCostly(entry: index + 1, place: entry.place), frames.count)
            case .yes:
                let entry = table.entries[index]
                note(
                    .matched(
                        entry: index + 1, place: entry.place, pattern: entry.patternText,
                        template: entry.templateText, match: matches), frames.count)
                matches += 1
                frame.expansion = TemplateExpansion(
                    entry: index, fields: matcher.fields, pieces: entry.template.pieces)
                return .goOn
            }
        }
        entriesLeft -= table.entries.count - frame.nextEntry
        guard stepsLeft > 0, entriesLeft > 0 else { return tired(&frame) }
        guard frame.owesPass else { return .ended }
        frame.owesPass = false
        return restart(&frame)
    }

    private mutating func tired(_ frame: inout TableFrame) -> TableFrame.Move {
        halt("the evaluation took more than \(limits.stepsMax) steps or \(limits.entriesTriedMax) entries")
        return .ended
    }

    /// Begins another pass, unless the string stopped getting shorter too often.
    private mutating func restart(_ frame: inout TableFrame) -> TableFrame.Move {
        let octets = frame.target.octets.count
        frame.idleRestarts = octets >= frame.passOctets ? frame.idleRestarts + 1 : 0
        guard frame.idleRestarts <= EvaluationLimits.idleRestartsMax else {
            note(.restartIgnored, frames.count)
            return .ended
        }
        passesLeft -= 1
        guard passesLeft >= 0 else {
            halt("the evaluation restarted more than \(limits.passesMax) times")
            return .ended
        }
        note(.restarted, frames.count)
        frame.passOctets = octets
        frame.nextEntry = 0
        return .goOn
    }
}

// MARK: Expanding a template

extension TableEvaluation {
    /// Writes the template of the entry that matched, up to its end, a question, a nested table or a failure.
    private mutating func expand(_ frame: inout TableFrame) -> TableFrame.Move {
        guard var expansion = frame.expansion.take() else { return .goOn }
        let incoming = frame.incoming
        frame.incoming = nil
        switch incoming {
        case nil: break
        case .text(let text): expansion.write(text, isSubstituted: true)
        case .failure(let reason): return fail(expansion, &frame, reason)
        case .template(let text):
            let compiled = TemplateCompiler.compile(
                text, fieldCount: expansion.fields.count, callouts: tables.callouts)
            if let fault = compiled.faults.first(where: { $0.severity == .error }) {
                return fail(expansion, &frame, "the callout's answer is no template: \(fault.message)")
            }
            expansion.splice(compiled.template.pieces)
        }
        while let piece = expansion.nextPiece() {
            switch piece {
            case .text(let text): expansion.write(text, isSubstituted: false)
            case .field(let index): expansion.writeField(index, of: frame.target)
            case .flag(let flag): expansion.flags.insert(flag)
            case .control(let control): expansion.control = control
            case .mode(let mode): expansion.mode = mode
            case .test(let flag, let mustBeSet):
                guard inputFlags.contains(flag) == mustBeSet else {
                    let state = mustBeSet ? "clear" : "set"
                    return fail(expansion, &frame, "input flag \(Unicode.Scalar(flag)) is \(state)")
                }
            case .table(let name, let argument): return nest(expansion, &frame, name, argument)
            case .callout(let image, let routine, let argument):
                return call(expansion, &frame, image, routine, argument)
            }
            if let reason = charge(&expansion) { return fail(expansion, &frame, reason) }
            if isHalted { return .ended }
        }
        return conclude(expansion, &frame)
    }

    /// Counts what `expansion` wrote since the last time. The reason to fail, if it wrote too much.
    private mutating func charge(_ expansion: inout TemplateExpansion) -> String? {
        octetsLeft -= expansion.output.count - expansion.charged
        expansion.charged = expansion.output.count
        if octetsLeft < 0 { halt("templates wrote more than \(limits.writtenOctetsMax) octets") }
        guard expansion.output.count > limits.textOctetsMax else { return nil }
        let reason = "the output has more than \(limits.textOctetsMax) octets"
        overrun = overrun ?? reason
        return reason
    }

    private mutating func nest(
        _ expansion: TemplateExpansion, _ frame: inout TableFrame, _ name: String,
        _ argument: [Template.Piece]
    ) -> TableFrame.Move {
        let text = expansion.argument(argument, of: frame.target)
        guard let index = tables.index(of: name) else {
            return fail(expansion, &frame, "there is no table \(name)")
        }
        nestedLeft -= 1
        // `frame` is off the stack here, so one more frame makes the depth `frames.count + 1`.
        guard nestedLeft >= 0, frames.count < limits.nestingMax, text.count <= limits.textOctetsMax else {
            let reason =
                "table \(name) was called deeper than \(limits.nestingMax), after \(limits.nestedTablesMax) "
                + "others, or with more than \(limits.textOctetsMax) octets"
            overrun = overrun ?? reason
            return fail(expansion, &frame, reason)
        }
        octetsLeft -= text.count
        frame.expansion = expansion
        return .enter(table: index, argument: text)
    }

    private mutating func call(
        _ expansion: TemplateExpansion, _ frame: inout TableFrame, _ image: String, _ routine: String,
        _ argument: [Template.Piece]
    ) -> TableFrame.Move {
        let text = expansion.argument(argument, of: frame.target)
        calloutsLeft -= 1
        guard calloutsLeft >= 0, text.count <= limits.textOctetsMax else {
            let reason =
                "more than \(limits.calloutsMax) callouts, or \(limits.textOctetsMax) octets for one"
            overrun = overrun ?? reason
            return fail(expansion, &frame, reason)
        }
        octetsLeft -= text.count
        frame.expansion = expansion
        return .ask(Callout(image: image, routine: routine, argument: String(decoding: text, as: UTF8.self)))
    }

    private mutating func incoming(_ answer: Answer?, for callout: Callout) -> TableFrame.Incoming {
        // The table that asked is on the stack, as it never is while it goes on.
        let depth = frames.count - 1
        let shown = Callout(
            image: callout.image, routine: callout.routine,
            argument: UTF8Text.excerpt(Array(callout.argument.utf8)))
        var reason = "the callout failed"
        switch answer {
        case .callout(.some(let text)):
            let octets = Array(text.utf8)
            if octets.count <= limits.calloutOctetsMax {
                note(.called(shown, returned: UTF8Text.excerpt(octets)), depth)
                return .template(octets)
            }
            reason = "the callout's answer has more than \(limits.calloutOctetsMax) octets"
            overrun = overrun ?? reason
        case .unavailable(let why):
            reason = "the callout was not answered: \(UTF8Text.excerpt(Array(why.utf8)))"
        default: break
        }
        note(.called(shown, returned: nil), depth)
        return .failure(reason)
    }

    /// The entry gives its result; its last control says what comes next.
    private mutating func conclude(
        _ expansion: TemplateExpansion, _ frame: inout TableFrame
    ) -> TableFrame.Move {
        let entry = tables.tables[frame.table].entries[expansion.entry]
        frame.hasResult = true
        frame.flags.formUnion(expansion.flags)
        frame.place = entry.place
        frame.captures = expansion.fields.map { Array(frame.target.octets[$0]) }
        frame.target = Target(expansion.output)
        frame.owesPass = expansion.control == .nextThenAgain
        note(.newTarget(UTF8Text.excerpt(expansion.output)), frames.count)
        switch expansion.control {
        case .next, .nextThenAgain: return .goOn
        case .restart: return restart(&frame)
        case .end, nil:
            note(.exiting, frames.count)
            return .ended
        }
    }

    /// The entry changes nothing. Only `$C` or `$L` to the left of what failed lets the next entry have its
    /// turn: after `$R` the same string would come to the same failure.
    private mutating func fail(
        _ expansion: TemplateExpansion, _ frame: inout TableFrame, _ reason: String
    ) -> TableFrame.Move {
        let entry = tables.tables[frame.table].entries[expansion.entry]
        note(.failed(entry: expansion.entry + 1, place: entry.place, reason: reason), frames.count)
        switch expansion.control {
        case .next: return .goOn
        case .nextThenAgain:
            frame.owesPass = true
            return .goOn
        case .end, .restart, nil:
            note(.exiting, frames.count)
            return .ended
        }
    }
}
