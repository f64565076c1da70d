// SPDX-License-Identifier: MIT

/// RFC 5435 §3: `notify [:from string] [:importance <"1" / "2" / "3">] [:options string-list]
/// [:message string] <method: string>`
struct NotifyCommand: SieveCommand {
    static let usage = Usage(
        name: "notify", capabilities: ["enotify"],
        tags: [
            .init(name: "from", value: .string), .init(name: "importance", value: .string),
            .init(name: "options", value: .stringList), .init(name: "message", value: .string),
        ],
        positional: [.init(name: "method", kind: .string)])

    let from: Phrase?
    let importance: Phrase?
    let options: [Phrase]
    let message: Phrase?
    let method: Phrase

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0) else { return nil }
        method = compiler.phrase(text)
        from = arguments.string(ofTag: "from").map { compiler.phrase($0) }
        importance = arguments.string(ofTag: "importance").map { compiler.phrase($0) }
        message = arguments.string(ofTag: "message").map { compiler.phrase($0) }
        options = compiler.phrases(arguments.strings(ofTag: "options"))
        var isGood = true
        if let constant = method.constant {
            switch MailtoMethod.read(constant) {
            case .success: break
            case .failure(let problem):
                compiler.mistakes.add(text.range, problem.text, help: problem.help)
                isGood = false
            }
        }
        if let constant = importance?.constant, Self.importance(constant) == nil {
            compiler.mistakes.add(
                arguments.range(ofTag: "importance") ?? arguments.nameRange,
                "\(MistakeList.quoted(constant)) is no importance",
                help: "write \"1\" for high, \"2\" for normal or \"3\" for low")
            isGood = false
        }
        if let constant = from?.constant, RedirectCommand.address(constant) == nil {
            compiler.mistakes.add(
                arguments.range(ofTag: "from") ?? arguments.nameRange,
                "\(MistakeList.quoted(constant)) is not an address that mail can come from",
                help: "write one address such as \"name@example.org\"")
            isGood = false
        }
        for option in arguments.strings(ofTag: "options") {
            guard let constant = compiler.phrase(option).constant, !Self.isOption(constant) else { continue }
            compiler.mistakes.add(
                option.range, "\(MistakeList.quoted(constant)) is no option of a notification",
                help: "write each as \"name=value\"")
            isGood = false
        }
        if compiler.limits.notificationsMax == 0 {
            compiler.mistakes.add(
                arguments.nameRange, "notify is not allowed here: the limit of notifications is 0",
                help: "use another action, or ask whoever runs the server")
            isGood = false
        }
        guard isGood else { return nil }
    }

    /// RFC 5435 §3.5: a name of letters, digits, `.`, `-` and `_` that begins with one of the first two; a
    /// value without line ends.
    static func isOption(_ octets: [UInt8]) -> Bool {
        guard let equals = octets.firstIndex(of: UInt8(ascii: "=")), let first = octets.first else {
            return false
        }
        func isLetterOrDigit(_ octet: UInt8) -> Bool {
            Lexer.continuesIdentifier(octet) && octet != UInt8(ascii: "_")
        }
        return isLetterOrDigit(first)
            && octets[..<equals].allSatisfy { isLetterOrDigit($0) || ".-_".utf8.contains($0) }
            && octets[equals...].allSatisfy { $0 != 0 && $0 != 0x0A && $0 != 0x0D }
    }

    static func importance(_ octets: [UInt8]) -> Int? {
        octets.count == 1 && (0x31...0x33).contains(octets[0]) ? Int(octets[0] - 0x30) : nil
    }
}

/// RFC 5435 §4: `valid_notify_method <notification-uris: string-list>`
struct ValidNotifyMethodTest: SieveTest {
    static let usage = Usage(
        name: "valid_notify_method", capabilities: ["enotify"],
        positional: [.init(name: "notification URIs", kind: .stringList)])

    let methods: [Phrase]

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        methods = compiler.phrases(arguments.strings(0))
    }
}

/// RFC 5435 §5: `notify_method_capability [COMPARATOR] [MATCH-TYPE] <notification-uri: string>
/// <notification-capability: string> <key-list: string-list>`
struct NotifyMethodCapabilityTest: SieveTest {
    static let usage = Usage(
        name: "notify_method_capability", capabilities: ["enotify"], tags: KeyMatcher.tags,
        positional: [
            .init(name: "notification URI", kind: .string),
            .init(name: "notification capability", kind: .string), .init(name: "key list", kind: .stringList),
        ])

    let method: Phrase
    let capability: Phrase
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let method = arguments.string(0), let capability = arguments.string(1) else { return nil }
        self.method = compiler.phrase(method)
        self.capability = compiler.phrase(capability)
        guard let keys = KeyMatcher(keys: arguments.strings(2), arguments, &compiler) else { return nil }
        self.keys = keys
    }
}
