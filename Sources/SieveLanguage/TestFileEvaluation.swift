// SPDX-License-Identifier: MIT

package import Mail

/// A test file (`vnd.dovecot.testsuite`) being run: a script of tests with a virtual message, mail store and
/// outgoing mail. It asks for the files beside it, by `SuiteFiles`, and for the time.
package struct TestFileEvaluation: Evaluation {
    private let name: String
    private let path: String
    private let source: [UInt8]
    private var execution: Execution?
    private var asked: [Question] = []
    private var complaints: [Complaint] = []
    private var stage = Stage.start
    private var library = ScriptLibrary()

    /// A test file may include scripts, which have to be there when it is compiled.
    private enum Stage { case start, names, scripts, running }

    /// What a test file came to.
    package struct Outcome: Sendable {
        /// In the order of the file.
        package var cases: [SuiteCase]
        /// Why the file can't be run, or was given up.
        package var error: String?
    }

    /// `path` is what `${tst.path}` stands for.
    package init(name: String, path: String, source: [UInt8]) {
        self.name = name
        self.path = path
        self.source = source
    }

    package mutating func next(_ answers: [Answer]) -> Step<Outcome> {
        switch stage {
        case .start:
            guard includes else { break }
            stage = .names
            return ask(SuiteFiles.libraries.map { SuiteFiles.names(in: $0) })
        case .names:
            stage = .scripts
            var files: [Question] = []
            for (folder, answer) in zip(SuiteFiles.libraries, answers) {
                guard case .database(.value(let list)) = answer else { continue }
                files += SuiteFiles.names(list).map { SuiteFiles.contents(of: "\(folder)/\($0).sieve") }
            }
            if !files.isEmpty { return ask(files) }
        case .scripts:
            for (question, answer) in zip(asked, answers) { learn(question, answer) }
        case .running: return go(on: answers)
        }
        compile()
        stage = .running
        asked = []
        return go(on: [])
    }

    private mutating func ask(_ questions: [Question]) -> Step<Outcome> {
        asked = questions
        return .ask(questions)
    }

    private mutating func learn(_ question: Question, _ answer: Answer) {
        guard case .database(let file) = question, let octets = SuiteFiles.contents(answer) else { return }
        let words = file.key.split(separator: "/", maxSplits: 1).map(String.init)
        guard words.count == 2 else { return }
        SuiteFiles.add(String(words[1].dropLast(".sieve".utf8.count)), octets, of: words[0], to: &library)
    }

    /// Whether the file requires what takes scripts to compile it.
    private var includes: Bool {
        Script.compileProgram(
            name: name, source: source, limits: Self.limits, library: IncludedScripts(library: library),
            isSuite: true
        ).capabilities.contains("include")
    }

    /// A test file is an operator's own: thousands of tests, each with scripts and strings.
    private static var limits: SieveLimits {
        var limits = SieveLimits()
        limits.instructionsMax = 10_000_000
        limits.questionsMax = 10_000
        limits.matchedOctetsMax = 1_000_000_000
        limits.headerOctetsMax = 100_000_000
        limits.bodyOctetsMax = 1_000_000_000
        limits.actionsMax = 1_000
        limits.notificationsMax = 1_000
        limits.redirectsMax = 1_000
        return limits
    }

    private mutating func compile() {
        let compiled = Script.compile(
            name: name, source: source, limits: Self.limits, library: library, isSuite: true)
        complaints = compiled.complaints
        guard let script = compiled.script else { return }
        let subject = SieveSubject(
            message: Message(parsing: MessageBytes(SuiteState.standardMessage)), sender: nil, recipient: nil,
            originalRecipient: nil)
        var execution = Execution(script: script, subject: subject, limits: Self.limits)
        execution.suite = SuiteState(path: path)
        execution.setMessage(SuiteState.standardMessage)
        do throws(Interruption) {
            try execution.configure()
        } catch {
            // The configuration of a new world asks nothing, and can't be wrong.
            return
        }
        self.execution = execution
    }

    private mutating func go(on answers: [Answer]) -> Step<Outcome> {
        guard var running = execution else {
            let mistakes = complaints.filter { $0.severity == .error }
            let texts = mistakes.map { "\($0.file):\($0.line):\($0.column): \($0.message)" }
            return .done(Outcome(cases: [], error: texts.joined(separator: "; ")), Trail())
        }
        running.learn(asked, answers)
        asked = running.run()
        // Bounded by the limit of questions: the world of the file answers some by itself.
        while !asked.isEmpty {
            let known = asked.compactMap { running.suiteAnswer($0) }
            guard known.count == asked.count else { break }
            running.learn(asked, known)
            asked = running.run()
        }
        execution = running
        if !asked.isEmpty { return .ask(asked) }
        let error = running.fault.map { "\(running.place): \($0)" }
        return .done(Outcome(cases: running.suite?.cases ?? [], error: error), Trail())
    }
}
