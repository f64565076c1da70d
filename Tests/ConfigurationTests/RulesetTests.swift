// SPDX-License-Identifier: MIT
import Foundation
import Gates
import MappingTables
import Mail
import SieveLanguage
import Testing

@testable import Configuration

/// A rules folder and a sieve folder beside it, of a test's own.
struct RulesFixture {
    let folder: TemporaryFolder
    static let mappings = """
        INTERNAL_IP

          127.0.0.2   $Y

        ORIG_SEND_ACCESS

          tcp_local|*|tcp_local|*   $X5.7.1|$NRelaying$ not$ allowed

        """

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(SettingsFixture.good, to: "rules/postern.toml")
        try folder.write(Self.mappings, to: "rules/mappings")
        try folder.write("keep;\n", to: "sieve/mta.sieve")
    }

    var configuration: String { "\(folder.path)/rules/postern.toml" }

    func read() -> (sources: RuleSources, complaints: [Complaint]) {
        var limits = RuleSourceLimits()
        // These files are written by the test itself, which is done writing.
        limits.quietMs = 0
        return RuleSources.read(configuration: configuration, limits: limits)
    }

    func compile() -> RulesetCompilation {
        let read = read()
        return RulesetArchive.compile(read.sources, isMachineChecked: false, complaints: read.complaints)
    }

    /// Complaints with the test's own folder taken off their files.
    func complaints() -> [String] {
        compile().complaints.map {
            "\($0.file.dropFirst(folder.path.count + 1)):\($0.line):\($0.column) \($0.severity) \($0.message)"
        }
    }
}

@Suite("A ruleset")
struct RulesetTests {
    @Test("is compiled from configuration, mappings and scripts, and named by their hash")
    func compiled() throws {
        let rules = try RulesFixture()
        try rules.folder.write("discard;\n", to: "sieve/users/Ann@Example.NET.sieve")
        let compilation = rules.compile()
        #expect(compilation.complaints.isEmpty)
        let ruleset = try #require(compilation.ruleset)
        #expect(ruleset.hash.utf8.count == 64)
        #expect(ruleset.tables.names == ["INTERNAL_IP", "ORIG_SEND_ACCESS"])
        #expect(ruleset.scripts.mta?.name == "mta.sieve")
        #expect(ruleset.scripts.users.keys.sorted() == ["ann@example.net"])
        #expect(ruleset.policy.hostname == "gate.example.net")
        #expect(compilation.settings?.service.stateFolder == "\(rules.folder.path)/rules/state")
    }

    @Test(
        "has a hash that doesn't depend on the order of its files, and changes with one byte or name"
    )
    func hash() {
        let one = RuleFile(name: "rules/mappings", bytes: [1, 2])
        let other = RuleFile(name: "sieve/mta.sieve", bytes: [3])
        let hash = { (files: [RuleFile]) in RuleSources(files: files, folder: "/").hash }
        #expect(hash([one, other]) == hash([other, one]))
        #expect(hash([one, other]) != hash([one]))
        #expect(hash([one]) != hash([RuleFile(name: one.name, bytes: [1, 3])]))
        #expect(hash([one]) != hash([RuleFile(name: "rules/mappingt", bytes: one.bytes)]))
        let cut = [RuleFile(name: "a", bytes: Array("1\nb\0001\nx".utf8)), RuleFile(name: "b", bytes: [])]
        let joined = [
            RuleFile(name: "a", bytes: Array("1\n".utf8)), RuleFile(name: "b", bytes: Array("x".utf8)),
        ]
        #expect(hash(cut) != hash(joined))
    }

    @Test("has the same hash wherever its folders are")
    func place() throws {
        #expect(try RulesFixture().read().sources.hash == RulesFixture().read().sources.hash)
    }

