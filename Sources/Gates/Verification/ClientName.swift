// SPDX-License-Identifier: MIT

/// What DNS says that a client is called.
package enum ClientName: Codable, Hashable, Sendable {
    /// Nobody wanted to know.
    case notAsked
    /// A PTR record names it, and that name's addresses have the client among them. Lower case.
    case confirmed(String)
    /// A PTR record names it, but nothing confirms it: anybody can write that about his addresses.
    case claimed(String)
    /// There is no PTR record.
    case none
    /// DNS couldn't say. The text says why.
    case unknown(String)

    /// The name, where it can be believed.
    package var confirmedName: String? {
        if case .confirmed(let name) = self { name } else { nil }
    }

    /// As probes show it: `confirmed`, `claimed`, `none`, `unknown`.
    var state: String {
        switch self {
        case .notAsked, .unknown: "unknown"
        case .confirmed: "confirmed"
        case .claimed: "claimed"
        case .none: "none"
        }
    }

    /// Believed or not.
    var text: String {
        switch self {
        case .confirmed(let name), .claimed(let name): name
        case .notAsked, .none, .unknown: ""
        }
    }
}
