// SPDX-License-Identifier: MIT

import Mail
import SieveLanguage
import Testing

/// A script run on one message, as the tests write it.
struct Trial {
    var message = Trial.coyote
    var sender: Address? = Address("sender@example.com")
    var recipient: Address? = Address("me@example.org")
    var limits = SieveLimits()

    /// Message A of RFC 5228 §1.2, near enough.
    static let coyote = """
        Date: Tue, 1 Apr 1997 09:06:31 -0800 (PST)
        From: coyote@desert.example.org
        To: roadrunner@acme.example.com
        Subject: I have a present for you

        Look, I'm sorry about the whole anvil thing.

        """

    /// Message B of RFC 5228 §1.2, near enough.
    static let youCouldBeRich = """
        From: youcouldberich!@reply-by-postal-mail.invalid
        Sender: b1ff@de.res.example.com
        To: rube@landru.example.com
        Date: Mon, 31 Mar 1997 18:26:10 -0800
        Subject: $$$ YOU, TOO, CAN BE A MILLIONAIRE! $$$

        YOU MAY HAVE ALREADY WON TEN MILLION DOLLARS.

        """

    /// Fails the test where the script doesn't compile.
    func outcome(_ script: String) throws -> ScriptOutcome {
        try evaluate(script).outcome
    }

    func trail(_ script: String) throws -> Trail {
        try evaluate(script).trail
    }

    /// The actions in words, an implicit keep as the last: `["fileinto spam", "implicit keep"]`.
    func actions(_ script: String) throws -> [String] {
        let outcome = try outcome(script)
        #expect(outcome.error == nil)
        return outcome.actions.map { Self.words($0.kind) } + (outcome.implicitKeep ? ["implicit keep"] : [])
    }

    /// Whether `test` holds for the message.
    func holds(_ test: String) throws -> Bool {
        try actions("require [\"envelope\", \"encoded-character\"];\nif \(test) { discard; }") == ["discard"]
    }

    var environment: [String: String] = [:]
    var settings = SieveSettings()
    var library = ScriptLibrary()
    var spam = SpamFinding()
    /// What isn't in `answers` is not remembered, rather than unavailable.
    var isForgetful = false
    var authenticated: Address?
    var requests = EnvelopeRequests()
    /// Answers to what a script asks; what isn't here is unavailable.
    var answers: [Question: Answer] = [:]

    /// The message as the script edited it, with LF line ends; nil where it didn't.
    func edited(_ script: String) throws -> String? {
        let outcome = try outcome(script)
        #expect(outcome.error == nil)
        let bytes = MessageBytes(Self.wire(message))
        return outcome.edition.map {
            String(decoding: $0.bytes(of: bytes).filter { $0 != 0x0D }, as: UTF8.self)
        }
    }

    private func evaluate(_ source: String) throws -> (outcome: ScriptOutcome, trail: Trail) {
        let (script, complaints) = Script.compile(
            name: "test.sieve", source: Array(source.utf8), limits: limits, library: library)
        #expect(complaints.filter { $0.severity == .error } == [])
        var subject = SieveSubject(
            message: Message(parsing: MessageBytes(Self.wire(message))), sender: sender, recipient: recipient,
            originalRecipient: recipient, settings: settings)
        subject.environment = environment
        subject.spam = spam
        subject.authenticated = authenticated
        subject.requests = requests
        var evaluation = ScriptEvaluation(script: try #require(script), subject: subject, limits: limits)
        var learned: [Answer] = []
        // More rounds than any script may ask.
        for _ in 0..<200 {
            switch evaluation.next(learned) {
            case .done(let outcome, let trail): return (outcome, trail)
            case .ask(let questions):
                learned = questions.map { question in
                    if let answer = answers[question] { return answer }
                    if isForgetful, case .memory = question { return .memory(expires: nil) }
                    return .unavailable("nobody knows")
                }
            }
        }
        throw Unexpected(what: "the script never came to an end")
    }

    struct Unexpected: Error {
        var what: String
    }

    /// With CRLF line ends.
    static func wire(_ text: String) -> [UInt8] {
        text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }

    static func words(_ kind: SieveAction.Kind) -> String {
        switch kind {
        case .keep(let flags): (["keep"] + flags).joined(separator: " ")
        case .fileinto(let filing):
            (["fileinto"] + (filing.copy ? [":copy"] : []) + (filing.create ? [":create"] : [])
                + [filing.folder] + filing.flags).joined(separator: " ")
        case .redirect(let redirection):
            "redirect\(redirection.copy ? " :copy" : "") \(redirection.address)"
        case .reject(let reason), .ereject(let reason), .refuse(let reason), .hold(let reason),
            .addtag(let reason), .addprefix(let reason), .spamadjust(let reason), .transactionlog(let reason):
            "\(kind.name) \(reason)"
        default: kind.name
        }
    }
}

/// What compiling says, as the tests compare it.
enum Compiling {
    static func complaints(_ script: String, limits: SieveLimits = .init()) -> [Complaint] {
        complaints(Array(script.utf8), limits: limits)
    }

    static func complaints(_ script: [UInt8], limits: SieveLimits = .init()) -> [Complaint] {
        let (compiled, complaints) = Script.compile(name: "test.sieve", source: script, limits: limits)
        #expect((compiled == nil) == complaints.contains { $0.severity == .error })
        return complaints
    }

    /// `line:column: message` of each.
    static func places(_ script: String, limits: SieveLimits = .init()) -> [String] {
        complaints(script, limits: limits).map { "\($0.line):\($0.column): \($0.message)" }
    }
}