    @Test("every mistake in every file is reported at once")
    func everyMistake() throws {
        let rules = try RulesFixture()
        try rules.folder.write(SettingsFixture.good + "[limit]\nx = 1\n", to: "rules/postern.toml")
        try rules.folder.write(
            RulesFixture.mappings + "\nSEND_ACCESS\n\n  pattern-only\n", to: "rules/mappings")
        try rules.folder.write("kep;\n", to: "sieve/mta.sieve")
        try rules.folder.write("keep;\n", to: "sieve/users/nobody.sieve")
        let compilation = rules.compile()
        #expect(compilation.ruleset == nil)
        #expect(compilation.settings == nil)
        let complaints = rules.complaints()
        #expect(complaints.count == 4)
        #expect(
            complaints.map { $0.prefix { $0 != " " } } == [
                "rules/mappings:11:3", "rules/postern.toml:21:2", "sieve/mta.sieve:1:1",
                "sieve/users/nobody.sieve:1:1",
            ])
    }

    @Test("scripts that a channel names must be there, and those that are there should be named")
    func references() throws {
        let rules = try RulesFixture()
        let text = SettingsFixture.good.replacingFirst(
            "[channel.tcp_local]\n", "[channel.tcp_local]\nsource_script = \"tcp_lokal\"\n")
        try rules.folder.write(text, to: "rules/postern.toml")
        try rules.folder.write("keep;\n", to: "sieve/channels/tcp_local.sieve")
        #expect(
            rules.complaints() == [
                "rules/postern.toml:14:17 error channel.tcp_local.source_script is \"tcp_lokal\","
                    + " but there is no such script",
                "sieve/channels/tcp_local.sieve:1:1 warning no channel uses this script",
            ])
        #expect(rules.compile().complaints.first?.help.hasPrefix("did you mean \"tcp_local\"? ") == true)
    }

    @Test("a table that nothing consults is a mistake, since a misspelt one would refuse nobody")
    func unusedTable() throws {
        let rules = try RulesFixture()
        let table = "\n\n  *   $N\n"
        try rules.folder.write(RulesFixture.mappings + "\nPORT_ACESS" + table, to: "rules/mappings")
        #expect(rules.complaints() == ["rules/mappings:9:1 error nothing consults table PORT_ACESS"])
        #expect(
            rules.compile().complaints[0].help.hasPrefix(
                "did you mean \"PORT_ACCESS\"? tables that gates consult: "))
        let called = "\nport_access\n\n  *   $C$|blocked;$0|$E\n\nBLOCKED" + table + "\nBLOCK" + table
        try rules.folder.write(RulesFixture.mappings + called, to: "rules/mappings")
        #expect(rules.complaints() == ["rules/mappings:17:1 error nothing consults table BLOCK"])
    }

    @Test("mappings that are missing are a mistake: without them nothing would be refused")
    func noMappings() throws {
        let rules = try RulesFixture()
        try FileManager.default.removeItem(atPath: "\(rules.folder.path)/rules/mappings")
        #expect(
            rules.complaints() == [
                "rules/mappings:1:1 error the file can't be used: No such file or directory"
            ])
    }

    @Test("no script at all is no mistake")
    func noScripts() throws {
        let rules = try RulesFixture()
        try FileManager.default.removeItem(atPath: "\(rules.folder.path)/sieve")
        #expect(rules.complaints().isEmpty)
        #expect(rules.compile().ruleset?.scripts.mta == nil)
    }

    @Test("included mapping files belong to it; one that is missing is named where it is included")
    func includes() throws {
        let rules = try RulesFixture()
        try rules.folder.write(RulesFixture.mappings + "\n<more/send\n", to: "rules/mappings")
        let missing = rules.complaints()
        #expect(missing.count == 1 && missing[0].hasPrefix("rules/mappings:9:"), "\(missing)")
        try rules.folder.write("SEND_ACCESS\n\n  *|*|*|a@b   $N\n", to: "rules/more/send")
        let compilation = rules.compile()
        #expect(compilation.complaints.isEmpty)
        #expect(compilation.ruleset?.tables.names == ["INTERNAL_IP", "ORIG_SEND_ACCESS", "SEND_ACCESS"])
        let hash = rules.read().sources.hash
        try rules.folder.write("SEND_ACCESS\n\n  *|*|*|a@c   $N\n", to: "rules/more/send")
        #expect(rules.read().sources.hash != hash)
    }

    @Test("configuration and rules may be in different folders")
    func elsewhere() throws {
        let rules = try RulesFixture()
        let text = SettingsFixture.good.replacingFirst("state = ", "rules = \"../rules\"\nstate = ")
        try rules.folder.write(text, to: "etc/bench.toml")
        try FileManager.default.removeItem(atPath: rules.configuration)
        let read = RuleSources.read(configuration: "\(rules.folder.path)/etc/bench.toml")
        #expect(read.complaints.isEmpty)
        #expect(
            read.sources.files.map(\.name) == ["rules/mappings", "rules/postern.toml", "sieve/mta.sieve"])
        #expect(read.sources.shown("rules/postern.toml") == "\(rules.folder.path)/etc/bench.toml")
    }

    @Test("names of files in complaints are those that the operator used")
    func relativeNames() {
        #expect(RuleFolder.sibling(of: "rules", named: "sieve") == "sieve")
        #expect(RuleFolder.sibling(of: "/srv/rules/", named: "sieve") == "/srv/sieve")
        #expect(RuleFolder.sibling(of: ".", named: "sieve") == "./../sieve")
        #expect(RuleFolder.sibling(of: "..", named: "sieve") == "../../sieve")
        #expect(RuleFolder.parent(of: "rules/postern.toml") == "rules")
        #expect(RuleFolder.parent(of: "postern.toml") == ".")
        #expect(RuleFolder.parent(of: "/postern.toml") == "/")
        #expect(RuleFolder.join(".", "mappings") == "mappings")
    }

    @Test("a file that is still being written is waited for, and read when it is whole")
    func halfWritten() throws {
        let rules = try RulesFixture()
        var limits = RuleSourceLimits()
        // Whatever the test has just written is fresh.
        limits.quietMs = 3_600_000
        var written = RulesFixture.mappings
        var pieces = ["\nSEND_ACC", "ESS\n\n  a   $", "N\n"]
        let read = RuleSources.read(configuration: rules.configuration, limits: limits) {
            guard !pieces.isEmpty else { return }
            written += pieces.removeFirst()
            #expect(throws: Never.self) { try rules.folder.write(written, to: "rules/mappings") }
        }
        #expect(read.complaints.isEmpty)
        #expect(read.sources.bytes(of: "rules/mappings") == Array(written.utf8))
        #expect(written.hasSuffix("SEND_ACCESS\n\n  a   $N\n"))
    }

    @Test("a script that appears while the others are read is read too")
    func newFile() throws {
        let rules = try RulesFixture()
        try rules.folder.write("keep;\n", to: "sieve/users/ann@example.net.sieve")
        var limits = RuleSourceLimits()
        limits.quietMs = 3_600_000
        var isThere = false
        let read = RuleSources.read(configuration: rules.configuration, limits: limits) {
            guard !isThere else { return }
            isThere = true
            #expect(throws: Never.self) {
                try rules.folder.write("keep;\n", to: "sieve/users/bob@example.net.sieve")
            }
        }
        #expect(read.complaints.isEmpty)
        #expect(read.sources.bytes(of: "sieve/users/bob@example.net.sieve") != nil)
    }

    @Test("a file that never stops changing is a mistake, and the rules stay as they were")
    func neverQuiet() throws {
        let rules = try RulesFixture()
        var limits = RuleSourceLimits()
        limits.quietMs = 3_600_000
        var text = RulesFixture.mappings
        var pauses = 0
        let read = RuleSources.read(configuration: rules.configuration, limits: limits) {
            text += "! more\n"
            pauses += 1
            #expect(throws: Never.self) { try rules.folder.write(text, to: "rules/mappings") }
        }
        #expect(pauses == limits.triesMax)
        #expect(read.complaints.map(\.message) == ["the file kept changing while it was read"])
        #expect(read.complaints.map(\.file) == ["\(rules.folder.path)/rules/mappings"])
    }

    @Test("what is no regular file, or too large, is refused with the reason")
    func unreadable() throws {
        let rules = try RulesFixture()
        try FileManager.default.createDirectory(
            atPath: "\(rules.folder.path)/sieve/channels/x.sieve", withIntermediateDirectories: true)
        #expect(
            rules.complaints() == [
                "sieve/channels/x.sieve:1:1 error the file can't be used: it is no regular file"
            ])
        var limits = RuleSourceLimits()
        limits.quietMs = 0
        limits.fileOctetsMax = 50
        let read = RuleSources.read(configuration: rules.configuration, limits: limits)
        #expect(
            read.complaints.map(\.message).contains {
                $0.hasSuffix("octets; at most 50 are read")
            })
    }
}

