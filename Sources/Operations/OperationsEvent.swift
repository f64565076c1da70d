// SPDX-License-Identifier: MIT

package import Logging
import Telemetry

/// What the operations role tells the operator.
package enum OperationsEvent: LoggedEvent {
    case started(pages: String, control: String)
    /// The HTTP port is still another process's; it is tried again.
    case portBusy(address: String)
    /// A command that changes something came over the control socket.
    case commanded(command: String)
    case commandFailed(command: String, reason: String)
    case stopped

    package var name: String {
        switch self {
        case .started: "operations.started"
        case .portBusy: "operations.port_busy"
        case .commanded: "control.commanded"
        case .commandFailed: "control.failed"
        case .stopped: "operations.stopped"
        }
    }

    package var level: Logger.Level {
        switch self {
        case .started, .commanded, .stopped: .info
        case .portBusy, .commandFailed: .warning
        }
    }

    package var fields: [(String, String)] {
        switch self {
        case .started(let pages, let control): [("pages", pages), ("control", control)]
        case .portBusy(let address): [("address", address)]
        case .commanded(let command): [("command", command)]
        case .commandFailed(let command, let reason): [("command", command), ("reason", reason)]
        case .stopped: []
        }
    }
}
