// SPDX-License-Identifier: MIT

internal import Mail

/// A client from outside that talked before it was greeted, and what `[pregreet]` makes of that.
struct EarlyTalker {
    /// 5yz, where such clients are turned away.
    let rejection: Reply?
    /// Points to add to those of the DNS lists.
    let weight: Int
    /// For each of the client's messages.
    let conversionTag: String?
    let entry: Trail.Entry

    init(_ policy: SessionPolicy.PreGreeting, peer: Peer) {
        var rejection: Reply?
        var weight = 0
        var tag: String?
        var result = "it talked before the greeting: "
        switch policy.action {
        case .reject:
            rejection = Reply(554, "5.5.1", "You talked before the greeting: wait for 220 (RFC 5321 4.3.1)")
            result += "rejected"
        case .tag:
            tag = SessionPolicy.PreGreeting.tag
            result += "conversion tag \(SessionPolicy.PreGreeting.tag)"
        case .weight:
            weight = policy.weight
            result += "\(weight) points"
        }
        self.rejection = rejection
        self.weight = weight
        conversionTag = tag
        entry = Trail.Entry(
            .policy, rule: "postern.toml [pregreet]", about: peer.clientAddress.description, result: result)
    }
}
