// SPDX-License-Identifier: MIT
package import Mail

/// One probe going through one table, and through those that its templates call.
///
/// Asks one question at a time: `.callout`, `.database` where a database is live, `.directory`, `.sequence`
/// and `.dice`. A callout's and a database's answer is template text and is scanned as such. `.unavailable`,
/// and any answer of another kind than the question, make the entry fail.
package struct TableEvaluation: Evaluation {
    let tables: TableSet
    private let tableName: String
    private let probe: String
    let inputFlags: FlagSet
    let limits: EvaluationLimits
    let isTraced: Bool

    /// Tables that wait: for the one that they called, or, the last of them, for an answer.
    var frames: [TableFrame] = []
    private var asked: TableRequest?
    /// The table that was asked for, once it has ended; nil where it gave no result to be had.
    private var ended: TableFrame?
    private var isFinished = false

    private var matcher = Matcher()
    private var stepsLeft: Int
    var octetsLeft: Int
    private var entriesLeft: Int
    private var passesLeft: Int
    var nestedLeft: Int
    var questionsLeft: Int
    var lookupsLeft: Int
    private var matches = 0
    private var trace: [TableTrace] = []
    var overrun: String?
    /// Who was asked and could not say, and why.
    var troubles: [String] = []
    /// Set by a limit beyond which going on would cost without bound.
    private var isHalted = false

    /// `probe` is taken as it is: nothing in it has a meaning, whatever a stranger wrote there. Only where
    /// `isTraced`, the outcome has a trace: it costs more than all the rest.
    package init(
        tables: TableSet, table: String, probe: String, inputFlags: Set<Character> = [],
        isTraced: Bool = false, limits: EvaluationLimits = .init()
    ) {
        self.tables = tables
        self.tableName = table
        self.probe = probe
        self.inputFlags = FlagSet(inputFlags)
        self.limits = limits
        self.isTraced = isTraced
        stepsLeft = limits.stepsMax
        octetsLeft = limits.writtenOctetsMax
        entriesLeft = limits.entriesTriedMax
        passesLeft = limits.passesMax
        nestedLeft = limits.nestedTablesMax
        questionsLeft = limits.questionsMax
        lookupsLeft = limits.databaseLookupsMax
    }

    package mutating func next(_ answers: [Answer]) -> Step<TableOutcome> {
        if isFinished { return result() }
        if let asked, var frame = frames.popLast() {
            frame.incoming = incoming(answers.first, for: asked)
            self.asked = nil
            return run(frame)
        }
        let octets = Array(probe.utf8)
        guard octets.count <= limits.textOctetsMax else {
            halt("the probe has \(octets.count) octets, more than \(limits.textOctetsMax)")
            return finish(nil)
        }
        guard let index = tables.index(of: tableName) else { return finish(nil) }
        return run(entered(index, octets))
    }

    /// Goes on with a table until it waits for somebody, or the one that was asked for has ended.
    private mutating func run(_ started: consuming TableFrame) -> Step<TableOutcome> {
        var frame = started
        while !isHalted {
            switch frame.expansion == nil ? seek(&frame) : expand(&frame) {
            case .goOn: break
            case .ask(let request):
                frames.append(frame)
                asked = request
                return .ask([request.question])
            case .enter(let table, let argument):
                frames.append(frame)
                frame = entered(table, argument)
            case .ended:
                if isHalted { return finish(nil) }
                if isTraced {
                    note(
                        .ended(result: frame.hasResult ? UTF8Text.excerpt(frame.target.octets) : nil),
                        frames.count)
                }
                guard let caller = frames.popLast() else { return finish(consume frame) }
                frame = resumed(caller, by: frame)
            }
        }
        return finish(nil)
    }

    /// A table that called another one, with what came of that.
    private mutating func resumed(_ caller: TableFrame, by ended: TableFrame) -> TableFrame {
        let isAccepted = ended.hasResult && ended.flags.contains(UInt8(ascii: "Y"))
        let name = tables.tables[ended.table].name
        var caller = caller
        caller.incoming =
            isAccepted
            ? incoming(ended.target.octets, from: .table)
            : .failure("table \(name) did not set $Y", isTemporary: false)
        if isTraced {
            let result = isAccepted ? UTF8Text.excerpt(ended.target.octets) : nil
            let argument = UTF8Text.excerpt(ended.argument)
            note(.nested(table: name, argument: argument, result: result), frames.count)
        }
        return caller
    }

    private mutating func finish(_ frame: consuming TableFrame?) -> Step<TableOutcome> {
        frames = []
        ended = frame
        isFinished = true
        return result()
    }

    private func result() -> Step<TableOutcome> {
        var place: RulePlace?
        var rule: String?
        var output = probe
        var flags: [String] = []
        var captures: [String] = []
        if let table = ended?.table, let entry = ended?.entry {
            place = tables.tables[table].entries[entry].place
            rule = tables.tables[table].entries[entry].rule
            output = ended?.output ?? probe
            flags = ended?.flags.names ?? []
            captures = ended?.captures ?? []
        }
        let about = UTF8Text.joined(tableName, UTF8Text.excerpt(probe))
        let result = rule == nil ? whyNothing() : resultText(output)
        return .done(
            TableOutcome(
                matched: place != nil, output: output, flags: flags, place: place, captures: captures,
                trace: trace, overrun: overrun, troubles: troubles),
            Trail([
                Trail.Entry(
                    .mapping, rule: rule, about: about, captures: UTF8Text.excerpts(captures), flags: flags,
                    result: result)
            ]))
    }

    private func whyNothing() -> String {
        resultText(
            overrun
                ?? (tables.contains(tableName) ? "no entry gave a result" : "there is no table \(tableName)"))
    }

    /// What came of it, and who could not say.
    private func resultText(_ text: String) -> String {
        let excerpt = UTF8Text.excerpt(text)
        return troubles.isEmpty ? excerpt : excerpt + " (\(troubles.joined(separator: "; ")))"
    }

    private mutating func halt(_ reason: String) {
        overrun = overrun ?? reason
        isHalted = true
    }

    /// Whoever notes something that happens often asks `isTraced` first, so that its texts are not made.
    mutating func note(_ event: TableTrace.Event, _ depth: Int) {
        guard isTraced else { return }
        if trace.count < limits.tracesMax {
            trace.append(TableTrace(depth: depth, event: event))
        } else if trace.count == limits.tracesMax {
            trace.append(TableTrace(depth: 0, event: .cutShort))
        }
    }
}

