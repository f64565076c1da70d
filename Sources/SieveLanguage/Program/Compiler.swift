// SPDX-License-Identifier: MIT

/// Checks the commands of a script against their usage and turns them into a program.
///
/// It goes on after every mistake. Whether the program may run is `mistakes.hasErrors`.
struct Compiler: Sendable {
    var mistakes: MistakeList
    /// What the script requires, of what there is, each once: few, so that looking through them is fast.
    private(set) var capabilities: [String] = []
    /// Usages that what is required was found to allow; more can only be required.
    private var permitted: [ObjectIdentifier] = []
    /// Whether strings are decoded (RFC 5228 §2.4.2.4).
    private(set) var decodesCharacters = false
    /// Whether strings may hold variables (RFC 5229 §3).
    private(set) var hasVariables = false
    /// Whether tests may look at parts (RFC 5703 §4).
    private(set) var hasMIME = false
    let map: SourceMap
    let limits: SieveLimits
    private var program: Program
    /// What may be included, and what was; shared by the scripts of one compilation.
    var library: IncludedScripts
    private var fieldSlots = FieldSlots()
    private var variableSlots: [String: Int] = [:]
    /// Whether it is a test file's, or a script's that a test file runs.
    let isSuite: Bool
    /// Capabilities that are unknown here, though the language has them.
    let withheld: Set<String>
    var isInsideCase = false
    /// The `foreverypart` loops around the commands being compiled, the outermost first.
    var partLoops: [PartLoop] = []
    /// Names that the script declared with `global` (RFC 6609 §3.4), in lower case.
    var globalNames: Set<String> = []
    /// A missing capability is reported where it is first missed, once.
    private var missedCapabilities: Set<String> = []
    /// Names that nothing has, and tags with what they were given to: the test language reports each once.
    private var missedNames: Set<String> = []
    private var sawTooManyVariables = false
    /// Where `extracttext` is required.
    var extracttextRange: Range<Int>?
    /// Variables that the script set, and that can't be declared global any more, in lower case.
    var setNames: Set<String> = []
    /// The line of the `if` or `elsif` around the commands being compiled; 0 outside blocks.
    var conditionLine = 0
    /// The line that was last asked for.
    private var lastLine = 1

    init(
        name: String, map: SourceMap, limits: SieveLimits, mistakes: MistakeList, library: IncludedScripts,
        isSuite: Bool = false, withheld: Set<String> = []
    ) {
        self.withheld = withheld
        self.isSuite = isSuite
        program = Program(name: name)
        self.library = library
        self.map = map
        self.limits = limits
        self.mistakes = mistakes
    }

    /// Compiles a script that was read as a whole.
    mutating func compile(_ commands: [SyntaxNode]) -> Program {
        compileScript(commands)
        return finish(sawErrors: false)
    }

    /// Compiles a script command by command, as it is read: what was read of one is gone before the next, so
    /// that the same memory serves for all.
    mutating func compile(_ parser: inout Parser) -> Program {
        // Short rules have so many octets for an instruction.
        program.instructions.reserveCapacity(map.source.count / 24)
        program.origins.reserveCapacity(map.source.count / 24)
        var mayRequire = true
        // An `if` waits for what belongs to it.
        var waiting: [SyntaxNode] = []
        while let node = parser.next() {
            if mayRequire, node.name == "require" {
                compileScript([node])
                parser.takeBack()
                continue
            }
            mayRequire = false
            waiting.append(node)
            guard parser.beginsAnew else { continue }
            compileBlock(waiting[...])
            waiting.removeAll(keepingCapacity: true)
            parser.takeBack()
        }
        compileBlock(waiting[...])
        return finish(sawErrors: parser.mistakes.hasErrors)
    }

    private mutating func finish(sawErrors: Bool) -> Program {
        if !sawErrors, let extracttextRange, !capabilities.contains("foreverypart"), !mistakes.hasErrors {
            mistakes.add(
                extracttextRange,
                "\"extracttext\" is required without \"foreverypart\", and works only there",
                help: "require \"foreverypart\" too, or remove it")
        }
        program.variableCount = variableSlots.count
        program.keepsMatches = capabilities.contains("variables")
        return program
    }

    // MARK: Emitting

    /// Where the next instruction will stand.
    var end: Int { program.instructions.count }

