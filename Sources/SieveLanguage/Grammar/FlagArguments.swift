// SPDX-License-Identifier: MIT

/// RFC 5232 §3: `setflag`, `addflag` and `removeflag [<variablename: string>] <list-of-flags: string-list>`
struct FlagArguments: Sendable {
    /// Nil is the internal variable.
    let variable: Phrase.Piece?
    let flags: [Phrase]

    static let positional: [Usage.Positional] = [
        .init(name: "variable name or flags", kind: .stringList),
        .init(name: "flags", kind: .stringList, isOptional: true),
    ]

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard arguments.has(positional: 1) else {
            variable = nil
            flags = compiler.phrases(arguments.strings(0))
            return
        }
        flags = compiler.phrases(arguments.strings(1))
        guard let found = Self.variables(arguments, &compiler), found.count == 1 else {
            if arguments.strings(0).count > 1 {
                compiler.mistakes.add(
                    arguments.nameRange, "flags are put into one variable, not into several",
                    help: "write one variable's name")
            }
            return nil
        }
        variable = found.first
    }

    /// The variables that the first argument names. Nil after a mistake.
    static func variables(_ arguments: Arguments, _ compiler: inout Compiler) -> [Phrase.Piece]? {
        guard compiler.capabilities.contains("variables") else {
            compiler.missingCapability(
                ["variables"], for: "a variable of flags", at: arguments.nameRange)
            return nil
        }
        var found: [Phrase.Piece] = []
        for text in arguments.strings(0) {
            guard let variable = compiler.settable(text) else { return nil }
            found.append(variable)
        }
        return found
    }
}

struct SetflagCommand: SieveCommand {
    static let usage = Usage(
        name: "setflag", capabilities: ["imap4flags"], positional: FlagArguments.positional)
    let flags: FlagArguments

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let flags = FlagArguments(arguments, &compiler) else { return nil }
        self.flags = flags
    }
}

struct AddflagCommand: SieveCommand {
    static let usage = Usage(
        name: "addflag", capabilities: ["imap4flags"], positional: FlagArguments.positional)
    let flags: FlagArguments

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let flags = FlagArguments(arguments, &compiler) else { return nil }
        self.flags = flags
    }
}

struct RemoveflagCommand: SieveCommand {
    static let usage = Usage(
        name: "removeflag", capabilities: ["imap4flags"], positional: FlagArguments.positional)
    let flags: FlagArguments

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let flags = FlagArguments(arguments, &compiler) else { return nil }
        self.flags = flags
    }
}

/// RFC 5232 §4: `hasflag [MATCH-TYPE] [COMPARATOR] [<variable-list: string-list>]
/// <list-of-flags: string-list>`
struct HasflagTest: SieveTest {
    static let usage = Usage(
        name: "hasflag", capabilities: ["imap4flags"], tags: KeyMatcher.tags,
        positional: FlagArguments.positional)

    /// Empty is the internal variable.
    let variables: [Phrase.Piece]
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        let hasVariables = arguments.has(positional: 1)
        // §2: one string of flags with blanks between them is the same as a list.
        guard
            let keys = KeyMatcher(
                keys: arguments.strings(hasVariables ? 1 : 0), arguments, splitsAtBlanks: true, &compiler)
        else { return nil }
        self.keys = keys
        guard hasVariables else {
            variables = []
            return
        }
        guard let variables = FlagArguments.variables(arguments, &compiler) else { return nil }
        self.variables = variables
    }
}
