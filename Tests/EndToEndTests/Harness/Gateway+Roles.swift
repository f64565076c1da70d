// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension Gateway {
    /// A process of the gateway, as `status` has it.
    struct Role {
        var name: String
        var instance: String
        var pid: Int32
        var health: String
        var restarts: Int
        var ruleset: String
        var confinement: [String]
        var note: String

        /// `inbound-0`, `outbound`.
        var slot: String { instance.isEmpty ? name : "\(name)-\(instance)" }
    }

    /// `status` as JSON; nil while nobody answers.
    func status() throws -> [String: Any]? {
        let finished = try command("status")
        return finished.status == 0 ? finished.objects.first : nil
    }

    /// Every role; none while nobody answers.
    func roles() throws -> [Role] {
        guard let rows = try status()?["roles"] as? [[String: Any]] else { return [] }
        return try rows.map { row in
            Role(
                name: try #require(row["role"] as? String),
                instance: try #require(row["instance"] as? String),
                pid: Int32(try #require(row["pid"] as? Int)), health: try #require(row["health"] as? String),
                restarts: try #require(row["restarts"] as? Int),
                ruleset: try #require(row["ruleset"] as? String),
                confinement: try #require(row["confinement"] as? [String]),
                note: try #require(row["note"] as? String))
        }
    }

    func role(_ slot: String) throws -> Role {
        try #require(try roles().first { $0.slot == slot }, "status has no \(slot)")
    }

    /// The role in `slot`, once another process than `pid` serves there.
    func successor(of pid: Int32, in slot: String) throws -> Role {
        try awaited("another \(slot)") {
            try roles().first { $0.slot == slot && $0.pid != pid && $0.health == "ready" }
        }
    }

    /// A scanner and its workers.
    func scannerProcesses(_ slot: String = "scanner-clamav") throws -> [Int32] {
        let parent = try role(slot).pid
        return [parent] + Processes.children(of: parent)
    }
}
