// SPDX-License-Identifier: MIT

/// Of the dispatcher's status, what monitoring wants to know.
struct GatewayHealth: Decodable, Equatable, Sendable {
    struct Role: Decodable, Equatable, Sendable {
        var role: String
        /// A number for inbound, a scanner's name, empty where there is one process only.
        var instance: String
        /// `starting`, `ready`, `draining`, `gone`.
        var health: String

        var isReady: Bool { health == "ready" }
        var name: String { instance.isEmpty ? role : "\(role)-\(instance)" }
    }

    var roles: [Role]

    /// Every process serves.
    var isReady: Bool { !roles.isEmpty && roles.allSatisfy(\.isReady) }
}
