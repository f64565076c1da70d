// SPDX-License-Identifier: MIT

/// The arguments of one command or test, checked against its usage (RFC 5228 §2.6).
struct Arguments: Sendable {
    /// The command's or test's name, to point at.
    let nameRange: Range<Int>
    /// The tags, each with its value behind it, and then the positional arguments. A handful: looking through
    /// them is faster than any table.
    private var given: [SyntaxNode.Argument] = []
    /// How many of them are tags and their values.
    private var tagsEnd = 0

    /// Nil if anything doesn't suit; every mistake has been added to the compiler's.
    init?(_ node: SyntaxNode, usage: Usage, kind: String, _ compiler: inout Compiler) {
        nameRange = node.nameRange
        if let tagsEnd = Self.tagsEnd(node, usage, &compiler) {
            given = node.arguments
            self.tagsEnd = tagsEnd
            return
        }
        var positional: [SyntaxNode.Argument] = []
        var reading = Reading(usage: usage, kind: kind)
        var index = 0
        while index < node.arguments.count {
            let argument = compiler.decoded(node.arguments[index])
            index += 1
            guard case .tag(let name) = argument.value else {
                positional.append(argument)
                continue
            }
            if !positional.isEmpty, reading.knows(name) {
                reading.fail(
                    argument.range, "in \(reading.phrase), \":\(name)\" stands behind a positional argument",
                    help: "write all tags before \(MistakeList.quoted(usage.positional.first?.name ?? ""))",
                    &compiler)
            }
            guard let tag = reading.tag(name, at: argument.range, isGiven: has(name), &compiler)
            else {
                continue
            }
            var value: SyntaxNode.Argument?
            if let kind = tag.value {
                let next = index < node.arguments.count ? compiler.decoded(node.arguments[index]) : nil
                if let next, Self.suits(next.value, kind) {
                    value = next
                    index += 1
                } else {
                    reading.fail(
                        argument.range,
                        "in \(reading.phrase), \":\(name)\" needs \(kind.words) behind it, but "
                            + (next.map { "\($0.value.words) was found" } ?? "nothing follows"),
                        help: "write :\(name) and then \(kind.words)", &compiler)
                }
            }
            given.append(argument)
            if let value { given.append(value) }
            tagsEnd = given.count
        }
        reading.checkPositional(positional, isBroken: node.isBroken, at: node.nameRange, &compiler)
        reading.checkTests(of: node, &compiler)
        guard !reading.failed, !node.isBroken else { return nil }
        given += positional
    }

    /// How many of a node's arguments are tags and their values, where all of them suit as they are: nearly
    /// always. Nil where something has to be decoded or complained of.
    private static func tagsEnd(_ node: SyntaxNode, _ usage: Usage, _ compiler: inout Compiler) -> Int? {
        guard !node.isBroken, node.tests.isEmpty, !compiler.decodesCharacters else { return nil }
        let arguments = node.arguments
        var index = 0
        // Bits for places in `usage.tags`; none has as many as there are bits.
        var seen: UInt64 = 0
        while index < arguments.count, case .tag(let name) = arguments[index].value {
            index += 1
            guard let place = usage.tags.firstIndex(where: { $0.name.isWord(name) }) else { return nil }
            if let capability = usage.tags[place].capability, !compiler.has(capability) { return nil }
            guard place < 64, seen >> UInt64(place) & 1 == 0 else { return nil }
            if seen != 0, let group = usage.tags[place].group {
                for other in usage.tags.indices where seen >> UInt64(other) & 1 != 0 {
                    if usage.tags[other].group == group { return nil }
                }
            }
            seen |= 1 << UInt64(place)
            guard let kind = usage.tags[place].value else { continue }
            guard index < arguments.count, suits(arguments[index].value, kind) else { return nil }
            index += 1
        }
        let count = arguments.count - index
        guard count <= usage.positional.count else { return nil }
        for place in usage.positional.indices {
            if place >= count {
                guard usage.positional[place].isOptional else { return nil }
            } else if !suits(arguments[index + place].value, usage.positional[place].kind) {
                return nil
            }
        }
        return index
    }

    /// Whether any tag is given.
    var hasTags: Bool { tagsEnd > 0 }

    /// Whether the tag is given.
    func has(_ tag: String) -> Bool { index(ofTag: tag) != nil }

    private func index(ofTag tag: String) -> Int? {
        for index in 0..<tagsEnd {
            if case .tag(let name) = given[index].value, name.isWord(tag) { return index }
        }
        return nil
    }

    /// What stands behind a tag and belongs to it.
    private func value(ofTag tag: String) -> SyntaxNode.Argument? {
        guard let index = index(ofTag: tag), index + 1 < tagsEnd else { return nil }
        if case .tag = given[index + 1].value { return nil }
        return given[index + 1]
    }

    /// Where the tag stands.
    func range(ofTag tag: String) -> Range<Int>? { index(ofTag: tag).map { given[$0].range } }

    /// The string behind a tag.
    func string(ofTag tag: String) -> SyntaxNode.Text? {
        value(ofTag: tag).flatMap { Self.texts($0).first }
    }

    /// The number behind a tag.
    func number(ofTag tag: String) -> Int? {
        guard case .number(let value)? = value(ofTag: tag)?.value else { return nil }
        return value
    }

    /// The strings behind a tag.
    func strings(ofTag tag: String) -> SyntaxNode.Texts {
        value(ofTag: tag).map { Self.texts($0) } ?? .several([])
    }

    /// Whether there are as many positional arguments.
    func has(positional index: Int) -> Bool { tagsEnd + index < given.count }

