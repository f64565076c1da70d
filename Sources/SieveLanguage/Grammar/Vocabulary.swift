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
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool
    /// As `init`. Made where the type is known, an optional of it costs no look-up at run time.
    static func make(_ arguments: Arguments, _ compiler: inout Compiler) -> (any SieveTest)?
}

extension SieveTest {
    static func make(_ arguments: Arguments, _ compiler: inout Compiler) -> (any SieveTest)? {
        Self(arguments, &compiler)
    }
}

/// An action: how it is written, what it compiles to, how it runs. As `SieveTest`.
protocol SieveCommand: Sendable {
    static var usage: Usage { get }
    init?(_ arguments: Arguments, _ compiler: inout Compiler)
    func perform(_ execution: inout Execution) throws(Interruption)
    /// As `init`. Made where the type is known, an optional of it costs no look-up at run time.
    static func make(_ arguments: Arguments, _ compiler: inout Compiler) -> (any SieveCommand)?
}

extension SieveCommand {
    static func make(_ arguments: Arguments, _ compiler: inout Compiler) -> (any SieveCommand)? {
        Self(arguments, &compiler)
    }
}

/// Every word of the language, and every capability that a script may require.
enum Vocabulary {
    private static let commands: [any SieveCommand.Type] = [
        AddconversiontagCommand.self, AddflagCommand.self, AddheaderCommand.self, AddprefixCommand.self,
        AddtagCommand.self, CaptureCommand.self, DebugLogCommand.self, DeleteheaderCommand.self,
        DiscardCommand.self, EncloseCommand.self, ErejectCommand.self,
        ErrorCommand.self, ExtracttextCommand.self, FileintoCommand.self, HoldCommand.self,
        JettisonCommand.self, KeepCommand.self, MetermaidCommand.self,
        NonotifyCommand.self, NotifyCommand.self, NovacationCommand.self, RedirectCommand.self,
        RefuseCommand.self,
        RejectCommand.self, RemoveflagCommand.self, ReplaceCommand.self, ReportCommand.self, SetCommand.self,
        SetconversiontagCommand.self, SetenvelopefromCommand.self,
        SetflagCommand.self, SpamadjustCommand.self, TransactionlogCommand.self, VacationCommand.self,
        VirussetCommand.self,
    ]

    private static let tests: [any SieveTest.Type] = [
        AddressTest.self, BodyTest.self, CurrentDateTest.self, DateTest.self, DefectTest.self,
        DuplicateTest.self,
        EnvelopeTest.self,
        EnvironmentTest.self, ExistsTest.self, HasflagTest.self, HeaderTest.self, IhaveTest.self,
        MailboxexistsTest.self, MetermaidTest.self, NotifyMethodCapabilityTest.self, SizeTest.self,
        SpamtestTest.self,
        SpecialuseExistsTest.self,
        StringTest.self, ValidExtListTest.self, ValidNotifyMethodTest.self, VirustestTest.self,
    ]

    /// What `require` accepts (RFC 5228 §3.2). Capabilities compare with case (§6).
    static let capabilities: Set<String> = [
        "body", "enclose", "enotify", "extracttext", "foreverypart", "mime", "replace", "vacation",
        "vacation-seconds",
        "envelope-deliverby", "envelope-dsn", "redirect-deliverby", "redirect-dsn", "vnd.dovecot.environment",
        "vnd.dovecot.report",
        "comparator-i;ascii-casemap", "comparator-i;ascii-numeric", "comparator-i;octet",
        "comparator-i;unicode-casemap", "copy", "date", "duplicate", "editheader", "encoded-character",
        "envelope",
        "environment", "ereject", "extlists", "fileinto", "ihave", "imap4flags", "include", "index",
        "mailbox", "regex", "reject", "relational", "spamtest", "spamtestplus", "special-use", "subaddress",
        "variables", "virustest", "vnd.dovecot.debug", defect, gateway,
        // Sun's, each by its own name.
        "addconversiontag", "addprefix", "addtag", "capture", "hold", "jettison", "metermaid", "nonotify",
        "novacation", "refuse", "setconversiontag", "setenvelopefrom", "spamadjust", "transactionlog",
        "virusset",
    ]

    /// The capability that another brings with it: RFC 6131, and those of Pigeonhole.
    static func implied(by capability: String) -> String? {
        switch capability {
        case "vacation-seconds": "vacation"
        case "vnd.dovecot.environment": "environment"
        default: nil
        }
    }

    /// What `ihave` never has, as it changes how strings are read (RFC 5463 §4).
    static let beyondIhave: Set<String> = ["encoded-character", "variables"]

    /// Namespaces of variables (RFC 5229 §3) by their first word, each with the capability that makes it
    /// known.
    static let namespaces = [
        "env": "vnd.dovecot.environment", "global": "include",
        "tst": SuiteVocabulary.capability,
    ]

    /// Sun's actions and tests under one name. Sun's own scripts require each by its own.
    static let gateway = "vnd.postern.gateway"
    /// The `defect` test.
    static let defect = "vnd.postern.defect"

    /// Commands that steer the script; the compiler itself knows them.
    enum Control: String, CaseIterable, Sendable {
        case `break`, `else`, elsif, foreverypart, global, `if`, include, require, `return`, stop
    }

    /// Tests that join others; the compiler turns them into jumps.
    enum Connective: String, CaseIterable, Sendable {
        case allof, anyof, `false`, not, `true`
    }

    private static let controls = WordTable(Control.allCases.map { ($0.rawValue, $0) })
    private static let connectives = WordTable(Connective.allCases.map { ($0.rawValue, $0) })

    static func control(_ name: String) -> Control? { controls[name] }
    static func connective(_ name: String) -> Connective? { connectives[name] }

    private static let commandsByName = WordTable(
        (commands + SuiteVocabulary.commands).map { ($0.usage.name, $0) })
    private static let testsByName = WordTable((tests + SuiteVocabulary.tests).map { ($0.usage.name, $0) })

    static func command(_ name: String) -> (any SieveCommand.Type)? { commandsByName[name] }
    static func test(_ name: String) -> (any SieveTest.Type)? { testsByName[name] }

    static func isCommand(_ name: String) -> Bool { commandsByName[name] != nil || controls[name] != nil }
    static func isTest(_ name: String) -> Bool { testsByName[name] != nil || connectives[name] != nil }

    /// A word that begins a command and never a test: where a test might stand, a semicolon is missing
    /// instead.
    static func isOnlyCommand(_ name: String) -> Bool { isCommand(name) && !isTest(name) }

    /// Whether `word` behind the arguments of `name` begins the next command rather than a test of this
    /// one: it must, or it is no test and this command takes none.
    static func beginsCommand(_ word: String, behind name: String) -> Bool {
        isOnlyCommand(word) || (!isTest(word) && isOnlyCommand(name) && !takesBlock(name))
    }

    static func takesBlock(_ name: String) -> Bool {
        switch name {
        case "else", "elsif", "foreverypart", "if", "test": true
        default: false
        }
    }

    /// Nothing but a test can stand behind it.
    static func takesTest(_ name: String) -> Bool { name == "if" || name == "elsif" || name == "not" }

    /// For messages, in alphabetical order.
    static var commandNames: String {
        (commands.map { $0.usage.name } + Control.allCases.map(\.rawValue)).sorted().joined(separator: ", ")
    }
    static var testNames: String {
        (tests.map { $0.usage.name } + Connective.allCases.map(\.rawValue)).sorted().joined(separator: ", ")
    }
    static var capabilityNames: String { capabilities.sorted().joined(separator: ", ") }
}
