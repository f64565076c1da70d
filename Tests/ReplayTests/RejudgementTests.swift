// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Testing

@testable import Gates
@testable import Replay

@Suite("Judging a recorded case again")
struct RejudgementTests {
    private func again(_ record: CaseRecord, _ ruleset: Ruleset) -> Rejudgement {
        Rejudgement.judge(record, connection: ruleset, message: ruleset)
    }

    @Test("under the same ruleset gives the same decision and trail, byte for byte (P12)")
    func identical() throws {
        let ruleset = try House.ruleset()
        for (name, record) in House.fates(ruleset) {
            // As from the case log, not from memory.
            let read = try JSONDecoder().decode(
                CaseRecord.self, from: Data(FactsEncoder().encode(record)))
            let judged = again(read, try House.ruleset())
            #expect(judged.isIdentical(to: read), "\(name)")
            #expect(judged.end == .settled(Rejudgement.Fate(record.fate)), "\(name)")
        }
    }

    @Test("holds for several recipients, refused ones among them, and for what was held unread")
    func more() throws {
        let ruleset = try House.ruleset()
        var several = Recorder(ruleset)
        several.recipients = ["a@example.test", "x@elsewhere.example", "b@example.test"]
        #expect(again(several.record(), ruleset).isIdentical(to: several.record()))
        var poisoned = Recorder(ruleset)
        poisoned.poison = "2 processes died judging this message"
        #expect(again(poisoned.record(), ruleset).isIdentical(to: poisoned.record()))
        var refused = Recorder(ruleset)
        refused.sender = "x@y.invalid"
        #expect(again(refused.record(), ruleset).isIdentical(to: refused.record()))
        var inside = Recorder(ruleset)
        inside.client = "10.0.0.2"
        #expect(again(inside.record(), ruleset).isIdentical(to: inside.record()))
    }

