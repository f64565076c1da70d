// SPDX-License-Identifier: MIT

import Configuration
import Gates
import Mail

/// The whole of a configuration, compiled, for commands that judge by it.
struct CompiledRules {
    let ruleset: Ruleset
    let settings: Settings

    /// Every complaint goes to standard error; with an error among them nothing is judged.
    init(_ option: ConfigurationOption) throws(CommandFailure) {
        let read = try option.read()
        let compilation = RulesetCompilation(
            of: read.sources, isMachineChecked: false, complaints: read.complaints)
        for complaint in compilation.complaints {
            StandardError.print(
                Diagnostic(complaint, source: read.sources.source(of: complaint)).description)
        }
        guard let ruleset = compilation.ruleset, let settings = compilation.settings else {
            throw .faulty("\(option.path) or what belongs to it has mistakes, and nothing was tried")
        }
        self.ruleset = ruleset
        self.settings = settings
    }
}
