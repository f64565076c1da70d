// SPDX-License-Identifier: MIT

import FoundationEssentials

/// What `postern status` answers.
struct GatewayStatus: Codable, Sendable {
    struct Service: Codable, Sendable {
        var name: String
        var address: String
    }

    struct Role: Codable, Sendable {
        var role: String
        var instance: String
        var pid: Int
        /// `starting`, `ready`, `draining`, `gone`.
        var health: String
        var restarts: Int
        var upSeconds: Int
        var ruleset: String
        /// A line for each measure: `applied: ...`, `missing: ...` with the reason.
        var confinement: [String]
        var note: String

        enum CodingKeys: String, CodingKey {
            case role, instance, pid, health, restarts, ruleset, confinement, note
            case upSeconds = "up_s"
        }
    }

    var pid: Int32
    var ruleset: String
    var ready: Bool
    var services: [Service]
    var roles: [Role]

    static func json(_ status: GatewayStatus) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and numbers of our own: encoding can't fail.
        guard let data = try? encoder.encode(status) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
