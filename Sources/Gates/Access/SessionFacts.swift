// SPDX-License-Identifier: MIT

package import Mail

/// What is known of a session when a sender or recipient is judged. Recorded in the case.
package struct SessionFacts: Codable, Hashable, Sendable {
    package var peer: Peer
    /// The argument of HELO or EHLO; printable ASCII.
    package var helo: String
    /// EHLO was accepted.
    package var isExtended: Bool
    /// Protocol and cipher, `TLSv1.3-TLS_AES_256_GCM_SHA384`; nil in the clear.
    package var tls: String?
    /// By which channel the client comes in: the connection gate's finding.
    package var sourceChannel: String

    package init(peer: Peer, helo: String, isExtended: Bool, tls: String?, sourceChannel: String) {
        self.peer = peer
        self.helo = helo
        self.isExtended = isExtended
        self.tls = tls
        self.sourceChannel = sourceChannel
    }
}

/// What MAIL FROM said.
package struct SenderFacts: Codable, Hashable, Sendable {
    /// Nil is the null reverse-path.
    package var sender: Address?
    /// `SIZE=`, in octets.
    package var declaredOctets: Int?
    /// `BODY=8BITMIME`.
    package var isEightBit: Bool

    package init(sender: Address?, declaredOctets: Int?, isEightBit: Bool) {
        self.sender = sender
        self.declaredOctets = declaredOctets
        self.isEightBit = isEightBit
    }
}
