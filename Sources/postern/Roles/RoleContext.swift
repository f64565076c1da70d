// SPDX-License-Identifier: MIT

import Mail
import CPostern
import Configuration
import Confinement
import Gates
import Glibc
import Logging
import Telemetry

/// What every role begins with: its place, its ruleset and settings from the archive, its counters and log.
///
/// Roles load from the archive alone: a worker that is replaced while the operator is in the middle of an
/// edit comes back with the rules that the others have.
struct RoleContext {
    /// The dispatcher's end of things.
    static let control: Int32 = 3
    /// The first listening socket, for inbound.
    static let firstListener: Int32 = 4
    /// For lookups: ends when the dispatcher and every worker are gone.
    static let lifeline: Int32 = 4

    let name: String
    let slot: String
    let ruleset: Ruleset
    let settings: Settings
    let counters: CounterPage
    let logger: Logger
    private let folder: String

    /// Enters the state folder and loads the ruleset `hash`. `folder` is where relative paths of the
    /// configuration start.
    init(role: RoleName, slot: String, state: String, folder: String, hash: String) throws {
        guard chdir(state) == 0 else {
            throw StateFolderError(path: state, reason: String(cString: strerror(errno)))
        }
        umask(0o027)
        let name = RoleSlot(role: role, instance: slot).description
        (ruleset, settings) = try Self.load(hash: hash, folder: folder)
        self.name = name
        self.slot = slot
        self.folder = folder
        counters = try CounterPage(path: "counters/\(name)")
        logger = Logger(label: name) { _ in LogfmtHandler(role: name) }
    }

    /// Another ruleset of the archive, compiled.
    static func load(hash: String, folder: String) throws -> (Ruleset, Settings) {
        let sources = try RulesetArchive.load(hash: hash, stateFolder: ".", folder: folder)
        let compilation = RulesetArchive.compile(sources, isMachineChecked: false)
        guard let ruleset = compilation.ruleset, let settings = compilation.settings else {
            throw RulesetFault(hash: hash, complaint: compilation.complaints.first?.message ?? "no reason")
        }
        return (ruleset, settings)
    }

    func load(hash: String) throws -> (Ruleset, Settings) { try Self.load(hash: hash, folder: folder) }

    /// Gives up what the role doesn't need. Before any other thread begins. The lines say what was taken and
    /// what is missing; those missing begin with `missing`.
    func confine(_ profile: ConfinementProfile) throws -> [String] {
        var lines = [try ProcessUser.drop(to: settings.service.user)]
        lines += profile.apply().lines
        return lines.map { ($0.isApplied ? "applied: " : "missing: ") + $0.description }
    }

    /// Tells the dispatcher that the role serves.
    func ready(_ confinement: [String], note: String = "") {
        ControlLine.send(.ready(confinement: confinement, note: note), to: Self.control)
    }
}

/// An archived ruleset that doesn't compile: it was archived by a version that understood it otherwise.
struct RulesetFault: Error, CustomStringConvertible {
    let hash: String
    let complaint: String
    var description: String {
        "archived ruleset \(hash.prefix(12)) does not compile: \(complaint); reload the rules"
    }
}
