// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import FoundationEssentials
import Gates
import Mail
import Replay

/// `postern replay`: recorded cases, judged again.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Judge recorded cases again, under the same rules or under changed ones.",
        discussion: """
            With --rules, every case is judged by the rules of that folder, and what would end otherwise is shown.
            Without it, every case is judged by the archived ruleset that judged it, and must end as it did.
            Nothing is asked of the network, a scanner or a disk, except DNS and live databases with --ask: a question
            that a case has no answer to is reported as unanswered, and never counted as unchanged.
            """)

    @Option(help: "The configuration file; its state folder holds cases and archived rulesets.")
    var config = "rules/postern.toml"
    @Option(help: "Read cases from this folder.")
    var cases: String?
    @Option(help: "Not before: seconds since 1970, or a duration such as 2h or 7d back from now.")
    var since: String?
    @Option(help: "A folder of changed rules (with postern.toml), or a postern.toml.")
    var rules: String?
    @Option(help: "The folder of archived rulesets; by default beside the cases.")
    var rulesets: String?
    @Flag(
        help:
            "Put DNS and database questions that a case has no answer to, as --rules or --config say. No others."
    )
    var ask = false
    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let folder = try cases ?? StateLocator.stateFolder(config: config) + "/cases"
        let sinceMs = try since.map(CaseFilter.sinceMs) ?? 0
        let asker = ask ? ReplayAsker(configuration: rules.map(ReplayJudge.configuration) ?? config) : nil
        var judge = try ReplayJudge(
            changed: rules, archive: rulesets ?? folder + "/../rulesets", asker: asker)
        var report = ReplayReport()
        var reader = CaseReader(folder: folder)
        reader.forEach { record in
            if record.atMs >= sinceMs { judge.judge(record, into: &report) }
            return true
        }
        reader.forEachTable { record in
            if record.atMs >= sinceMs { judge.judge(record, into: &report) }
            return true
        }
        if reader.unreadable > 0 {
            StandardError.print("postern: \(reader.unreadable) lines could not be read as cases")
        }
        let sorted = report.sorted()
        if json {
            StandardOutput.print(String(decoding: try FactsEncoder().encode(sorted), as: UTF8.self))
        } else {
            StandardOutput.print(Self.text(sorted))
        }
    }

    private static func text(_ report: ReplayReport) -> String {
        var lines = [
            "\(report.cases) cases: \(report.unchanged) end as they did (\(report.identical) of them identical, trail "
                + "included), \(report.changed.reduce(0) { $0 + $1.count }) would change, "
                + "\(report.unanswered.reduce(0) { $0 + $1.count }) unanswered, \(report.needsContent) need the content"
        ]
        for change in report.changed {
            lines.append(
                "  \(change.count)  \(change.from) -> \(change.to)  by \(change.entry)  e.g. "
                    + change.examples.joined(separator: " "))
        }
        for missing in report.unanswered {
            lines.append("  \(missing.count)  not answered: \(missing.question)")
        }
        if report.rulesetMissing > 0 {
            lines.append("  \(report.rulesetMissing)  their archived ruleset is gone")
        }
        if report.otherEvaluator > 0 {
            lines.append("  \(report.otherEvaluator)  recorded by another version of the evaluator")
        }
        return lines.joined(separator: "\n")
    }
}

/// Finds the rules for each case and judges it.
private struct ReplayJudge {
    private let changed: Ruleset?
    private let archive: String
    private let asker: ReplayAsker?
    private var loaded: [String: Ruleset?] = [:]

    /// Rulesets kept compiled, at most; a case log rarely names more.
    private static let loadedMax = 50

    /// The configuration that a folder of rules, or a path, names.
    static func configuration(_ path: String) -> String {
        path.hasSuffix(".toml") ? path : path + "/postern.toml"
    }

    init(changed path: String?, archive: String, asker: ReplayAsker?) throws {
        self.archive = archive
        self.asker = asker
        guard let path else {
            changed = nil
            return
        }
        let file = Self.configuration(path)
        let read = RuleSources.read(configuration: file)
        let compilation = RulesetArchive.compile(
            read.sources, isMachineChecked: false, complaints: read.complaints)
        guard let ruleset = compilation.ruleset else {
            for complaint in compilation.complaints {
                StandardError.print(
                    Diagnostic(complaint, source: read.sources.source(of: complaint)).description)
            }
            StandardError.print("postern: \(file): the rules have mistakes; nothing was judged")
            throw ExitCode(1)
        }
        changed = ruleset
    }

    mutating func judge(_ record: CaseRecord, into report: inout ReplayReport) {
        let messageHash = record.transaction?.ruleset ?? record.connectionRuleset
        guard let connection = changed ?? archived(record.connectionRuleset),
            let message = changed ?? archived(messageHash)
        else { return report.addWithoutRuleset() }
        let judged = Rejudgement.judge(
            record, connection: connection, message: message, ask: asker.map { asker in { asker.answer($0) } }
        )
        report.add(record, judged)
    }

    mutating func judge(_ record: TableRecord, into report: inout ReplayReport) {
        guard let rules = changed ?? archived(record.ruleset) else { return report.addWithoutRuleset() }
        let judged = TableRejudgement.judge(
            record, by: rules, ask: asker.map { asker in { asker.answer($0) } })
        report.add(record, judged)
    }

    private mutating func archived(_ hash: String) -> Ruleset? {
        if let known = loaded[hash] { return known }
        if loaded.count >= Self.loadedMax { loaded.removeAll() }
        // A ruleset that is gone or doesn't compile any more is counted, case by case.
        let state = archive.hasSuffix("/rulesets") ? String(archive.dropLast("/rulesets".count)) : archive
        let sources = try? RulesetArchive.load(hash: hash, stateFolder: state, folder: "/")
        let ruleset = sources.flatMap { RulesetArchive.compile($0, isMachineChecked: false).ruleset }
        loaded[hash] = .some(ruleset)
        return ruleset
    }
}

/// Puts questions that a case has no answer to to DNS and to live databases. What the world says today may
/// differ from what it would have said then, which is why it is only done when it is asked for.
private final class ReplayAsker {
    private var network: NetworkQuestions
    private var trouble: String?

    init(configuration: String) {
        var rules = ConfigurationOption()
        rules.path = configuration
        network = NetworkQuestions(rules)
    }

    /// Nil for what isn't asked: meters count, sequences are used up, recipients and identities cost others
    /// work. That stays unanswered, and so does the time and chance of then.
    func answer(_ question: Question) -> Answer? {
        switch question {
        case .dns, .database, .script: break
        default: return nil
        }
        do {
            return try network.found([question]).first ?? nil
        } catch {
            if trouble == nil { StandardError.print("postern: \(error)") }
            trouble = "\(error)"
            return nil
        }
    }
}
