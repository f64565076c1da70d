// SPDX-License-Identifier: MIT

internal import Mail

/// A script being run on one message: where it is, what it has read so far, what it has decided so far. A
/// value; what a test reads of the message is decoded once and kept.
struct Execution: Sendable {
    let script: Script
    var subject: SieveSubject
    var limits: SieveLimits
    /// What the script decided, in its order.
    var actions: [SieveAction] = []
    var implicitKeep = true
    /// The virtual world of a test file; nil for a script.
    var suite: SuiteState?
    /// Limits of the scripts that a test file runs.
    var suiteLimits = SieveLimits()
    /// The message as the scripts left it that a test file ran since the result was reset; nil where none
    /// was.
    var resultBytes: [UInt8]?
    /// The command that cancelled the implicit keep.
    var decidedBy: RulePlace?
    /// What was decided, for the trail, in the order of the script.
    var decisions: [Decision] = []
    private(set) var fault: String?
    /// Answers to what was asked so far.
    private var answers: [Question: Answer] = [:]
    var budget: MatchBudget
    /// The internal variable of flags (RFC 5232 §2).
    var flags = FlagList()
    /// The score, once it was asked for.
    var knownSpam: SpamFinding?
    /// What is to be remembered when the message is committed, in order.
    var effects: [Effect] = []
    /// Commands whose answer or notification may not be sent.
    var unanswered: [RulePlace] = []
    /// Mistakes that the script went on after.
    var remarks: [String] = []
    /// Whether a match leaves nothing behind, whatever the script requires.
    var forgetsMatches = false

    /// The script at hand, and below it those that include it.
    var frames: [Frame]
    /// Programs that ran, for `include :once`.
    private var ran: Set<Int> = [0]
    private var executed = 0
    private(set) var isStepping = false
    var headerOctets = 0
    /// The message's parts, once they were asked for.
    var knownTree: PartTree?
    /// Bodies decoded so far, by where they begin, and their octets.
    var knownBodies: [Int: [UInt8]] = [:]
    var bodyOctets = 0
    var knownParts: [Part]?
    /// Parts that others stand for, in the order of the message.
    var replacements: [Replacement] = []
    /// The entity that is the whole content instead.
    var content: [UInt8]?
    /// What was put around the message, the innermost first.
    var enclosures: [Enclosure] = []
    /// What body tests compared so far.
    var knownSections: [BodySection: FieldValue] = [:]
    /// What `body :text` compares, once it was asked for.
    var knownTexts: [BodySection]?
    /// Loops over parts, the outermost first.
    var partLoops: [PartCursor] = []
    /// The header as it is now.
    var header: HeaderOverlay
    /// For each program, a slot for each field name in it.
    var fields: [[FieldSlot]]
    /// Addresses of the envelope, once they were asked for.
    var envelope: [EnvelopeTest.Side: FieldAddress?] = [:]
    /// Shared by every script of the evaluation, by name in lower case.
    var globals: [String: [UInt8]] = [:]

    /// One script being run. Its variables, and what its matches captured, are its own (RFC 6609 §3.4).
    struct Frame: Sendable {
        var program: Int
        var position = 0
        var register = false
        var variables: [[UInt8]]
        /// What the last match with wildcards captured, `${0}` first.
        var matchValues: [[UInt8]] = []
    }

    struct Decision: Sendable {
        var action: SieveAction
        /// The line of the `if` or `elsif` in whose block it stands; 0 where it stands in none.
        var conditionLine: Int
    }

    /// What is known of the fields of one name; nil where nobody asked yet.
    struct FieldSlot: Sendable {
        var found: [HeaderOverlay.Line]?
        var values: [FieldValue]?
        var addresses: [FieldAddress]?
        var times: [CivilTime]?
    }

    init(script: Script, subject: SieveSubject, limits: SieveLimits) {
        self.script = script
        self.subject = subject
        self.limits = limits
        budget = MatchBudget(limits: limits)
        header = HeaderOverlay(subject.message.header)
        fields = script.programs.map { Array(repeating: FieldSlot(), count: $0.fieldNames.count) }
        frames = [Frame(program: 0, variables: Array(repeating: [], count: script.programs[0].variableCount))]
    }

