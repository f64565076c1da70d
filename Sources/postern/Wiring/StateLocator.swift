// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration

/// Finds the state folder that a configuration names.
enum StateLocator {
    /// Even where mappings or scripts have mistakes: whoever looks for a case is often mending them.
    static func stateFolder(config: String) throws -> String {
        let read = RuleSources.read(configuration: config)
        if let bytes = read.sources.bytes(of: RuleSources.configurationName) {
            let findings = Settings.parse(
                bytes, file: config, folder: read.sources.folder, isMachineChecked: false)
            if let settings = findings.settings { return settings.service.stateFolder }
        }
        StandardError.print(
            "postern: \(config) doesn't tell the state folder: it is missing or has mistakes; `postern check --config "
                + "\(config)` lists them")
        throw ExitCode(2)
    }
}
