// SPDX-License-Identifier: MIT
import Foundation
import Mail
import MappingTables
import Testing

@testable import Configuration
@testable import Gates

@Suite("Text databases of a ruleset")
struct CompiledDatabaseTests {
    private static let tables = "INTERNAL_IP\n\n  *   $C${INSIDE|$0}$E\n  *   $N\n"

    private static func rules(_ configuration: String, _ database: String?) throws -> RulesFixture {
        let rules = try RulesFixture()
        try rules.folder.write(SettingsFixture.good + configuration, to: "rules/postern.toml")
        try rules.folder.write(tables, to: "rules/mappings")
        if let database { try rules.folder.write(database, to: "rules/general.txt") }
        return rules
    }

    private static func flags(_ ruleset: Ruleset?, _ probe: String) throws -> [String] {
        var run = TableRun(
            .internalIP, probe: probe, inputFlags: [], tables: try #require(ruleset).tables)
        guard case .done(let outcome, _) = run.next([]) else { return ["asks"] }
        return outcome.flags
    }

    private static let general = "\n[database.general]\nfile = \"general.txt\"\n"

    @Test("are read with the rules, looked up at once, and part of the ruleset's hash")
    func compiled() throws {
        let rules = try Self.rules(Self.general, "INSIDE|192.0.2.1  $Y\n")
        #expect(rules.complaints() == [])
        let ruleset = rules.compile().ruleset
        #expect(try Self.flags(ruleset, "192.0.2.1") == ["Y"])
        #expect(try Self.flags(ruleset, "192.0.2.2") == ["N"])
        try rules.folder.write("INSIDE|192.0.2.2  $Y\n", to: "rules/general.txt")
        let later = rules.compile().ruleset
        #expect(later?.hash != ruleset?.hash)
        #expect(try Self.flags(later, "192.0.2.2") == ["Y"])
    }

    @Test("are in the archive, wherever their file was")
    func archived() throws {
        let rules = try Self.rules("\n[database.general]\nfile = \"../elsewhere/list\"\n", nil)
        try rules.folder.write("INSIDE|192.0.2.1  $Y\n", to: "elsewhere/list")
        #expect(rules.complaints() == [])
        let sources = rules.read().sources
        #expect(sources.files.contains { $0.name == "databases/general" })
    }

    @Test("that are missing or faulty are errors, with their file as the operator knows it")
    func faulty() throws {
        let missing = try Self.rules(Self.general, nil).complaints()
        #expect(missing == ["rules/general.txt:1:1 error the file can't be used: No such file or directory"])
        let faulty = try Self.rules(Self.general, "a  1\nA  2\n").complaints()
        #expect(
            faulty == ["rules/general.txt:2:1 error this key stands in line 1 already, with another value"])
    }

    @Test("that are live are asked, and not read with the rules")
    func live() throws {
        let rules = try Self.rules("\n[database.general]\nfile = \"general.txt\"\nlive = true\n", "x  y\n")
        #expect(rules.complaints() == [])
        #expect(try Self.flags(rules.compile().ruleset, "192.0.2.1") == ["asks"])
        #expect(!rules.read().sources.files.contains { $0.name.hasPrefix("databases/") })
    }

    @Test("that a template names and the configuration doesn't are errors")
    func unnamed() throws {
        #expect(
            try Self.rules("", nil).complaints()
                == ["rules/mappings:3:9 error there is no database general to look into"])
    }
}

@Suite("Limits of rules files")
struct RuleLimitTests {
    @Test("a mapping file of 100 MB is refused at once, with its size and what is read")
    func huge() throws {
        let rules = try RulesFixture()
        let handle = try #require(FileHandle(forWritingAtPath: "\(rules.folder.path)/rules/mappings"))
        try handle.truncate(atOffset: 100 << 20)
        try handle.close()
        #expect(
            rules.complaints() == [
                "rules/mappings:1:1 error the file can't be used: it has 104857600 octets; at most 67108864 are read"
            ])
        #expect(rules.compile().ruleset == nil)
    }

    @Test(
        "an include that was not written to its end is an error, wherever it was cut",
        arguments: [
            "  127.0.0.1   $Y\n  127.0.0.2   $", "  127.0.0.1   $Y\n  127.0.0", "  127.0.0.1   $Y\\",
            "  127.0.0.1   $Y\n  192.0.2.1   $Y",
        ])
    func halfWritten(text: String) throws {
        let rules = try RulesFixture()
        try rules.folder.write("INTERNAL_IP\n\n<hosts\n  *   $N\n", to: "rules/mappings")
        try rules.folder.write(text, to: "rules/hosts")
        #expect(rules.complaints().contains { $0.hasPrefix("rules/hosts:") && $0.contains(" error ") })
        try rules.folder.write("  127.0.0.1   $Y\n", to: "rules/hosts")
        #expect(rules.complaints() == [])
    }
}