    // MARK: The loop

    /// Runs to the end, to a fault, or to something that it must ask; the questions then, and it goes on at
    /// the same instruction. End and fault last.
    mutating func run() -> [Question] {
        guard fault == nil else { return [] }
        // Bounded: each turn but one takes a step, ends a frame, or fails a test.
        while true {
            do throws(Interruption) {
                try runFrames()
                return []
            } catch {
                switch error {
                case .fault(let message):
                    let line = place.line
                    guard suite?.fail(.error, "line \(line): \(message)") == true else {
                        fault = message
                        return []
                    }
                    leaveCase()
                case .asks(let questions):
                    if answers.count + questions.count <= limits.questionsMax { return questions }
                    fault = "the script asks more than \(limits.questionsMax) questions"
                    return []
                }
            }
        }
    }

    private mutating func runFrames() throws(Interruption) {
        while let frame = frames.last {
            if frame.position < script.programs[frame.program].instructions.count {
                try step()
            } else if frames.count > 1 {
                frames.removeLast()
            } else {
                return
            }
        }
    }

    /// Takes the answers to what `run` asked.
    mutating func learn(_ questions: [Question], _ answers: [Answer]) {
        for (question, answer) in zip(questions, answers) { self.answers[question] = answer }
    }

    /// The answer, once it is there. What does not last may happen before; the instruction begins again.
    func answer(to question: Question) throws(Interruption) -> Answer {
        if let answer = answers[question] { return answer }
        throw .asks([question])
    }

    /// The script at hand. There is always one: the last frame stays.
    var top: Int { frames.count - 1 }
    var program: Program { script.programs[frames[top].program] }

    /// Where the current instruction stands.
    var place: RulePlace { RulePlace(file: program.name, line: Int(origin.line)) }

    /// Of the current instruction; at the end of the script, of its first line.
    var origin: Program.Origin {
        let origins = program.origins
        let position = frames[top].position
        return position < origins.count ? origins[position] : .init(line: 1, conditionLine: 0)
    }

    private mutating func step() throws(Interruption) {
        executed += 1
        if executed > limits.instructionsMax {
            throw .fault("the script executed more than \(limits.instructionsMax) instructions")
        }
        isStepping = true
        defer { isStepping = false }
        let depth = top
        switch script.programs[frames[depth].program].instructions[frames[depth].position] {
        case .test(let test): frames[depth].register = try test.holds(&self)
        case .constant(let truth): frames[depth].register = truth
        case .negate: frames[depth].register.toggle()
        case .command(let command):
            try command.perform(&self)
            // A test that failed has left its place.
            if frames.count <= depth { return frames[top].position += 1 }
        case .stop: return stop()
        case .leave: return frames[depth].position = program.instructions.count
        case .beginCase(let name, let end):
            let name = try text(of: name)
            try suite?.begin(name, end: end)
        case .endCase: suite?.endCase()
        case .enterParts(let exit): if try !enterParts() { return frames[depth].position = exit }
        case .nextPart(let start): if nextPart() { return frames[depth].position = start }
        case .leaveParts(let levels): partLoops.removeLast(min(levels, partLoops.count))
        case .include(let number, let once):
            // Behind the include first: there it goes on afterwards.
            frames[depth].position += 1
            return try enter(number, once: once)
        case .jump(let target): return frames[depth].position = target
        case .jumpIfTrue(let target): if frames[depth].register { return frames[depth].position = target }
        case .jumpIfFalse(let target): if !frames[depth].register { return frames[depth].position = target }
        }
        frames[depth].position += 1
    }

    /// Ends every script (RFC 6609 §3.3).
    private mutating func stop() {
        frames.removeSubrange(1...)
        frames[0].position = script.programs[0].instructions.count
    }

    private mutating func enter(_ number: Int, once: Bool) throws(Interruption) {
        if once, ran.contains(number) { return }
        guard !frames.contains(where: { $0.program == number }) else {
            throw .fault("\(script.programs[number].name) includes itself")
        }
        ran.insert(number)
        frames.append(
            Frame(
                program: number,
                variables: Array(repeating: [], count: script.programs[number].variableCount)))
    }
}