// MARK: Looking for an entry

extension TableEvaluation {
    private mutating func entered(_ table: Int, _ argument: [UInt8]) -> TableFrame {
        if isTraced {
            let name = tables.tables[table].name
            note(.applied(table: name, number: table + 1, probe: UTF8Text.excerpt(argument)), frames.count)
        }
        return TableFrame(table: table, argument: argument)
    }

    /// Goes on to the next entry that matches. Entries that the index or their screens pass over count as
    /// tried: how far an evaluation gets depends on the tables, and not on how they were compiled.
    private mutating func seek(_ frame: inout TableFrame) -> TableFrame.Move {
        while let index = candidate(&frame) {
            stepsLeft -= frame.candidates?.takeCost() ?? 0
            entriesLeft -= index + 1 - frame.nextEntry
            frame.nextEntry = index + 1
            guard stepsLeft > 0, entriesLeft > 0 else { return tired(&frame) }
            var steps = min(stepsLeft, limits.entryStepsMax)
            let allowed = steps
            let verdict = matcher.match(
                tables.tables[frame.table].patterns[index], frame.target, steps: &steps)
            stepsLeft -= allowed - steps
            switch verdict {
            case .no: break
            case .tooCostly:
                let place = tables.tables[frame.table].entries[index].place
                overrun =
                    overrun ?? "comparing the entry at \(place) took more than \(allowed) steps; "
                    + "it counts as not matching"
                note(.tooCostly(entry: index + 1, place: place), frames.count)
            case .yes:
                if isTraced { noteMatch(index, frame) }
                matches += 1
                if let move = writeAtOnce(index, &frame) { return move }
                frame.expansion = TemplateExpansion(
                    entry: index, fields: matcher.fields,
                    pieces: tables.tables[frame.table].entries[index].template.pieces)
                return .goOn
            }
        }
        stepsLeft -= frame.candidates?.takeCost() ?? 0
        entriesLeft -= tables.tables[frame.table].entries.count - frame.nextEntry
        guard stepsLeft > 0, entriesLeft > 0 else { return tired(&frame) }
        guard frame.owesPass else { return .ended }
        frame.owesPass = false
        return restart(&frame)
    }

