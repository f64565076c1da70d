// SPDX-License-Identifier: MIT

import Testing

@Suite("Arrows: who may know whom")
struct ArrowsTests {
    /// The floor on which each target stands. Arrows point down.
    static let levels: [String: Int] = [
        "postern": 4, "postern-scanner": 4,
        "Inbound": 3, "Outbound": 3, "Operations": 3, "Replay": 3, "Configuration": 3,
        "Gates": 2, "DurableQueue": 2, "Lookups": 2, "ScannerHost": 2,
        "SMTPProtocol": 1, "SieveLanguage": 1, "MappingTables": 1, "MailAuthentication": 1,
        "Mail": 0, "ScannerWire": 0, "Telemetry": 0, "Confinement": 0, "Cryptography": 0,
        "CPostern": -1, "CTOML": -1, "CClamAV": -1, "CUnbound": -1, "CPCRE2": -1, "CUnistring": -1,
        "CLDAP": -1, "CCrypt": -1, "CLibcrypto": -1,
        // Stands beside the tests: what a process may still do can only be tried by a process.
        "confinement-probe": 4,
    ]

    /// Modules that come with the toolchain, and who may import them beside the C library's.
    private static let foundation = "Foundation"
    private static let essentials = "FoundationEssentials"

    /// Languages and gates: values in, values out. Files that may import the C library all the same, for
    /// memchr, iconv, and a lock for what pure functions made.
    private static let withoutSystem: [String: Set<String>] = [
        "MappingTables": [], "SieveLanguage": ["OctetSearch"], "MailAuthentication": [], "Gates": [],
        "ScannerWire": [], "Mail": ["KeptResults", "LineReader", "SystemConverter"],
        "SMTPProtocol": ["UnsafeRawBufferPointer+Search"],
    ]

    private func manifest() throws -> [Manifest.Target] {
        Manifest(try Repository.text("Package.swift")).targets
    }

    @Test("every target has its floor, and every floor its target")
    func floors() throws {
        let names = Set(try manifest().filter { !$0.isTest }.map(\.name))
        let planned: Set<String> = ["MailAuthentication"]
        #expect(
            names.subtracting(Self.levels.keys) == [],
            "give it a floor in ArrowsTests and a row in ARCHITECTURE.md")
        #expect(
            Set(Self.levels.keys).subtracting(names).subtracting(planned) == [],
            "no such target in Package.swift")
    }

    @Test("arrows point down only")
    func down() throws {
        for target in try manifest() where !target.isTest {
            let level = try #require(Self.levels[target.name])
            for dependency in target.dependencies {
                guard let below = Self.levels[dependency] else { continue }
                #expect(
                    below < level,
                    "Package.swift: \(target.name) must not know \(dependency), which stands beside or above it"
                )
            }
        }
    }

    @Test("libclamav, which is GPL version 2 only, meets nothing but C and the standard library")
    func licences() throws {
        let targets = Dictionary(uniqueKeysWithValues: try manifest().map { ($0.name, $0) })
        for target in targets.values where !target.isTest && target.dependencies.contains("CClamAV") {
            #expect(target.name == "postern-scanner", "only postern-scanner links libclamav")
        }
        var pending = ["postern-scanner"]
        var seen: Set<String> = []
        while let name = pending.popLast() {
            guard seen.insert(name).inserted else { continue }
            let target = try #require(
                targets[name], "\(name) is a package of somebody else's, and linked with libclamav")
            pending += target.dependencies
        }
    }

    @Test("ARCHITECTURE.md has a row for every target, with the arrows of Package.swift")
    func rooms() throws {
        var rows: [String: Set<String>] = [:]
        for cells in Pages.rows(try Repository.text("ARCHITECTURE.md"), under: "## The rooms")
        where cells.count >= 3 {
            guard let name = Pages.codes(cells[0]).first else { continue }
            rows[name] = Set(Pages.codes(cells[2]))
        }
        let targets = try manifest().filter { !$0.isTest && $0.name != "confinement-probe" }
        for target in targets {
            let known = Set(target.dependencies.filter { Self.levels[$0] != nil })
            guard let row = rows[target.name] else {
                Issue.record("ARCHITECTURE.md: The rooms has no row for \(target.name)")
                continue
            }
            #expect(
                row == known,
                "ARCHITECTURE.md: the row of \(target.name) says it knows others than Package.swift")
        }
        #expect(Set(rows.keys).subtracting(targets.map(\.name)) == [], "ARCHITECTURE.md: no such target")
    }

    @Test("a target imports what Package.swift gives it, and nothing else")
    func imports() throws {
        let targets = Dictionary(uniqueKeysWithValues: try manifest().map { ($0.name, $0) })
        var violations: [Violation] = []
        for file in try Repository.swiftFiles(below: "Sources") {
            guard let target = targets[file.target], let level = Self.levels[file.target] else {
                violations.append(file.violation(1, "\(file.target) is no target of Package.swift"))
                continue
            }
            for (line, module) in file.imports where !target.dependencies.contains(module) {
                if let text = Self.refusal(of: module, in: file, level: level) {
                    violations.append(file.violation(line, text))
                }
            }
        }
        Violation.report(violations)
    }

    /// Why `module`, which Package.swift doesn't give, may not be imported; nil if it may.
    private static func refusal(of module: String, in file: SwiftFile, level: Int) -> String? {
        switch module {
        case foundation:
            return "Foundation brings 39 MB of data and slow strings; use FoundationEssentials, or bytes"
        case essentials:
            return level >= 3
                ? nil : "below level 3 nothing of Foundation is needed; use bytes and the C library"
        case "Synchronization", "Glibc":
            guard let exceptions = withoutSystem[file.target] else { return nil }
            let name = file.path.split(separator: "/").last?.dropLast(".swift".count) ?? ""
            return exceptions.contains(String(name))
                ? nil
                : "\(file.target) knows no system; take what is needed as a value, or ask a question for it"
        default:
            return "\(module) is not among the dependencies of \(file.target) in Package.swift"
        }
    }
}

extension SwiftFile {
    /// Imported modules with their lines, from 1.
    var imports: [(line: Int, module: String)] {
        codeLines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position <= 2, words.count > position + 1
            else {
                return nil
            }
            // `import struct Module.Name` names a declaration; the module stands before the dot.
            let last = words[words.count - 1]
            return (index + 1, String(last.split(separator: ".").first ?? last))
        }
    }
}
