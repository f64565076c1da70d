// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// The page for whoever only wants to know whether the gateway is well.
struct HealthPage: Encodable {
    /// `ok`: every process serves. `degraded`: one doesn't. `unknown`: the dispatcher doesn't say.
    var status: String
    /// By name: `inbound-0` to `ready`.
    var roles: [String: String] = [:]
    var reason: String?

    init(_ health: GatewayHealth) {
        status = health.isReady ? "ok" : "degraded"
        for role in health.roles { roles[role.name] = role.health }
    }

    init(unknown reason: String) {
        status = "unknown"
        self.reason = reason
    }

    var isOK: Bool { status == "ok" }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings of our own: encoding can't fail.
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
