// SPDX-License-Identifier: MIT
import Mail

/// Probes with their expected outcome, one a line, and what the world answers them, as
/// `docs/configuration.md` describes them.
struct ProbeFile {
    struct Probe: CustomStringConvertible, Sendable {
        var line: Int
        var table: String
        var inputFlags: Set<Character>
        var probe: String
        /// Nil if no entry is to give a result.
        var flags: String?
        var output: String
        /// What was said of the world above this line.
        var world = ProbeWorld()

        var description: String { "line \(line): \(table) \(probe)" }
    }

    /// A line that can't be read.
    struct Mistake: Error, CustomStringConvertible {
        var line: Int
        var text: String
        var description: String { "line \(line): \(text)" }
    }

    let probes: [Probe]

    init(_ source: String) throws {
        var probes: [Probe] = []
        var world = ProbeWorld()
        for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("!") { continue }
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if line.hasPrefix("=") {
                guard world.take(columns) else {
                    throw Mistake(line: index + 1, text: "this is no answer: \(line)")
                }
                continue
            }
            guard (3...4).contains(columns.count) else {
                throw Mistake(line: index + 1, text: "it has \(columns.count) columns; 3 or 4 are needed")
            }
            let name = columns[0].split(separator: "/", maxSplits: 1).map(String.init)
            let flags = columns[2]
            guard !name.isEmpty, flags != "-" || columns.count == 3, flags == flags.uppercased(),
                !flags.isEmpty
            else {
                throw Mistake(
                    line: index + 1, text: "flags are capitals, \".\" or \"-\", and \"-\" has no output")
            }
            probes.append(
                Probe(
                    line: index + 1, table: name[0], inputFlags: Set(name.count > 1 ? name[1] : ""),
                    probe: columns[1],
                    flags: flags == "-" ? nil : flags == "." ? "" : flags,
                    output: columns.count > 3 ? columns[3] : "", world: world))
        }
        self.probes = probes
    }
}
