// SPDX-License-Identifier: MIT

internal import Mail

/// RFC 6609: include, return, global.
extension Compiler {
    /// `include [LOCATION] [:once] [:optional] <script-name: string>`
    private static let includeUsage = Usage(
        name: "include", capabilities: ["include"],
        tags: [
            .init(name: "personal", group: "location"), .init(name: "global", group: "location"),
            .init(name: "once"), .init(name: "optional"),
        ],
        positional: [.init(name: "script name", kind: .string)])

    private static let returnUsage = Usage(name: "return", capabilities: ["include"])

    private static let globalUsage = Usage(
        name: "global", capabilities: ["include"], positional: [.init(name: "names", kind: .stringList)])

    mutating func compileReturn(_ node: SyntaxNode) {
        guard mayUse(Self.returnUsage, kind: "command", at: node.nameRange),
            Arguments(node, usage: Self.returnUsage, kind: "command", &self) != nil
        else { return }
        emit(.leave, from: node.nameRange)
    }

    /// §3.4: from here on the names are those of variables that scripts share.
    mutating func compileGlobal(_ node: SyntaxNode) {
        guard mayUse(Self.globalUsage, kind: "command", at: node.nameRange),
            let arguments = Arguments(node, usage: Self.globalUsage, kind: "command", &self)
        else { return }
        guard capabilities.contains("variables") else {
            mistakes.add(
                node.nameRange, "the global command is used without require \"variables\"",
                help: "write require \"variables\"; at the top of the script")
            return
        }
        for text in arguments.strings(0) {
            guard let octets = constant(text, naming: "variable's name") else { continue }
            let name = String(decoding: octets, as: UTF8.self).lowercased()
            guard globalNames.contains(name) || !setNames.contains(name) else {
                mistakes.add(
                    text.range,
                    "the variable \(MistakeList.quoted(name)) is set before it is declared global",
                    help: "move the global command before the first use of the variable")
                continue
            }
            // Declared first, so that it takes no slot of the script's own.
            globalNames.insert(name)
            if settable(text) == nil { globalNames.remove(name) }
        }
    }

    mutating func compileInclude(_ node: SyntaxNode) {
        let usage = Self.includeUsage
        guard mayUse(usage, kind: "command", at: node.nameRange),
            let arguments = Arguments(node, usage: usage, kind: "command", &self),
            let text = arguments.string(0), let octets = constant(text, naming: "script's name")
        else { return }
        guard let name = Self.scriptName(octets) else {
            mistakes.add(
                text.range, "\(MistakeList.quoted(octets)) is no script's name",
                help: "a name is UTF-8, has up to 128 characters, and no slash or control character")
            return
        }
        let key = IncludedScripts.Key(location: arguments.has("global") ? .global : .personal, name: name)
        guard let number = includedProgram(key, isOnce: arguments.has("once"), at: text.range) else {
            if !arguments.has("optional"), library.source(key) == nil {
                mistakes.add(
                    text.range,
                    "there is no \(key.location.rawValue) script \(MistakeList.quoted(name))",
                    help: "write it, or add :optional")
            }
            return
        }
        emit(.include(program: number, once: arguments.has("once")), from: node.nameRange)
    }

    /// RFC 6609 §3.2, RFC 5804 §1.6: what a script store takes as a name.
    private static func scriptName(_ octets: [UInt8]) -> String? {
        guard let name = String(validating: octets, as: UTF8.self), !name.isEmpty,
            name.unicodeScalars.count <= 128,
            name.unicodeScalars.allSatisfy({
                $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0 != "/" && $0.value != 0x2028
                    && $0.value != 0x2029
            })
        else { return nil }
        return name
    }

    /// The number of the program, compiled now if it wasn't yet. Nil where there is none.
    private mutating func includedProgram(
        _ key: IncludedScripts.Key, isOnce: Bool, at range: Range<Int>
    ) -> Int? {
        if let number = library.number(key) {
            if library.open.contains(key), !isOnce {
                mistakes.add(
                    range, "\(MistakeList.quoted(key.name)) includes itself",
                    help: "include it elsewhere, or with :once")
                return nil
            }
            return number
        }
        guard let source = library.source(key) else { return nil }
        guard library.open.count < limits.includeDepthMax, library.programs.count <= limits.includesMax else {
            mistakes.add(
                range,
                "the script includes more than \(limits.includesMax) others, or deeper than "
                    + "\(limits.includeDepthMax)",
                help: "include fewer")
            return nil
        }
        let number = library.begin(key)
        let compiled = Script.compileProgram(
            name: "\(key.name).sieve", source: source, limits: limits, library: library, withheld: withheld)
        library = compiled.library
        library.end(number, compiled.program, compiled.complaints)
        if compiled.complaints.contains(where: { $0.severity == .error }) {
            mistakes.add(
                range, "the included script \(MistakeList.quoted(key.name)) has mistakes",
                help: "mend it first")
        }
        return number
    }
}
