// SPDX-License-Identifier: MIT

import Testing

/// `scripts/packages` names what a machine needs beyond a base system with Swift and make. A header or a
/// program that comes from anywhere else would be missing on the next machine.
@Suite("Packages: what we use is what we install")
struct PackagesTests {
    /// Programs that tests, scripts and pages start, beyond those of an essential package, and where they
    /// are. Whoever starts another one adds it here.
    private static let programs: [String: String] = [
        "python3": "/usr/bin/python3", "swaks": "/usr/bin/swaks", "curl": "/usr/bin/curl",
        "git": "/usr/bin/git",
        "openssl": "/usr/bin/openssl", "postfix": "/usr/sbin/postfix", "postconf": "/usr/sbin/postconf",
        "postmap": "/usr/sbin/postmap",
        "smtp-source": "/usr/sbin/smtp-source", "smtp-sink": "/usr/sbin/smtp-sink",
        "unbound": "/usr/sbin/unbound",
        "unbound-checkconf": "/usr/sbin/unbound-checkconf", "ps": "/usr/bin/ps",
        "pkg-config": "/usr/bin/pkg-config",
    ]

    /// What a machine has that can build Swift: make, and what the toolchain's own instructions list.
    private static let given = ["make", "libpython3.11"]

    /// Paths that nobody owns: `scripts/install` makes this one, and takes it away again.
    private static let made: Set<String> = ["/usr/sbin/policy-rc.d"]

    private func listed(_ sections: String...) throws -> [String] {
        let (status, output) = try Repository.run("scripts/install", ["--list"] + sections)
        #expect(status == 0)
        return output.split(separator: "\n").map(String.init)
    }

    @Test("every package is listed once, and every listed package exists here")
    func installed() throws {
        let all = try listed("build", "demo", "test")
        #expect(all.count == Set(all).count)
        let installed = try DebianPackages()
        for package in all where !installed.isInstalled(package) {
            Issue.record("scripts/packages: \(package) is not installed; `make test` does that")
        }
    }

    @Test("every header that C sources name is from a package of [build], or of one that it depends on")
    func headers() throws {
        let packages = try DebianPackages()
        let covered = packages.closure(of: try listed("build") + Self.given)
        let files = Repository.files(below: "Sources").filter { path in
            [".h", ".c", ".cpp"].contains { path.hasSuffix($0) }
        }
        var count = 0
        for path in files {
            for (index, line) in try Repository.text(path).split(
                separator: "\n", omittingEmptySubsequences: false
            ).enumerated()
            where line.hasPrefix("#include <") {
                let name = line.dropFirst("#include <".count).prefix { $0 != ">" }
                count += 1
                let owners = try packages.owners(ofAny: Self.headerPaths(String(name)))
                if owners.isDisjoint(with: covered) {
                    Issue.record(
                        "\(path):\(index + 1): <\(name)> is of \(owners.sorted()), which no package of [build] brings; add it to scripts/packages"
                    )
                }
            }
        }
        #expect(count > 20, "the C sources were not read")
    }

