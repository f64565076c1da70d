// SPDX-License-Identifier: MIT
import Foundation
import MappingTables
import Mail
import Testing

@testable import Configuration
@testable import Gates

@Suite("The shipped probes")
struct SampleProbeTests {
    /// Answers DNS questions from `local_data`; any other name doesn't exist.
    private struct Zone {
        private var records: [String: [String]] = [:]

        init(_ lines: [String]) {
            for line in lines {
                let fields = line.split(separator: " ", maxSplits: 2).map(String.init)
                let data = fields[2].trimmingCharacters(in: CharacterSet(charactersIn: "\""))
                records["\(fields[0].dropLast()) \(fields[1])", default: []].append(data)
            }
        }

        /// `world` has the first word: a probe file may say what DNS alone can't.
        func answer(_ question: Question, in world: ProbeWorld) -> Answer {
            if let answer = world.answer(question) { return answer }
            guard case .dns(let asked) = question else {
                return .unavailable("no line says what is answered")
            }
            guard let data = records["\(asked.name) \(asked.type.rawValue)"] else {
                return .dns(.noSuchName(ttlSeconds: 1))
            }
            return .dns(.records(data, ttlSeconds: 1))
        }
    }

    private static func compilation() -> RulesetCompilation {
        let read = RuleSources.read(configuration: "\(TemporaryFolder.project)/rules/postern.toml")
        return RulesetArchive.compile(read.sources, isMachineChecked: false)
    }

    private static func run(_ probe: ProbeFile.Probe, _ ruleset: Ruleset, _ zone: Zone) throws -> TableOutcome
    {
        try #require(ruleset.tables.contains(probe.table), "\(probe)")
        var run = TableRun(
            tableNamed: probe.table, probe: probe.probe, inputFlags: probe.inputFlags, tables: ruleset.tables)
        var answers: [Answer] = []
        for _ in 0..<100 {
            switch run.next(answers) {
            case .ask(let questions): answers = questions.map { zone.answer($0, in: probe.world) }
            case .done(let outcome, _): return outcome
            }
        }
        throw ProbeFile.Mistake(line: probe.line, text: "the table asks without end")
    }

    @Test("every one has the outcome that stands beside it")
    func probes() throws {
        let compilation = Self.compilation()
        let ruleset = try #require(compilation.ruleset)
        let zone = Zone(try #require(compilation.settings).lookups.localData)
        let path = "\(TemporaryFolder.project)/rules/tests/mappings.probe"
        let file = try ProbeFile(String(contentsOfFile: path, encoding: .utf8))
        for probe in file.probes {
            let outcome = try Self.run(probe, ruleset, zone)
            #expect(outcome.matched == (probe.flags != nil), "\(probe)")
            guard let flags = probe.flags else { continue }
            #expect(outcome.flags.joined() == flags, "\(probe)")
            #expect(outcome.output == probe.output, "\(probe)")
        }
    }

    @Test("cover every entry of every table")
    func coverage() throws {
        let compilation = Self.compilation()
        let ruleset = try #require(compilation.ruleset)
        let zone = Zone(try #require(compilation.settings).lookups.localData)
        let path = "\(TemporaryFolder.project)/rules/tests/mappings.probe"
        var decided: Set<Int> = []
        for probe in try ProbeFile(String(contentsOfFile: path, encoding: .utf8)).probes {
            if let place = try Self.run(probe, ruleset, zone).place { decided.insert(place.line) }
        }
        let mappings = try String(
            contentsOfFile: "\(TemporaryFolder.project)/rules/mappings", encoding: .utf8)
        let entries = mappings.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { $0.element.hasPrefix(" ") }.map { $0.offset + 1 }
        #expect(entries.filter { !decided.contains($0) } == [])
    }

    @Test(
        "a probe file says what databases, dice, sequences, directories and meters answer, until it says otherwise"
    )
    func answers() throws {
        let file = try ProbeFile(
            """
            =dice\t250000
            =sequence\ttickets\t7
            =database\tgeneral\tKey\t$Yvalue
            =directory\tdefault\t(uid=a)\tann@example.test
            =directory\tdefault\t*\t-
            =meter\tgrey\t*\twait
            =meter\tperip\t192.0.2.1\tover
            T\tp\t-
            =dice\t999999
            T\tp\t-

            """)
        let first = file.probes[0].world
        #expect(first.answer(.dice) == .dice(250_000))
        #expect(first.answer(.sequence(SequenceQuestion(name: "tickets", modulus: nil))) == .sequence(7))
        let key = DatabaseQuestion(database: "general", key: "KEY")
        #expect(first.answer(.database(key)) == .database(.value("$Yvalue")))
        let other = DatabaseQuestion(database: "general", key: "no")
        #expect(first.answer(.database(other)) == .database(.none))
        for (filter, value) in [("(uid=a)", "ann@example.test"), ("(uid=b)", nil)] {
            let asked = DirectoryQuestion(
                directory: "default", base: "", scope: .sub, filter: filter, attributes: ["mail"])
            let entry = value.map {
                DirectoryEntry(name: "", attributes: [.init(name: "mail", values: [$0])])
            }
            #expect(
                first.answer(.directory(asked)) == .directory(entry.map { .entries([$0]) } ?? .none))
        }
        let grey = MeterQuestion(table: "grey", key: "any", operation: .greylist)
        #expect(first.answer(.meter(grey)) == .meter(.greylist(.new(waitSeconds: 300))))
        let use = MeterQuestion(table: "perip", key: "192.0.2.1", operation: .throttle)
        #expect(first.answer(.meter(use)) == .meter(.use(count: 1_000_000, isOver: true)))
        #expect(first.answer(.time) == nil)
        #expect(file.probes[1].world.answer(.dice) == .dice(999_999))
    }

    @Test("a probe file with a wrong line says which")
    func mistakes() {
        for text in ["! c\nPORT_ACCESS only\n", "\nX\tp\t-\tout\n", "X\tp\tn\n", "=dice\tx\n", "=what\t1\n"] {
            #expect(throws: ProbeFile.Mistake.self) { try ProbeFile(text) }
        }
    }
}