    /// Returns where it stands.
    @discardableResult
    mutating func emit(_ instruction: consuming Program.Instruction, from range: Range<Int>) -> Int {
        program.instructions.append(instruction)
        program.origins.append(
            .init(
                line: Int32(clamping: line(of: range)),
                conditionLine: Int32(clamping: conditionLine)))
        return end - 1
    }

    /// The line in which `range` begins.
    mutating func line(of range: Range<Int>) -> Int {
        lastLine = map.line(of: range.lowerBound, near: lastLine)
        return lastLine
    }

    /// Lets the jump at `index` go to the next instruction.
    mutating func land(_ index: Int) {
        switch program.instructions[index] {
        case .jump: program.instructions[index] = .jump(to: end)
        case .jumpIfTrue: program.instructions[index] = .jumpIfTrue(to: end)
        case .jumpIfFalse: program.instructions[index] = .jumpIfFalse(to: end)
        case .enterParts: program.instructions[index] = .enterParts(exit: end)
        case .test, .constant, .negate, .command, .stop, .leave, .include, .nextPart, .leaveParts, .endCase:
            break
        case .beginCase(let name, _): program.instructions[index] = .beginCase(name: name, end: end)
        }
    }

    // MARK: Capabilities

    mutating func require(_ capability: String) {
        guard !has(capability) else { return }
        capabilities.append(capability)
        if let implied = Vocabulary.implied(by: capability), !has(implied) { capabilities.append(implied) }
        if capability == "encoded-character" { decodesCharacters = true }
        if capability == "variables" { hasVariables = true }
        if capability == "mime" { hasMIME = true }
    }

    /// Whether the script requires it.
    func has(_ capability: String) -> Bool { capabilities.contains { $0.isWord(capability) } }

    /// Whether a complaint of that name is due: in scripts that a test file compiles only the first is.
    mutating func isFirstMiss(_ name: String) -> Bool { missedNames.insert(name).inserted || !isSuite }

    /// Whether `name` was complained of already, as a word too long for any command, test or tag.
    func isTooLong(_ name: String) -> Bool { name.utf8.count > limits.identifierOctetsMax }

    /// `thing` needs one of `capabilities`, and the script requires none of them.
    mutating func missingCapability(_ names: [String], for thing: String, at range: Range<Int>) {
        guard let name = names.first, missedCapabilities.insert("\(name) \(thing)").inserted else { return }
        mistakes.add(
            range, "\(thing) is used without require \"\(name)\"",
            help: "write require \"\(name)\"; at the top of the script")
    }

    /// True if the usage's command or test may be used; complains otherwise.
    mutating func mayUse(_ usage: Usage, kind: String, at range: Range<Int>) -> Bool {
        let identity = ObjectIdentifier(usage)
        if permitted.contains(identity) { return true }
        // One capability may stand for several actions, of which some are withheld.
        if let own = usage.capabilities.first, withheld.contains(own) {
            mistakes.add(
                range, "the \(usage.name) \(kind) is not available here", help: "scripts run without it here")
            return false
        }
        guard !usage.capabilities.isEmpty, !usage.capabilities.contains(where: has) else {
            permitted.append(identity)
            return true
        }
        missingCapability(usage.capabilities, for: "the \(usage.name) \(kind)", at: range)
        return false
    }

    // MARK: What several tests need

    /// A string argument with its encoded characters decoded, where the script requires that.
    mutating func decoded(_ argument: SyntaxNode.Argument) -> SyntaxNode.Argument {
        guard decodesCharacters else { return argument }
        var argument = argument
        switch argument.value {
        case .string(let text): argument.value = .string(decoded(text))
        case .list(let texts): argument.value = .list(texts.map { decoded($0) })
        case .number, .tag: break
        }
        return argument
    }

    private mutating func decoded(_ text: SyntaxNode.Text) -> SyntaxNode.Text {
        var invalid: String?
        guard text.octets.contains(UInt8(ascii: "$")) else { return text }
        guard let octets = EncodedCharacter.decode(Array(text.octets), invalid: &invalid) else {
            mistakes.add(
                text.range, "\(MistakeList.quoted(invalid ?? "")) names no Unicode character",
                help: "numbers go from 0 to D7FF and from E000 to 10FFFF")
            return text
        }
        return SyntaxNode.Text(octets: octets[...], range: text.range)
    }

