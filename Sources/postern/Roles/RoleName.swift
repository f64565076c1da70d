// SPDX-License-Identifier: MIT

/// A process of the gateway, by what it does.
enum RoleName: String, Codable, Sendable, CaseIterable {
    case lookups
    case outbound
    case scanner
    case operations
    case inbound

    /// It judges by the ruleset, and takes over each new one.
    var judges: Bool { self == .inbound || self == .outbound }
}

/// One place for a role's process: `inbound-1`, `scanner-clamav`.
struct RoleSlot: Hashable, Sendable, CustomStringConvertible {
    var role: RoleName
    /// A number for inbound, a scanner's name, empty where there is one process only.
    var instance: String

    var description: String { instance.isEmpty ? role.rawValue : "\(role.rawValue)-\(instance)" }
}