    private func candidate(_ frame: inout TableFrame) -> Int? {
        tables.candidate(in: frame.table, from: frame.nextEntry, for: frame.target, &frame.candidates)
    }

    private mutating func noteMatch(_ index: Int, _ frame: TableFrame) {
        let entry = tables.tables[frame.table].entries[index]
        note(
            .matched(
                entry: index + 1, place: entry.place, pattern: entry.patternText,
                template: entry.templateText, match: matches), frames.count)
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
        frame.candidates = nil
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
        case nil, .passed: break
        case .text(let text): expansion.write(text, isSubstituted: true)
        case .failure(let reason, let isTemporary):
            guard isTemporary, let fallback = expansion.fallback else {
                return fail(expansion, &frame, reason)
            }
            note(.fellBack(reason: reason), frames.count)
            expansion.restart(as: fallback)
        case .template(let text):
            if let reason = splice(text, into: &expansion) { return fail(expansion, &frame, reason) }
        }
        while let piece = expansion.nextPiece() {
            switch piece {
            case .text(let text): expansion.write(text, isSubstituted: !expansion.isOwnText)
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
            case .database(let key):
                guard case .compiled(let database)? = tables.context.general else {
                    return ask(piece, expansion, &frame)
                }
                if let reason = lookUp(key, in: database, &expansion, of: frame.target) {
                    return fail(expansion, &frame, reason)
                }
            case .fallback(let pieces): expansion.fallback = pieces
            case .callout, .directory, .domain, .sequence, .chance: return ask(piece, expansion, &frame)
            }
            if let reason = charge(&expansion) { return fail(expansion, &frame, reason) }
            if isHalted { return .ended }
        }
        return conclude(
            expansion.entry, expansion.fields, expansion.output, expansion.flags, expansion.control, &frame)
    }

    /// Writes the template of an entry that has just matched, if it only writes, and so little that no limit
    /// is near. Nil where it has to be gone through piece by piece.
    private mutating func writeAtOnce(_ entry: Int, _ frame: inout TableFrame) -> TableFrame.Move? {
        guard let straight = tables.tables[frame.table].entries[entry].template.straight,
            straight.octetsMax(targetOctets: frame.target.count) <= min(octetsLeft, limits.textOctetsMax)
        else { return nil }
        let output = straight.output(matcher.fields, of: frame.target)
        octetsLeft -= output.count
        return conclude(entry, matcher.fields, output, straight.flags, straight.control, &frame)
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

    /// The entry gives its result; its last control says what comes next.
    private mutating func conclude(
        _ entry: Int, _ fields: MatchedFields, _ output: [UInt8], _ flags: FlagSet,
        _ control: Template.Control?, _ frame: inout TableFrame
    ) -> TableFrame.Move {
        frame.entry = entry
        frame.flags.formUnion(flags)
        frame.capture(fields)
        frame.owesPass = control == .nextThenAgain
        if isTraced { note(.newTarget(UTF8Text.excerpt(output)), frames.count) }
        switch control {
        case .next, .nextThenAgain:
            frame.target = Target(output)
            return .goOn
        case .restart:
            frame.target = Target(output)
            return restart(&frame)
        case .end, nil:
            frame.target = Target(final: output)
            note(.exiting, frames.count)
            return .ended
        }
    }

    /// The entry changes nothing. Only `$C` or `$L` to the left of what failed lets the next entry have its
    /// turn: after `$R` the same string would come to the same failure.
    mutating func fail(
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