@Suite("The archive of rulesets")
struct RulesetArchiveTests {
    @Test("gives back exactly the bytes that were stored, under their hash")
    func roundTrip() throws {
        let rules = try RulesFixture()
        try rules.folder.write("keep;\r\n", to: "sieve/users/ann@example.net.sieve")
        let state = "\(rules.folder.path)/state"
        let sources = rules.read().sources
        try RulesetArchive.store(sources, stateFolder: state)
        #expect(try RulesetArchive.list(stateFolder: state) == [sources.hash])
        let loaded = try RulesetArchive.load(hash: sources.hash, stateFolder: state, folder: sources.folder)
        #expect(loaded.files == sources.files)
        #expect(loaded.hash == sources.hash)
        let compilation = RulesetArchive.compile(loaded, isMachineChecked: false)
        #expect(compilation.complaints.isEmpty)
        #expect(compilation.ruleset?.hash == sources.hash)
        #expect(compilation.settings == rules.compile().settings)
    }

    @Test("storing what is there already changes nothing, and leaves nothing behind")
    func twice() throws {
        let rules = try RulesFixture()
        let state = "\(rules.folder.path)/state"
        let sources = rules.read().sources
        try RulesetArchive.store(sources, stateFolder: state)
        try RulesetArchive.store(sources, stateFolder: state)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(state)/rulesets") == [sources.hash])
    }