    /// A positional string; nil where an optional one was left out.
    func string(_ index: Int) -> SyntaxNode.Text? { strings(index).first }

    /// A positional string list, or a single string as a list of one.
    func strings(_ index: Int) -> SyntaxNode.Texts {
        has(positional: index) ? Self.texts(given[tagsEnd + index]) : .several([])
    }

    func number(_ index: Int) -> Int? {
        guard has(positional: index), case .number(let value) = given[tagsEnd + index].value else {
            return nil
        }
        return value
    }

    private static func texts(_ argument: SyntaxNode.Argument) -> SyntaxNode.Texts {
        switch argument.value {
        case .string(let text): .one(text)
        case .list(let texts): .several(texts)
        case .number, .tag: .several([])
        }
    }

    fileprivate static func suits(_ value: SyntaxNode.Argument.Value, _ kind: Usage.Kind) -> Bool {
        switch (value, kind) {
        case (.string, .string), (.string, .stringList), (.list, .stringList), (.number, .number): true
        default: false
        }
    }
}

/// What is checked while the arguments are read, and whether it went well.
private struct Reading {
    let usage: Usage
    /// `test` or `command`.
    let kind: String
    var failed = false
    /// After an unknown tag nobody knows whether the next argument belongs to it.
    var sawUnknownTag = false
    /// Groups of tags of which one was given, and which one.
    private var groups: [(group: String, tag: String)] = []

    init(usage: Usage, kind: String) {
        self.usage = usage
        self.kind = kind
    }

    /// `the header test`.
    var phrase: String { "the \(usage.name) \(kind)" }

    /// In scripts that a test file compiles only the first mistake of a command's arguments counts.
    mutating func fail(_ range: Range<Int>, _ message: String, help: String, _ compiler: inout Compiler) {
        if !failed || !compiler.isSuite { compiler.mistakes.add(range, message, help: help) }
        failed = true
    }

    func knows(_ tag: String) -> Bool { usage.tags.contains { $0.name == tag } }

    /// Nil for an unknown tag.
    mutating func tag(
        _ name: String, at range: Range<Int>, isGiven: Bool, _ compiler: inout Compiler
    ) -> Usage.Tag? {
        guard let tag = usage.tags.first(where: { $0.name == name }) else {
            sawUnknownTag = true
            guard !compiler.isTooLong(name), compiler.isFirstMiss("\(usage.name) :\(name)") else {
                failed = true
                return nil
            }
            fail(
                range, "unknown tag \":\(name)\" for \(phrase)",
                help: usage.tags.isEmpty
                    ? "it takes no tags: remove it"
                    : "it takes " + usage.tags.map { ":" + $0.name }.joined(separator: ", "), &compiler)
            return nil
        }
        if let capability = tag.capability, !compiler.capabilities.contains(capability) {
            failed = true
            compiler.missingCapability([capability], for: "the tag \":\(name)\"", at: range)
        }
        if isGiven {
            fail(range, "\":\(name)\" is given twice for \(phrase)", help: "remove one of them", &compiler)
        } else if let group = tag.group,
            let other = groups.first(where: { $0.group == group })?.tag
        {
            fail(
                range, "\":\(other)\" and \":\(name)\" exclude each other in \(phrase)",
                help: "give one \(group) only", &compiler)
        } else if let group = tag.group {
            groups.append((group, name))
        }
        return tag
    }

    mutating func checkPositional(
        _ arguments: [SyntaxNode.Argument], isBroken: Bool, at nameRange: Range<Int>,
        _ compiler: inout Compiler
    ) {
        for index in 0..<min(arguments.count, usage.positional.count) where !sawUnknownTag {
            let argument = arguments[index]
            let expected = usage.positional[index]
            if Arguments.suits(argument.value, expected.kind) { continue }
            fail(
                argument.range,
                "\(phrase) expects \(expected.kind.words) as argument \(index + 1) (\(expected.name)), but "
                    + "\(argument.value.words) was found",
                help: "write it as \(form)", &compiler)
        }
        let required = usage.positional.count { !$0.isOptional }
        if arguments.count > usage.positional.count, !sawUnknownTag {
            let limit =
                usage.positional.isEmpty
                ? "no arguments" : "\(usage.positional.count) positional arguments"
            fail(
                arguments[usage.positional.count].range,
                "\(phrase) takes \(limit), but \(arguments.count) stand here",
                help: "write it as \(form)", &compiler)
        } else if arguments.count < required, !isBroken {
            fail(
                nameRange, "\(phrase) needs \(usage.positional[arguments.count].words), which is missing",
                help: "write it as \(form)", &compiler)
        }
    }

    mutating func checkTests(of node: SyntaxNode, _ compiler: inout Compiler) {
        if let test = node.tests.first {
            // A tag without its colon is a test to the parser: this counts by itself.
            failed = true
            compiler.mistakes.add(
                test.nameRange, "\(phrase) takes no test, but \(MistakeList.quoted(test.name)) stands here",
                help: "a semicolon, a comma, or the colon of a tag may be missing before it")
        }
    }

    /// `header [tags] <header names> <keys>`.
    private var form: String {
        let tags = usage.tags.isEmpty ? "" : " [tags]"
        let arguments = usage.positional.map { $0.isOptional ? " [<\($0.name)>]" : " <\($0.name)>" }.joined()
        return usage.name + tags + arguments
    }
}

extension Usage.Positional {
    /// `a string list (header names)`.
    fileprivate var words: String { "\(kind.words) (\(name))" }
}