    @Test("every library that is linked by name is from a package of [build], or of one that it depends on")
    func libraries() throws {
        let packages = try DebianPackages()
        let covered = packages.closure(of: try listed("build"))
        let maps = Repository.files(below: "Sources").filter { $0.hasSuffix("module.modulemap") }
        var names: [String] = []
        for line in try maps.map(Repository.text).joined(separator: "\n").split(separator: "\n")
        where line.contains("link \"") {
            names.append(String(line.split(separator: "\"")[1]))
        }
        names += try Repository.text("Package.swift").split(separator: ".linkedLibrary(\"").dropFirst()
            .map { String($0.prefix { $0 != "\"" }) }
        #expect(names.count >= 4)
        for name in names {
            let owners = try packages.owners(ofAny: ["/usr/lib/*/lib\(name).so"])
            #expect(
                !owners.isDisjoint(with: covered),
                "lib\(name).so is of \(owners.sorted()); add it to [build] in scripts/packages")
        }
    }

    @Test("every program that is started is from a listed package, or of one that it depends on")
    func programs() throws {
        let packages = try DebianPackages()
        let covered = packages.closure(of: try listed("build", "demo", "test") + Self.given)
        for (name, path) in Self.programs.sorted(by: { $0.key < $1.key }) {
            let owners = try packages.owners(ofAny: [path, path.replacing("/usr/", with: "/")])
            #expect(
                !owners.isDisjoint(with: covered),
                "\(name) is of \(owners.sorted()); add it to scripts/packages")
        }
    }

    @Test("every program that is named by its path is known here")
    func paths() throws {
        let packages = try DebianPackages()
        let covered = packages.closure(of: try listed("build", "demo", "test") + Self.given)
        let files = ["Tests", "scripts", "Benchmarks", ".ci"].flatMap { Repository.files(below: $0) }
            .filter { !$0.hasPrefix("Tests/HouseRulesTests/") && !$0.hasSuffix(".md") }
        for file in files {
            // Test messages may be in any charset; they name no programs.
            guard let text = try? Repository.text(file) else { continue }
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                for path in Self.programPaths(line) where !Self.made.contains(path) {
                    let owners = try packages.owners(ofAny: [path, path.replacing("/usr/", with: "/")])
                    if owners.isDisjoint(with: covered) {
                        Issue.record(
                            "\(file):\(index + 1): \(path) is of \(owners.sorted()); add its package to scripts/packages"
                        )
                    }
                }
            }
        }
    }

    @Test("every program that a script in Python starts by its name is from a listed package")
    func pythonScripts() throws {
        let packages = try DebianPackages()
        let covered = packages.closure(of: try listed("build", "demo", "test") + Self.given)
        var count = 0
        for file in ["scripts", "Benchmarks", "Tests"].flatMap({ Repository.files(below: $0) }) {
            guard let text = try? Repository.text(file), text.hasPrefix("#!/usr/bin/env python3") else {
                continue
            }
            for name in Self.startedByPython(text) {
                count += 1
                let folders = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"]
                let owners = try packages.owners(ofAny: folders.map { $0 + name })
                if owners.isDisjoint(with: covered) {
                    Issue.record(
                        "\(file): \(name) is of \(owners.sorted()); add its package to scripts/packages")
                }
            }
        }
        #expect(count > 3, "the scripts were not read")
    }

    /// Names in `subprocess.run(["name", ...` and the like.
    private static func startedByPython(_ text: String) -> [String] {
        ["subprocess.run(", "subprocess.Popen(", "subprocess.check_output(", "create_subprocess_exec("]
            .flatMap { call in
                text.split(separator: call).dropFirst().compactMap { piece -> String? in
                    let rest = piece.drop { $0.isWhitespace || $0 == "[" }
                    return rest.first == "\"" ? String(rest.dropFirst().prefix { $0 != "\"" }) : nil
                }
            }
    }

    @Test("the commands install from scripts/packages, and name no package themselves")
    func oneList() throws {
        let makefile = try Repository.text("Makefile")
        func recipe(_ target: String) -> String {
            let lines = makefile.split(separator: "\n", omittingEmptySubsequences: false)
            guard let start = lines.firstIndex(where: { $0.hasPrefix("\(target):") }) else { return "" }
            return lines[start...].prefix { $0.hasPrefix("\(target):") || $0.hasPrefix("\t") }.joined(
                separator: "\n")
        }
        #expect(recipe("deps").contains("scripts/install build"))
        #expect(recipe("release").hasPrefix("release: deps"))
        #expect(recipe("run").hasPrefix("run: release"))
        #expect(recipe("test").contains("scripts/install build demo test"))
        for package in try listed("build", "test") where package.hasSuffix("-dev") {
            #expect(!makefile.contains(package), "Makefile names \(package); scripts/packages is the place")
        }
        #expect(try Repository.text(".ci/run").contains("make test"))
    }

    /// Where the compilers look for a header.
    private static func headerPaths(_ name: String) -> [String] {
        [
            "/usr/include/\(name)", "/usr/include/x86_64-linux-gnu/\(name)",
            "/usr/include/aarch64-linux-gnu/\(name)",
            "/usr/include/c++/12/\(name)", "/usr/lib/gcc/*/12/include/\(name)",
        ]
    }

    /// Paths such as `/usr/sbin/postfix` in a line.
    private static func programPaths(_ line: Substring) -> [String] {
        var paths: [String] = []
        for folder in ["/usr/bin/", "/usr/sbin/", "/usr/lib/postfix/sbin/", "/usr/share/"] {
            for piece in line.split(separator: folder, omittingEmptySubsequences: false).dropFirst() {
                let name = piece.prefix { $0.isLetter || $0.isNumber || "-_.+".contains($0) }
                if !name.isEmpty { paths.append(folder + name) }
            }
        }
        return paths
    }
}
