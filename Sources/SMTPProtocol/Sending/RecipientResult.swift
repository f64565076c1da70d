// SPDX-License-Identifier: MIT

package import Mail

/// What became of one recipient of a message that was handed to a next hop.
package struct RecipientResult: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The server owes it now (its final reply was 2xx).
        case delivered(Reply)
        /// Try again later. The reply is the server's, or says in our words why none came.
        case deferred(Reply)
        /// The server will never take it (5xx).
        case rejected(Reply)
        /// All was sent, the final dot too, and no reply came: the server may have it or not. To try again
        /// may deliver twice, not to try may lose it; so it is tried again, and the attempt is recorded as
        /// what it was.
        case unknown(Reply)
    }

    package let recipient: Address
    package let outcome: Outcome

    package init(_ recipient: Address, _ outcome: Outcome) {
        self.recipient = recipient
        self.outcome = outcome
    }
}
