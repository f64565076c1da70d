// SPDX-License-Identifier: MIT

/// Commands and tests of test files. Ordinary scripts can't require them.
enum SuiteVocabulary {
    static let capability = "vnd.dovecot.testsuite"

    static let commands: [any SieveCommand.Type] = [
        TestFailCommand.self, TestSetCommand.self, TestResultResetCommand.self, TestResultPrintCommand.self,
        TestMessageCommand.self, TestMessagePrintCommand.self, TestConfigSetCommand.self,
        TestConfigUnsetCommand.self, TestConfigReloadCommand.self, TestMailboxCreateCommand.self,
        TestMailboxDeleteCommand.self, TestBinarySaveCommand.self, TestBinaryLoadCommand.self,
    ]

    static let tests: [any SieveTest.Type] = [
        TestScriptCompileTest.self, TestScriptRunTest.self, TestMultiscriptTest.self,
        TestResultExecuteTest.self, TestResultActionTest.self, TestMessageTest.self, TestErrorTest.self,
    ]

    static func usage(
        _ name: String, _ arguments: [String] = [], tags: [Usage.Tag] = [], optional: Int = 0
    ) -> Usage {
        Usage(
            name: name, capabilities: [capability], tags: tags,
            positional: arguments.enumerated().map {
                .init(
                    name: $0.element, kind: .string, isOptional: $0.offset >= arguments.count - optional)
            })
    }
}

struct TestFailCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_fail", ["reason"])
    let reason: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0) else { return nil }
        reason = compiler.phrase(text)
    }
}

struct TestSetCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_set", ["object", "value"])
    let object: Phrase
    let value: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let object = arguments.string(0), let value = arguments.string(1) else { return nil }
        self.object = compiler.phrase(object)
        self.value = compiler.phrase(value)
    }
}

struct TestResultResetCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_result_reset")
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}

struct TestResultPrintCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_result_print")
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}

struct TestMessagePrintCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_message_print")
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}

struct TestConfigSetCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_config_set", ["name", "value"])
    let name: Phrase
    let value: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0), let value = arguments.string(1) else { return nil }
        self.name = compiler.phrase(name)
        self.value = compiler.phrase(value)
    }
}

struct TestConfigUnsetCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_config_unset", ["name"])
    let name: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0) else { return nil }
        self.name = compiler.phrase(name)
    }
}

struct TestConfigReloadCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage(
        "test_config_reload", tags: [.init(name: "extension", value: .string)])
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}

struct TestMailboxCreateCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_mailbox_create", ["name"])
    let name: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0) else { return nil }
        self.name = compiler.phrase(name)
    }
}

struct TestMailboxDeleteCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_mailbox_delete", ["name"])
    let name: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0) else { return nil }
        self.name = compiler.phrase(name)
    }
}

struct TestBinarySaveCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_binary_save", ["name"])
    let name: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0) else { return nil }
        self.name = compiler.phrase(name)
    }
}

struct TestBinaryLoadCommand: SieveCommand {
    static let usage = SuiteVocabulary.usage("test_binary_load", ["name"])
    let name: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0) else { return nil }
        self.name = compiler.phrase(name)
    }
}

/// `test_message :smtp n`, `test_message :folder "name" n`
struct ChosenMessage: Sendable {
    static let tags = [
        Usage.Tag(name: "smtp", group: "place"), Usage.Tag(name: "folder", group: "place", value: .string),
    ]
    static func usage() -> Usage {
        Usage(
            name: "test_message", capabilities: [SuiteVocabulary.capability], tags: tags,
            positional: [.init(name: "number", kind: .number)])
    }

    /// Nil is the mail that was sent.
    let folder: Phrase?
    let number: Int

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let number = arguments.number(0) else { return nil }
        self.number = number
        folder = arguments.string(ofTag: "folder").map { compiler.phrase($0) }
        guard folder != nil || arguments.has("smtp") else {
            compiler.mistakes.add(
                arguments.nameRange, "test_message needs \":smtp\" or \":folder\"",
                help: "write test_message :smtp 0;")
            return nil
        }
    }
}

struct TestMessageCommand: SieveCommand {
    static let usage = ChosenMessage.usage()
    let chosen: ChosenMessage
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let chosen = ChosenMessage(arguments, &compiler) else { return nil }
        self.chosen = chosen
    }
}

struct TestMessageTest: SieveTest {
    static let usage = ChosenMessage.usage()
    let chosen: ChosenMessage
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let chosen = ChosenMessage(arguments, &compiler) else { return nil }
        self.chosen = chosen
    }
}

struct TestScriptCompileTest: SieveTest {
    static let usage = SuiteVocabulary.usage("test_script_compile", ["file"])
    let file: Phrase
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let file = arguments.string(0) else { return nil }
        self.file = compiler.phrase(file)
    }
}

struct TestScriptRunTest: SieveTest {
    static let usage = SuiteVocabulary.usage("test_script_run", tags: [.init(name: "append_result")])
    let appends: Bool
    init?(_ arguments: Arguments, _ compiler: inout Compiler) { appends = arguments.has("append_result") }
}

struct TestMultiscriptTest: SieveTest {
    static let usage = Usage(
        name: "test_multiscript", capabilities: [SuiteVocabulary.capability],
        positional: [.init(name: "files", kind: .stringList)])
    let files: [Phrase]
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        files = compiler.phrases(arguments.strings(0))
    }
}

struct TestResultExecuteTest: SieveTest {
    static let usage = SuiteVocabulary.usage("test_result_execute")
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {}
}

/// `test_result_action` and `test_error [:comparator] [MATCH] [:index n] <keys>`
struct SuiteKeys: Sendable {
    static func usage(_ name: String) -> Usage {
        Usage(
            name: name, capabilities: [SuiteVocabulary.capability],
            tags: KeyMatcher.tags + [.init(name: "index", value: .number)],
            positional: [.init(name: "keys", kind: .stringList)])
    }

    /// From 1; nil: any.
    let index: Int?
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        index = arguments.number(ofTag: "index")
        guard let keys = KeyMatcher(keys: arguments.strings(0), arguments, &compiler) else { return nil }
        self.keys = keys
    }

    func match(_ texts: [String], _ execution: inout Execution) throws(Interruption) -> Bool {
        var values = texts.map { FieldValue($0) }
        if let index { values = index > 0 && index <= values.count ? [values[index - 1]] : [] }
        return try keys.match(values, &execution)
    }
}

struct TestResultActionTest: SieveTest {
    static let usage = SuiteKeys.usage("test_result_action")
    let keys: SuiteKeys
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let keys = SuiteKeys(arguments, &compiler) else { return nil }
        self.keys = keys
    }
}

struct TestErrorTest: SieveTest {
    static let usage = SuiteKeys.usage("test_error")
    let keys: SuiteKeys
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let keys = SuiteKeys(arguments, &compiler) else { return nil }
        self.keys = keys
    }
}
