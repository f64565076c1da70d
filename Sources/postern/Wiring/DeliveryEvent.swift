// SPDX-License-Identifier: MIT

import Logging
import Telemetry

/// What tables that are consulted while delivering tell the operator.
enum DeliveryEvent: LoggedEvent {
    /// `IP_ACCESS` forbade mail to a host; the text is the entry's own.
    case addressRefused(channel: String, host: String, address: String, text: String)
    /// The folder of copies that the configuration names can't be made.
    case copiesUnusable(folder: String, reason: String)
    /// `$<` of `LOG_ACTION`.
    case noticed(entry: String, caseID: String, action: String, notice: String)

    var name: String {
        switch self {
        case .addressRefused: "address.refused"
        case .copiesUnusable: "copies.unusable"
        case .noticed: "delivery.noticed"
        }
    }

    var level: Logger.Level {
        switch self {
        case .copiesUnusable: .error
        case .addressRefused: .warning
        case .noticed: .info
        }
    }

    var fields: [(String, String)] {
        switch self {
        case .addressRefused(let channel, let host, let address, let text):
            [("channel", channel), ("host", host), ("address", address), ("text", text)]
        case .copiesUnusable(let folder, let reason): [("folder", folder), ("reason", reason)]
        case .noticed(let entry, let caseID, let action, let notice):
            [("entry", entry), ("case", caseID), ("action", action), ("notice", notice)]
        }
    }
}
