// SPDX-License-Identifier: MIT

/// Would the next hop take mail for this recipient? Asked of the next hop itself with a null sender and
/// without content (call-ahead), and only for channels that the configuration allows it for.
package struct RecipientQuestion: Codable, Hashable, Sendable {
    package var channel: String
    package var recipient: Address

    package init(channel: String, recipient: Address) {
        self.channel = channel
        self.recipient = recipient
    }
}

package enum RecipientAnswer: Codable, Hashable, Sendable {
    case accepted
    /// 5yz to this recipient. The next hop's own words, printable ASCII.
    case unknown(reply: String)
    /// 4yz, no connection, or a refusal that isn't about the recipient.
    case unsure(String)
}
