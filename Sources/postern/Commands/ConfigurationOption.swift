// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Glibc
import Mail

/// `--config`, for commands that read the configuration.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: ArgumentHelp("The configuration file.", valueName: "file"))
    var path = "rules/postern.toml"

    /// The bytes of all rules files, with what could not be read. A configuration that isn't there is bad
    /// usage.
    func read() throws(CommandFailure) -> (sources: RuleSources, complaints: [Complaint]) {
        guard access(path, R_OK) == 0 else {
            throw .badUsage(
                "\(path): can't be read: \(String(cString: strerror(errno))); name it with --config")
        }
        return RuleSources.read(configuration: path)
    }

    /// What `sources` say by themselves, whatever the mappings and scripts are like; nil with the reasons
    /// printed.
    func settings(of sources: RuleSources) -> Settings? {
        let name = RuleSources.configurationName
        guard let bytes = sources.bytes(of: name) else { return nil }
        let findings = Settings.parse(
            bytes, file: sources.shown(name), folder: sources.folder, isMachineChecked: false)
        for complaint in findings.complaints {
            StandardError.print(Diagnostic(complaint, source: bytes).description)
        }
        return findings.settings
    }
}
