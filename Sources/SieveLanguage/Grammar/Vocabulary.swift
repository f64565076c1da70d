// SPDX-License-Identifier: MIT

/// A test: how it is written, what it compiles to, how it runs.
///
/// One file in Grammar/ and its namesake in Runtime/ hold all of a test; `Vocabulary.tests` names it.
protocol SieveTest: Sendable {
    static var usage: Usage { get }
    /// Checks what `usage` can't say, complains to the compiler, and prepares everything that no message
    /// changes. Nil after a mistake.
    init?(_ arguments: Arguments, _ compiler: inout Compiler)
    /// Whether it is true of the message. Throws when a limit is reached.
    func holds(_ execution: inout Execution) throws(RuntimeFault) -> Bool
}

/// An action: how it is written, what it compiles to, how it runs. As `SieveTest`.
protocol SieveCommand: Sendable {
    static var usage: Usage { get }
    init?(_ arguments: Arguments, _ compiler: inout Compiler)
    func perform(_ execution: inout Execution) throws(RuntimeFault)
}

/// Every word of the language, and every capability that a script may require.
enum Vocabulary {
    private static let commands: [any SieveCommand.Type] = [
        DiscardCommand.self, ErejectCommand.self, FileintoCommand.self, HoldCommand.self,
        JettisonCommand.self,
        KeepCommand.self, RedirectCommand.self, RejectCommand.self,
    ]

    private static let tests: [any SieveTest.Type] = [
        AddressTest.self, EnvelopeTest.self, ExistsTest.self, HeaderTest.self, SizeTest.self,
    ]

    /// What `require` accepts (RFC 5228 §3.2). Capabilities compare with case (§6).
    static let capabilities: Set<String> = [
        "comparator-i;ascii-casemap", "comparator-i;octet", "copy", "encoded-character", "envelope",
        "ereject",
        "fileinto", "hold", "jettison", "reject", gateway,
    ]

    /// Our own actions, `hold` and `jettison`, under one name. Sun's scripts require each by its own.
    static let gateway = "vnd.postern.gateway"

    /// Commands that steer the script; the compiler itself knows them.
    private static let controls: Set<String> = ["else", "elsif", "if", "require", "stop"]

    /// Tests that join others; the compiler turns them into jumps.
    private static let connectives: Set<String> = ["allof", "anyof", "false", "not", "true"]

    private static let commandsByName = Dictionary(
        commands.map { ($0.usage.name, $0) }, uniquingKeysWith: { first, _ in first })
    private static let testsByName = Dictionary(
        tests.map { ($0.usage.name, $0) }, uniquingKeysWith: { first, _ in first })

    static func command(_ name: String) -> (any SieveCommand.Type)? { commandsByName[name] }
    static func test(_ name: String) -> (any SieveTest.Type)? { testsByName[name] }

    static func isCommand(_ name: String) -> Bool { commandsByName[name] != nil || controls.contains(name) }
    static func isTest(_ name: String) -> Bool { testsByName[name] != nil || connectives.contains(name) }

    /// A word that begins a command and never a test: where a test might stand, a semicolon is missing
    /// instead.
    static func isOnlyCommand(_ name: String) -> Bool { isCommand(name) && !isTest(name) }

    /// Whether `word` behind the arguments of `name` begins the next command rather than a test of this
    /// one: it must, or it is no test and this command takes none.
    static func beginsCommand(_ word: String, behind name: String) -> Bool {
        isOnlyCommand(word) || (!isTest(word) && isOnlyCommand(name) && !takesBlock(name))
    }

    static func takesBlock(_ name: String) -> Bool { ["else", "elsif", "if"].contains(name) }

    /// For messages, in alphabetical order.
    static var commandNames: String {
        (Array(commandsByName.keys) + controls).sorted().joined(separator: ", ")
    }
    static var testNames: String { (Array(testsByName.keys) + connectives).sorted().joined(separator: ", ") }
    static var capabilityNames: String { capabilities.sorted().joined(separator: ", ") }
}
