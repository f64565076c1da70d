// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration

/// Finds the state folder that a configuration names.
enum StateLocator {
    /// Even where mappings or scripts have mistakes: whoever looks for a case is often mending them.
    static func stateFolder(config: String) throws -> String {
        let folder = config.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        if let bytes = try? InputFile.read(config, octetsMax: InputFile.textOctetsMax),
            let absolute = try? InputFile.absolute(
                folder.isEmpty ? (config.hasPrefix("/") ? "/" : ".") : folder),
            let state = Settings.stateFolder(in: bytes, folder: absolute)
        {
            return state
        }
        StandardError.print(
            "postern: \(config) doesn't tell the state folder: it is missing or has mistakes; `postern check --config "
                + "\(config)` lists them")
        throw ExitCode(2)
    }
}
