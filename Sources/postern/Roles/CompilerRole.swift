// SPDX-License-Identifier: MIT

import Gates
import Configuration
import Glibc
import Mail

/// A one-shot process that compiles the rules as they are now, archives them if all is good, and tells the
/// dispatcher the hash.
struct CompilerRole {
    let configurationPath: String
    let state: String

    func run() {
        let read = RuleSources.read(configuration: configurationPath)
        let compilation = RulesetArchive.compile(read.sources, complaints: read.complaints)
        let errors = compilation.complaints.filter { $0.severity == .error }.count
        var text = compilation.complaints.map {
            Diagnostic($0, source: read.sources.source(of: $0)).description
        }.joined(separator: "\n")
        var hash: String?
        if !compilation.hasErrors, let ruleset = compilation.ruleset {
            do {
                try RulesetArchive.store(read.sources, stateFolder: state)
                hash = ruleset.hash
            } catch {
                text += "\n\(error)"
            }
        }
        ControlLine.send(
            .compiled(ruleset: hash, complaints: max(errors, hash == nil ? 1 : 0), text: text),
            to: RoleContext.control)
    }
}
