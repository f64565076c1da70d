// SPDX-License-Identifier: MIT

/// What the connection gate found out about a client, for the gates after it.
package struct ClientFindings: Codable, Hashable, Sendable {
    package var name = ClientName.notAsked
    /// Sum of the weights of the lists that name the client.
    package var listWeight = 0
    /// Names of the block lists that name it.
    package var listedBy: [String] = []
    /// An allow list without a weight names it: no list has a say about it, and it isn't greylisted.
    package var isAllowListed = false

    package init() {}
}
