// SPDX-License-Identifier: MIT

/// Does the client know this identity's secret (RFC 4954)? The secret itself travels beside the question,
/// never in it: what is asked is recorded.
package struct IdentityQuestion: Codable, Hashable, Sendable {
    /// `PLAIN` or `LOGIN`.
    package var mechanism: String
    /// As the client names itself: an authentication identity, UTF-8, without NUL, at most 255 octets.
    package var identity: String
    /// Who says so: guesses are counted by client, too. Nil where nobody knows.
    package var client: IPAddress?

    package init(mechanism: String, identity: String, client: IPAddress? = nil) {
        self.mechanism = mechanism
        self.identity = identity
        self.client = client
    }
}

package enum IdentityAnswer: Codable, Hashable, Sendable {
    /// The mail address that belongs to the identity.
    case verified(address: Address)
    case refused
    /// Nobody can say now.
    case failed(String)
}