    @Test("what the client wished of the delivery counts again, and long texts of scripts compare")
    func wishes() throws {
        var recorder = Recorder(
            try House.ruleset(
                script: #"require ["envelope-dsn", "envelope", "replace"]; if envelope "notify" "NEVER" "#
                    + #"{ replace ""# + String(repeating: "0123456789abcde ", count: 2_000) + #""; }"#))
        recorder.wantsNoNotices = true
        let record = recorder.record()
        let settlement = try #require(record.transaction?.content?.judgement.outcome)
        #expect(settlement.entries.first?.options?.notify == .never)
        #expect(try FactsEncoder().encode(settlement).count < 10_000)
        let read = try JSONDecoder().decode(CaseRecord.self, from: Data(FactsEncoder().encode(record)))
        #expect(again(read, recorder.ruleset).isIdentical(to: read))
    }

    @Test("a changed trail is no longer identical, though the fate is the same")
    func changedTrail() throws {
        let record = Recorder(try House.ruleset()).record()
        let moved = try House.ruleset("! one line more\n" + House.mappings)
        let judged = again(record, moved)
        #expect(judged.end == .settled(.accept))
        #expect(!judged.isIdentical(to: record))
    }

    @Test("a record whose trail was tampered with is not identical")
    func tampered() throws {
        let ruleset = try House.ruleset()
        var record = Recorder(ruleset).record()
        record.transaction?.content?.judgement.trail.entries[0].result = "infected"
        #expect(!again(record, ruleset).isIdentical(to: record))
        record = Recorder(ruleset).record()
        record.connection.trail.entries.removeLast()
        #expect(!again(record, ruleset).isIdentical(to: record))
    }

    @Test("an answer that was removed leaves the case unanswered, with its question")
    func unanswered() throws {
        let ruleset = try House.ruleset()
        var record = Recorder(ruleset).record()
        record.transaction?.content?.judgement.exchanges.removeAll { $0.question == .scan(scanner: "clamav") }
        #expect(again(record, ruleset).end == .unanswered(.scan(scanner: "clamav")))
        #expect(!again(record, ruleset).isIdentical(to: record))
        var listed = Recorder(ruleset).record()
        listed.connection.exchanges.removeLast()
        let question = try #require(DNSQuestion(name: "7.2.0.192.list.test", type: .txt))
        #expect(again(listed, ruleset).end == .unanswered(.dns(question)))
    }

    @Test("a question that nobody asked then is unanswered, and may be put to the world")
    func newQuestion() throws {
        let record = Recorder(try House.ruleset()).record()
        let changed = try House.ruleset(
            House.mappings.replacingOccurrences(of: "list.test", with: "other.test"))
        guard case .unanswered(.dns(let question)) = again(record, changed).end else {
            Issue.record("answered from nowhere")
            return
        }
        #expect(question.name == "7.2.0.192.other.test")
        let asked = Rejudgement.judge(record, connection: changed, message: changed) { _ in
            .dns(.noSuchName(ttlSeconds: 1))
        }
        #expect(asked.end == .settled(.accept))
    }

    @Test("what was answered at one stage answers the same question at another")
    func otherStage() throws {
        let record = Recorder(try House.ruleset()).record()
        let changed = try House.ruleset(
            House.mappings
                + "\nMAIL_ACCESS\n\n"
                + "  TCP|*|*|*|*|*|*|*|*|*|*  $C$[dns_verify,dns_verify_domain,$2,list.test]$E\n")
        #expect(again(record, changed).end == .settled(.accept))
    }

    @Test("the same question answered differently gets its answers in their order")
    func twice() throws {
        let mappings = """
            PORT_ACCESS

              *  $C$[dns_verify,dns_verify,a.test|first|no]$L
              *  $C$[dns_verify,dns_verify,a.test|$$Y|$$N554]$E

            """
        let ruleset = try House.ruleset(mappings)
        var asked = 0
        let record = Recorder(ruleset).record { question in
            guard case .dns(let dns) = question else { return House.world("")(question) }
            guard dns.type == .a else { return .dns(.noData(ttlSeconds: 1)) }
            asked += 1
            return .dns(asked == 1 ? .records(["192.0.2.1"], ttlSeconds: 1) : .noSuchName(ttlSeconds: 1))
        }
        #expect(record.fate == .reject)
        #expect(again(record, ruleset).isIdentical(to: record))
    }

    @Test("content that wasn't kept can't be judged again")
    func needsContent() throws {
        let ruleset = try House.ruleset()
        for level in [CaseLevel.facts, .headers] {
            var recorder = Recorder(ruleset)
            recorder.level = level
            #expect(again(recorder.record(), ruleset).end == .needsContent)
        }
    }

    @Test("but what is refused before it needs none")
    func refusedBefore() throws {
        var recorder = Recorder(try House.ruleset())
        recorder.level = .headers
        let stricter = try House.ruleset(House.mappings + "\nSEND_ACCESS\n\n  *|*|*|bob@*  $NGone\n")
        #expect(again(recorder.record(), stricter).end == .settled(.reject))
    }

    @Test("what was refused and would be let on is admitted: what would have followed isn't known")
    func admitted() throws {
        let ruleset = try House.ruleset()
        let lax = try House.ruleset("")
        let fates = House.fates(ruleset)
        #expect(again(try #require(fates["listed"]), lax).end == .settled(.admit))
        var sender = Recorder(ruleset)
        sender.sender = "x@y.invalid"
        #expect(again(sender.record(), lax).end == .settled(.admit))
        var recipient = Recorder(
            try House.ruleset(House.mappings + "\nSEND_ACCESS\n\n  *|*|*|bob@*  $NGone\n"))
        recipient.text = nil
        #expect(recipient.record().fate == .reject)
        #expect(again(recipient.record(), lax).end == .settled(.admit))
    }

    @Test("what no gate ended keeps its fate: a client that left, a disk that was full")
    func otherEnds() throws {
        let ruleset = try House.ruleset()
        var recorder = Recorder(ruleset)
        recorder.text = nil
        var record = recorder.record()
        for fate in [CaseRecord.Fate.abandoned, .reject, .defer] {
            record.fate = fate
            #expect(again(record, ruleset).end == .settled(Rejudgement.Fate(fate)))
            #expect(again(record, ruleset).isIdentical(to: record))
        }
        recorder.recipients = []
        #expect(again(recorder.record(), ruleset).end == .settled(.abandoned))
        var failed = Recorder(ruleset).record()
        failed.fate = .defer
        #expect(again(failed, ruleset).end == .settled(.defer))
    }

    @Test("a record without recipients in its content is no reason to crash")
    func hollow() throws {
        let ruleset = try House.ruleset()
        var record = Recorder(ruleset).record()
        record.transaction?.recipients = []
        record.transaction?.content?.facts.recipients = []
        #expect(again(record, ruleset).end == .settled(.accept))
        #expect(!again(record, ruleset).isIdentical(to: record))
    }
}

@Suite("The report of a replay")
struct ReplayReportTests {
    private func report(_ records: [CaseRecord], _ ruleset: Ruleset) -> ReplayReport {
        var report = ReplayReport()
        for record in records {
            report.add(record, Rejudgement.judge(record, connection: ruleset, message: ruleset))
        }
        return report.sorted()
    }

    @Test("the same rules change nothing")
    func unchanged() throws {
        let ruleset = try House.ruleset()
        let report = report(Array(House.fates(ruleset).values), ruleset)
        #expect(report.cases == 6)
        #expect(report.unchanged == 6)
        #expect(report.identical == 6)
        #expect(report.changed.isEmpty)
        #expect(report.unanswered.isEmpty)
    }

    @Test("one changed mapping line gives exactly the expected difference")
    func oneLine() throws {
        let ruleset = try House.ruleset()
        // The watched sender is refused instead of held.
        let changed = try House.ruleset(
            House.mappings.replacingOccurrences(of: "watched@*|*  $Y$H", with: "watched@*|*  $NNot$ you"))
        let report = report(Array(House.fates(ruleset).values), changed)
        #expect(report.unchanged == 5)
        #expect(report.identical == 5)
        let change = try #require(report.changed.first)
        #expect(report.changed.count == 1)
        #expect(
            (change.from, change.to, change.entry, change.count, change.examples)
                == ("hold", "reject", "mappings:13", 1, ["A1-6.1"]))
    }

    @Test("a rule that is gone is named by its change all the same")
    func ruleGone() throws {
        let ruleset = try House.ruleset()
        let changed = try House.ruleset(script: "keep;")
        let report = report([try #require(House.fates(ruleset)["sidelined"])], changed)
        #expect(report.changed.map(\.entry) == ["mta.sieve:1"])
        let lax = try House.ruleset(
            House.mappings.replacingOccurrences(of: "watched@*|*  $Y$H", with: "watched@*|*  $Y"))
        let freed = self.report([try #require(House.fates(ruleset)["watched"])], lax)
        #expect(freed.changed.map(\.entry) == ["mappings:13"])
        #expect(freed.changed.map(\.to) == ["accept"])
    }

    @Test("an unanswered case is in no other count")
    func unanswered() throws {
        let ruleset = try House.ruleset()
        var record = Recorder(ruleset).record()
        record.connection.exchanges.removeFirst()
        let report = report([record, record, Recorder(ruleset).record()], ruleset)
        #expect(report.cases == 3)
        #expect(report.unanswered.map(\.question) == ["DNS A 7.2.0.192.list.test"])
        #expect(report.unanswered.map(\.count) == [2])
        #expect(report.unchanged == 1)
        #expect(report.changed.isEmpty)
        #expect(report.needsContent == 0)
    }

    @Test("a change that reaches only some recipients is a change")
    func recipients() throws {
        var recorder = Recorder(try House.ruleset())
        recorder.recipients = ["a@example.test", "b@example.test"]
        let stricter = try House.ruleset(House.mappings + "\nSEND_ACCESS\n\n  *|*|*|b@*  $NGone\n")
        let report = report([recorder.record()], stricter)
        #expect(report.changed.map(\.from) == ["accept"])
        #expect(report.changed.map(\.to) == ["accept"])
    }

    @Test("another way to the same recipient is a change")
    func route() throws {
        var policy = House.policy()
        policy.channels["new"] = Policy.Channel(hasRoute: true)
        policy.domains["example.test"] = "new"
        let report = report([Recorder(try House.ruleset()).record()], try House.ruleset(policy: policy))
        #expect(report.unchanged == 0)
    }

    @Test("alike changes are one group, the largest first, with a few examples")
    func grouping() throws {
        let ruleset = try House.ruleset()
        let changed = try House.ruleset(
            House.mappings.replacingOccurrences(of: "watched@*|*  $Y$H", with: "watched@*|*  $NNot$ you"),
            script: "keep;")
        var watched = Recorder(ruleset)
        watched.sender = "watched@sender.example"
        var lottery = Recorder(ruleset)
        lottery.text = "Subject: lottery\r\n\r\n"
        var records = [lottery.record()]
        for number in 0..<7 {
            watched.id = "A1-\(number).1"
            records.append(watched.record())
        }
        let report = report(records, changed)
        #expect(report.changed.map(\.count) == [7, 1])
        #expect(report.changed[0].examples == ["A1-0.1", "A1-1.1", "A1-2.1", "A1-3.1", "A1-4.1"])
    }

    @Test("kinds of changes and of questions are told apart up to a limit")
    func limits() throws {
        let ruleset = try House.ruleset()
        var report = ReplayReport()
        for number in 0..<1_200 {
            var record = Recorder(ruleset).record()
            record.peer = Peer(
                clientAddress: House.address("192.0.\(number / 200).\(number % 200)"), clientPort: 1,
                serverAddress: record.peer.serverAddress, serverPort: 25)
            report.add(record, Rejudgement.judge(record, connection: ruleset, message: ruleset))
        }
        // One of the addresses is that of the record.
        #expect(report.unanswered.count == ReplayReport.kindsMax + 1)
        #expect(report.unanswered.reduce(0) { $0 + $1.count } + report.unchanged == 1_200)
        #expect(report.sorted().unanswered.first?.question == "(others)")
    }

    @Test("cases of another evaluator and of a lost ruleset are counted")
    func others() throws {
        let ruleset = try House.ruleset()
        var record = Recorder(ruleset).record()
        record.evaluatorVersion = 0
        var report = report([record], ruleset)
        report.addWithoutRuleset()
        #expect(
            (report.otherEvaluator, report.unchanged, report.rulesetMissing, report.cases) == (1, 1, 1, 2))
    }

    @Test("as JSON it has the names that programs know")
    func json() throws {
        let text = String(decoding: try FactsEncoder().encode(ReplayReport()), as: UTF8.self)
        #expect(
            text == #"{"cases":0,"unchanged":0,"changed":[],"unanswered":[],"identical":0,"needs_content":0,"#
                + #""other_evaluator":0,"ruleset_missing":0}"#)
    }
}
