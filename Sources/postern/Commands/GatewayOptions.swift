// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration

/// Which gateway a command speaks to.
struct GatewayOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file; it names the state folder.", valueName: "file"))
    var config = "rules/postern.toml"
    @Option(
        name: .customLong("state-folder"),
        help: ArgumentHelp("The state folder itself, where the file can't be read.", valueName: "folder"))
    var state: String?

    /// Reads no more of the configuration than that: whatever else is wrong with it, a running gateway can be
    /// asked and stopped.
    func stateFolder() throws(CommandFailure) -> String {
        if let state { return state }
        let bytes = try InputFile.read(config, octetsMax: InputFile.textOctetsMax)
        let folder = try InputFile.absolute(InputFile.split(config).folder)
        guard let found = Settings.stateFolder(in: bytes, folder: folder) else {
            throw .badUsage(
                "\(config) doesn't tell the state folder; "
                    + "mend it (`postern check --config \(config)` says where), "
                    + "or name the folder with --state-folder")
        }
        return found
    }

    func connect() throws(CommandFailure) -> ControlClient {
        try ControlClient(stateFolder: try stateFolder())
    }
}
