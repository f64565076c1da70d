// SPDX-License-Identifier: MIT

/// Sun's private actions that take one string, or none.
struct AddtagCommand: SieveCommand {
    static let usage = GatewayUsage.text("addtag", "tag")
    let text: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = GatewayUsage.text(arguments, "tag", &compiler) else { return nil }
        self.text = text
    }
}

struct AddprefixCommand: SieveCommand {
    static let usage = GatewayUsage.text("addprefix", "text")
    let text: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = GatewayUsage.text(arguments, "text", &compiler) else { return nil }
        self.text = text
    }
}

struct RefuseCommand: SieveCommand {
    static let usage = GatewayUsage.text("refuse", "reason")
    let text: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = GatewayUsage.text(arguments, "reason", &compiler) else { return nil }
        self.text = text
    }
}

struct SpamadjustCommand: SieveCommand {
    static let usage = GatewayUsage.text("spamadjust", "adjustment")
    let text: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = GatewayUsage.text(arguments, "adjustment", &compiler) else { return nil }
        self.text = text
    }
}

struct VirussetCommand: SieveCommand {
    static let usage = GatewayUsage.text("virusset", "level")
    let text: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = GatewayUsage.text(arguments, "level", &compiler) else { return nil }
        self.text = text
    }
}

struct TransactionlogCommand: SieveCommand {
    static let usage = GatewayUsage.text("transactionlog", "text")
    let text: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = GatewayUsage.text(arguments, "text", &compiler) else { return nil }
        self.text = text
    }
}

struct NovacationCommand: SieveCommand {
    static let usage = Usage(name: "novacation", capabilities: GatewayUsage.capabilities("novacation"))
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}

struct NonotifyCommand: SieveCommand {
    static let usage = Usage(name: "nonotify", capabilities: GatewayUsage.capabilities("nonotify"))
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}

/// `addconversiontag <tags: string-list>`: conversion tags of the recipient, besides those he has.
struct AddconversiontagCommand: SieveCommand {
    static let usage = Usage(
        name: "addconversiontag", capabilities: GatewayUsage.capabilities("addconversiontag"),
        positional: [.init(name: "tags", kind: .stringList)])
    let tags: [Phrase]
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        tags = compiler.phrases(arguments.strings(0))
    }
}

/// `setconversiontag <tags: string-list>`: conversion tags of the recipient, instead of those he has.
struct SetconversiontagCommand: SieveCommand {
    static let usage = Usage(
        name: "setconversiontag", capabilities: GatewayUsage.capabilities("setconversiontag"),
        positional: [.init(name: "tags", kind: .stringList)])
    let tags: [Phrase]
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        tags = compiler.phrases(arguments.strings(0))
    }
}

/// `capture [:dsn / :message] <address: string>`: a copy, by itself or in a report with the envelope.
struct CaptureCommand: SieveCommand {
    static let usage = Usage(
        name: "capture", capabilities: GatewayUsage.capabilities("capture"),
        tags: [.init(name: "dsn", group: "form"), .init(name: "message", group: "form")],
        positional: [.init(name: "address", kind: .string)])

    let address: Phrase
    let withEnvelope: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0) else { return nil }
        address = compiler.phrase(text)
        withEnvelope = arguments.has("dsn")
        guard let constant = address.constant, RedirectCommand.address(constant) == nil else { return }
        compiler.mistakes.add(
            text.range, "\(MistakeList.quoted(constant)) is not an address that mail can be sent to",
            help: "write one address such as \"name@example.org\"")
        return nil
    }
}

/// `setenvelopefrom <address: string>`: the sender of every copy, in the envelope; `""` for the null
/// reverse-path.
struct SetenvelopefromCommand: SieveCommand {
    static let usage = GatewayUsage.text("setenvelopefrom", "address")
    let address: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0) else { return nil }
        address = compiler.phrase(text)
        guard let constant = address.constant, !constant.isEmpty, RedirectCommand.address(constant) == nil
        else { return }
        compiler.mistakes.add(
            text.range, "\(MistakeList.quoted(constant)) is not an address that mail can come from",
            help: "write one address such as \"name@example.org\", or \"\" for nobody")
        return nil
    }
}

/// Pigeonhole's: `debug_log <text: string>`. As `transactionlog`.
struct DebugLogCommand: SieveCommand {
    static let usage = Usage(
        name: "debug_log", capabilities: ["vnd.dovecot.debug"],
        positional: [.init(name: "text", kind: .string)])
    let text: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = GatewayUsage.text(arguments, "text", &compiler) else { return nil }
        self.text = text
    }
}

enum GatewayUsage {
    /// Sun's scripts require each action by its own name; ours may require all at once.
    static func capabilities(_ name: String) -> [String] { [name, Vocabulary.gateway] }

    static func text(_ name: String, _ argument: String) -> Usage {
        Usage(
            name: name, capabilities: capabilities(name), positional: [.init(name: argument, kind: .string)])
    }

    static func text(_ arguments: Arguments, _ name: String, _ compiler: inout Compiler) -> Phrase? {
        arguments.string(0).flatMap { compiler.text($0, naming: name) }
    }
}
