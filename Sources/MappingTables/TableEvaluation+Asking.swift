// SPDX-License-Identifier: MIT
internal import Mail

// What a template needs and does not have itself: other tables, databases, and answers to questions.

extension TableEvaluation {
    mutating func nest(
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

    /// Looks into a database of the ruleset; its value comes next. The reason to fail, if there is none.
    mutating func lookUp(
        _ key: [Template.Piece], in database: TextDatabase, _ expansion: inout TemplateExpansion,
        of target: Target
    ) -> String? {
        let text = expansion.argument(key, of: target)
        lookupsLeft -= 1
        octetsLeft -= text.count
        guard lookupsLeft >= 0 else {
            let reason = "more than \(limits.databaseLookupsMax) look-ups in databases"
            overrun = overrun ?? reason
            return reason
        }
        let value = database[text]
        if isTraced {
            note(
                .lookedUp(
                    .database, argument: UTF8Text.excerpt(text),
                    returned: value.map { UTF8Text.excerpt($0) }),
                frames.count)
        }
        guard let value else {
            return "\"\(UTF8Text.excerpt(text))\" is not in database \(Dialect.generalDatabase)"
        }
        return splice(value, into: &expansion)
    }

    /// Puts template text that came from elsewhere next. The reason to fail, if it is none.
    mutating func splice(_ text: [UInt8], into expansion: inout TemplateExpansion) -> String? {
        guard text.count <= limits.answerOctetsMax else {
            let reason = "an answer has more than \(limits.answerOctetsMax) octets"
            overrun = overrun ?? reason
            return reason
        }
        guard text.contains(UInt8(ascii: "$")) else {
            expansion.splice([.text(text)])
            return nil
        }
        let compiled = TemplateCompiler.compile(
            text, fieldCount: expansion.fields.count, context: tables.context)
        if let fault = compiled.faults.first(where: { $0.severity == .error }) {
            return "what came back is no template: \(fault.message)"
        }
        expansion.splice(compiled.template.pieces)
        return nil
    }

    /// Asks what `piece` needs to know.
    mutating func ask(
        _ piece: Template.Piece, _ expansion: TemplateExpansion, _ frame: inout TableFrame
    ) -> TableFrame.Move {
        guard let request = request(for: piece, expansion, of: frame.target) else {
            return fail(expansion, &frame, "there is nothing to look up")
        }
        questionsLeft -= 1
        guard questionsLeft >= 0, request.octets <= limits.textOctetsMax else {
            let reason =
                "more than \(limits.questionsMax) questions, or \(limits.textOctetsMax) octets in one"
            overrun = overrun ?? reason
            return fail(expansion, &frame, reason)
        }
        octetsLeft -= request.octets
        frame.expansion = expansion
        return .ask(request)
    }

    /// Nil where the piece names nothing, such as the domain of an empty field.
    private func request(
        for piece: Template.Piece, _ expansion: TemplateExpansion, of target: Target
    ) -> TableRequest? {
        func text(_ pieces: [Template.Piece], quoting: DirectoryQuoting? = nil) -> String {
            String(decoding: expansion.argument(pieces, of: target, quoting: quoting), as: UTF8.self)
        }
        switch piece {
        case .callout(let image, let routine, let argument):
            return .callout(Callout(image: image, routine: routine, argument: text(argument)))
        case .database(let key):
            return .database(DatabaseQuestion(database: Dialect.generalDatabase, key: text(key)))
        case .directory(let url):
            return .directory(
                DirectoryLookup(
                    directory: url.directory, base: text(url.base, quoting: .name), scope: url.scope,
                    filter: text(url.filter, quoting: .filter), wanted: url.attributes))
        case .domain(let domain, let attributes):
            let name = text(domain, quoting: .filter)
            if name.isEmpty { return nil }
            return .directory(
                DirectoryLookup(
                    directory: Dialect.defaultDirectory, base: "", scope: .sub,
                    filter: Dialect.domainFilter(name), wanted: attributes))
        case .sequence(let format): return .sequence(format)
        case .chance(let millionths): return .dice(millionths)
        case .text, .field, .flag, .control, .mode, .test, .table, .fallback: return nil
        }
    }
}

// MARK: Answers

extension TableEvaluation {
    /// What `answer` means for the table that asked, which is off the stack here.
    mutating func incoming(_ answer: Answer?, for request: TableRequest) -> TableFrame.Incoming {
        let incoming = meaning(of: answer, for: request)
        guard isTraced else { return incoming }
        var returned: String?
        switch incoming {
        case .text(let text), .template(let text): returned = UTF8Text.excerpt(text)
        case .passed: returned = "yes"
        case .failure: break
        }
        let (kind, argument) = request.traced
        let shown = UTF8Text.excerpt(Array(argument.utf8))
        let depth = frames.count
        if case .callout(let callout) = request {
            let cut = Callout(image: callout.image, routine: callout.routine, argument: shown)
            note(.called(cut, returned: returned), depth)
        } else {
            note(.lookedUp(kind, argument: shown, returned: returned), depth)
        }
        return incoming
    }