    /// The slot of a header field that a test names. Nil, with a warning, for what can't be a field's name:
    /// no field matches it, and RFC 5228 §2.4.2.2 forbids an error.
    mutating func fieldSlot(_ name: SyntaxNode.Text) -> Int? {
        if let slot = fieldSlots.recent(name.octets) { return slot }
        guard Self.isFieldName(name.octets) else {
            let help =
                name.octets.last == UInt8(ascii: ":")
                ? "write the name without the colon"
                : "field names are printable ASCII without blanks and colons"
            mistakes.warn(
                name.range, "no header field can be named \(MistakeList.quoted(name.octets))", help: help)
            return nil
        }
        return fieldSlots.slot(name.octets, &program.fieldNames)
    }

    /// The name of a slot, in lower case.
    func fieldName(at slot: Int) -> String {
        slot < program.fieldNames.count ? program.fieldNames[slot] : ""
    }

    /// A header field's name as a test gives it. Nil, with a warning, for what can't be one.
    mutating func fieldName(_ text: SyntaxNode.Text) -> FieldName? {
        guard mayVary(text) else { return fieldSlot(text).map(FieldName.slot) }
        let phrase = phrase(text)
        guard let octets = phrase.constant else { return .phrase(phrase) }
        return fieldSlot(SyntaxNode.Text(octets: octets[...], range: text.range)).map(FieldName.slot)
    }

    /// Header fields' names, without those that can't be one.
    mutating func fieldNames(_ texts: SyntaxNode.Texts) -> [FieldName] {
        if case .one(let text) = texts { return fieldName(text).map { [$0] } ?? [] }
        var names: [FieldName] = []
        names.reserveCapacity(texts.count)
        for text in texts {
            if let name = fieldName(text) { names.append(name) }
        }
        return names
    }

    /// The slot of a variable of the script's own; nil, with one complaint, where there are too many.
    mutating func variableSlot(_ name: String, at range: Range<Int>) -> Int? {
        if let slot = variableSlots[name] { return slot }
        guard variableSlots.count < limits.variablesMax else {
            if !sawTooManyVariables {
                mistakes.add(
                    range, "the script uses more than \(limits.variablesMax) variables",
                    help: "use fewer: one name can serve again")
            }
            sawTooManyVariables = true
            return nil
        }
        variableSlots[name] = variableSlots.count
        return variableSlots.count - 1
    }

    /// Which of several fields `:index` and `:last` choose (RFC 5260 §6). Nil after a mistake.
    mutating func selection(_ arguments: Arguments) -> FieldSelection? {
        guard let number = arguments.number(ofTag: "index") else {
            guard let range = arguments.range(ofTag: "last") else { return .all }
            mistakes.add(range, "\":last\" stands without \":index\"", help: "write :index 1 :last")
            return nil
        }
        guard number > 0 else {
            mistakes.add(
                arguments.range(ofTag: "index") ?? arguments.nameRange, "fields are counted from 1",
                help: "write :index 1")
            return nil
        }
        return arguments.has("last") ? .fromLast(number) : .fromFirst(number)
    }

    /// RFC 5322 §3.6.8: printable ASCII but the colon.
    static func isFieldName(_ octets: some Collection<UInt8>) -> Bool {
        !octets.isEmpty && octets.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
    }

    /// The comparator that the `:comparator` tag names, or the standard one. Nil after a mistake.
    mutating func comparator(_ arguments: Arguments) -> Comparator? {
        guard let name = arguments.string(ofTag: "comparator") else { return .standard }
        let text = String(decoding: name.octets, as: UTF8.self)
        guard let comparator = Comparator(rawValue: text) else {
            mistakes.add(
                name.range, "the comparator \(MistakeList.quoted(text)) is not supported",
                help: "supported are "
                    + Comparator.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
            return nil
        }
        let capability = "comparator-" + text
        if comparator.needsRequire, !capabilities.contains(capability) {
            missingCapability([capability], for: "the comparator \"\(text)\"", at: name.range)
            return nil
        }
        return comparator
    }

    /// A string that leaves the script as text. Nil, with a complaint, where it isn't UTF-8.
    mutating func text(_ text: SyntaxNode.Text, naming what: String) -> Phrase? {
        let phrase = phrase(text)
        guard let octets = phrase.constant, String(validating: octets, as: UTF8.self) == nil else {
            return phrase
        }
        mistakes.add(text.range, "the \(what) is not valid UTF-8", help: "save the script in UTF-8")
        return nil
    }
}
