// SPDX-License-Identifier: MIT

/// What dpkg knows of this machine: which packages are installed, what they depend on, whose a file is.
final class DebianPackages {
    private var dependencies: [String: [[String]]] = [:]
    private var providers: [String: [String]] = [:]
    private var essential: [String] = []
    private var owners: [String: Set<String>] = [:]

    init() throws {
        let format =
            "${Package}\t${db:Status-Status}\t${Essential}\t${Pre-Depends}, ${Depends}\t${Provides}\n"
        let (_, output) = try Repository.run("dpkg-query", ["-W", "-f", format])
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 5, fields[1] == "installed" else { continue }
            let name = String(fields[0])
            dependencies[name] = fields[3].split(separator: ",").map {
                $0.split(separator: "|").compactMap(Self.name)
            }
            if fields[2] == "yes" { essential.append(name) }
            for provided in fields[4].split(separator: ",").compactMap(Self.name) {
                providers[provided, default: []].append(name)
            }
        }
    }

    /// The name in `libssl3 (>= 3.0.0)`, `perl:any`.
    private static func name(_ text: Substring) -> String? {
        text.split(separator: " ").first.map { String($0.prefix { $0 != ":" }) }
    }

    func isInstalled(_ package: String) -> Bool { dependencies[package] != nil || providers[package] != nil }

    /// `packages`, those of every system, and all that they depend on, as far as it is installed.
    func closure(of packages: [String]) -> Set<String> {
        var closure: Set<String> = []
        var pending = packages + essential
        while let name = pending.popLast() {
            for package in [name] + (providers[name] ?? []) where dependencies[package] != nil {
                guard closure.insert(package).inserted else { continue }
                pending += (dependencies[package] ?? []).joined()
            }
        }
        return closure
    }

    /// The packages that any of these files belong to; paths may have `*` in them.
    func owners(ofAny paths: [String]) throws -> Set<String> {
        let key = paths.joined(separator: " ")
        if let known = owners[key] { return known }
        // Exit status 1: some path belongs to nobody, which is an answer.
        let (_, output) = try Repository.run("dpkg-query", ["-S"] + paths)
        var found: Set<String> = []
        for line in output.split(separator: "\n") {
            guard let end = line.firstRange(of: ": ") else { continue }
            for name in line[..<end.lowerBound].split(separator: ",") {
                if let name = Self.name(name.drop { $0 == " " }) { found.insert(name) }
            }
        }
        owners[key] = found
        return found
    }
}