    private mutating func meaning(of answer: Answer?, for request: TableRequest) -> TableFrame.Incoming {
        switch (request, answer) {
        case (.callout, .callout(.some(let text))): return incoming(Array(text.utf8), from: .callout)
        case (.callout, .callout(nil)): return .failure("the callout failed", isTemporary: false)
        case (.database, .database(.value(let value))): return incoming(Array(value.utf8), from: .database)
        case (.database(let asked), .database(.none)):
            let key = UTF8Text.excerpt(Array(asked.key.utf8))
            return .failure("\"\(key)\" is not in database \(asked.database)", isTemporary: false)
        case (.database(let asked), .database(.failed(let why))):
            return trouble(
                "database \(asked.database)", why, isTemporary: Dialect.fallbackCoversDatabases)
        case (.directory(let lookup), .directory(.entries(let entries))):
            guard let value = lookup.value(in: entries) else {
                return .failure(
                    "the directory's entry has no \(lookup.wanted.joined(separator: ", "))",
                    isTemporary: false)
            }
            return incoming(value.map(Dialect.directoryOctet), from: .directory)
        case (.directory, .directory(.none)):
            return .failure("the directory has no such entry", isTemporary: false)
        case (.directory(let lookup), .directory(.unreachable(let why))):
            return trouble("directory \(lookup.question.directory)", why, isTemporary: true)
        case (.directory(let lookup), .directory(.refused(let why))):
            return trouble("directory \(lookup.question.directory) refused:", why, isTemporary: false)
        case (.sequence(let format), .sequence(let number)):
            guard number >= 0, number < format.modulus ?? Int64.max else {
                return trouble("sequence \(format.name)", "the number is out of range", isTemporary: false)
            }
            return .text(Array(format.text(of: number).utf8))
        case (.dice(let millionths), .dice(let fallen)):
            if fallen < millionths { return .passed }
            return .failure("the dice fell \(fallen), which is not below \(millionths)", isTemporary: false)
        case (let request, .unavailable(let why)):
            return trouble(Self.asked(request), why, isTemporary: Self.canFallBack(request))
        case (let request, _): return trouble(Self.asked(request), "it was not answered", isTemporary: false)
        }
    }

    private static func canFallBack(_ request: TableRequest) -> Bool {
        switch request {
        case .directory: true
        case .database: Dialect.fallbackCoversDatabases
        case .callout, .sequence, .dice: false
        }
    }

    /// Whom a question was put to, for people.
    private static func asked(_ request: TableRequest) -> String {
        switch request {
        case .callout(let callout): "callout \(callout.image),\(callout.routine)"
        case .database(let question): "database \(question.database)"
        case .directory(let lookup): "directory \(lookup.question.directory)"
        case .sequence(let format): "sequence \(format.name)"
        case .dice: "dice"
        }
    }

    /// Somebody could not answer. It is remembered, so that whoever reads the trail knows who it was.
    private mutating func trouble(_ who: String, _ why: String, isTemporary: Bool) -> TableFrame.Incoming {
        let text = "\(who): \(UTF8Text.excerpt(Array(why.utf8), octetsMax: Self.troubleOctetsMax))"
        if !troubles.contains(text) { troubles.append(text) }
        return .failure(text, isTemporary: isTemporary)
    }

    /// Octets of a reason that come from somebody else: they go into trails.
    private static let troubleOctetsMax = 256

    mutating func incoming(_ text: [UInt8], from source: Dialect.Source) -> TableFrame.Incoming {
        guard text.count <= limits.answerOctetsMax || source == .table else {
            let reason = "an answer has more than \(limits.answerOctetsMax) octets"
            overrun = overrun ?? reason
            return .failure(reason, isTemporary: false)
        }
        return Dialect.isScanned(source) ? .template(text) : .text(text)
    }
}
