// SPDX-License-Identifier: MIT

package import Mail

/// What the first three gates answer.
package enum Decision: Codable, Hashable, Sendable {
    case admit(Marks)
    /// 4yz or 5yz. At the connection gate it also closes the connection.
    case reject(Reply)

    package var rejection: Reply? {
        if case .reject(let reply) = self { reply } else { nil }
    }
}

/// The only thing that a gate hands on to later gates.
package struct Marks: Codable, Hashable, Sendable {
    /// Connection gate: by which channel the client comes in.
    package var sourceChannel: String?
    /// Recipient gate: where the recipient's mail goes.
    package var destinationChannel: String?
    /// Recipient gate: the recipient as routing knows it; differs from RCPT's only for a bare `postmaster`.
    package var recipient: Address?
    /// Sender or recipient gate: the message is to be held, and why.
    package var holdReason: String?

    package init(
        sourceChannel: String? = nil, destinationChannel: String? = nil, recipient: Address? = nil,
        holdReason: String? = nil
    ) {
        self.sourceChannel = sourceChannel
        self.destinationChannel = destinationChannel
        self.recipient = recipient
        self.holdReason = holdReason
    }
}