    @Test("a ruleset whose bytes were changed is refused, and storing it again mends it")
    func changed() throws {
        let rules = try RulesFixture()
        let state = "\(rules.folder.path)/state"
        let sources = rules.read().sources
        try RulesetArchive.store(sources, stateFolder: state)
        try rules.folder.write(
            "INTERNAL_IP\n\n  *  $Y\n", to: "state/rulesets/\(sources.hash)/rules/mappings")
        let error = #expect(throws: RuleFileError.self) {
            try RulesetArchive.load(hash: sources.hash, stateFolder: state, folder: "/")
        }
        #expect(error?.message.hasPrefix("the archived ruleset was changed: its bytes give ") == true)
        try RulesetArchive.store(sources, stateFolder: state)
        #expect(
            try RulesetArchive.load(hash: sources.hash, stateFolder: state, folder: "/").files
                == sources.files)
    }

    @Test(
        "a ruleset that isn't there, or no name of one, is an error with its path",
        arguments: ["../../etc", "0"])
    func missing(hash: String) throws {
        let folder = try TemporaryFolder()
        #expect(throws: RuleFileError.self) {
            try RulesetArchive.load(hash: hash, stateFolder: folder.path, folder: "/")
        }
        let absent = String(repeating: "a", count: 64)
        let error = #expect(throws: RuleFileError.self) {
            try RulesetArchive.load(hash: absent, stateFolder: folder.path, folder: "/")
        }
        #expect(error?.isMissing == true)
    }

    @Test("a store that was cut short is no ruleset, and is cleared away when it is old")
    func leftovers() throws {
        let rules = try RulesFixture()
        try rules.folder.write("x", to: "state/rulesets/.new-0000/rules/mappings")
        try rules.folder.write("x", to: "state/rulesets/.new-1111/rules/mappings")
        let old = "\(rules.folder.path)/state/rulesets/.new-0000"
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: old)
        let state = "\(rules.folder.path)/state"
        #expect(try RulesetArchive.list(stateFolder: state).isEmpty)
        let sources = rules.read().sources
        try RulesetArchive.store(sources, stateFolder: state)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(state)/rulesets").sorted() == [
                ".new-1111", sources.hash,
            ])
    }

    @Test("files are for owner and group only")
    func permissions() throws {
        let rules = try RulesFixture()
        let state = "\(rules.folder.path)/state"
        let sources = rules.read().sources
        try RulesetArchive.store(sources, stateFolder: state)
        let path = "\(RulesetArchive.folder(of: sources.hash, stateFolder: state))/rules/mappings"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect((mode ?? 0o777) & 0o007 == 0)
    }
}
