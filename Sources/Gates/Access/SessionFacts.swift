// SPDX-License-Identifier: MIT

package import Mail

/// What is known of a session when a sender or recipient is judged. Recorded in the case: what has a default
/// here stands in a record only where it differs.
package struct SessionFacts: Hashable, Sendable {
    package var peer: Peer
    /// The argument of HELO, EHLO or LHLO; printable ASCII.
    package var helo: String
    /// EHLO was accepted.
    package var isExtended: Bool
    /// Version of TLS, `TLSv1.3`, with the cipher behind it where only one text is known; nil in the clear.
    package var tls: String?
    /// The cipher, `TLS_AES_256_GCM_SHA384`, where it is known apart from the version.
    package var tlsCipher: String?
    /// By which channel the client comes in: the connection gate's finding, or the channel that AUTH or TLS
    /// switched to.
    package var sourceChannel: String
    /// Who the client proved to be (RFC 4954): the mail address that belongs to its identity. Nil before
    /// AUTH.
    package var authenticated: Address?
    /// LMTP (RFC 2033) is spoken instead of SMTP.
    package var isLMTP = false
    /// The client's name in DNS, found by its address and confirmed by the name's own addresses; nil where
    /// there is none, or nobody looked.
    package var clientName: String?
    /// What else the connection gate found out about the client: its `Marks.client`.
    package var client = ClientFindings()

    package init(
        peer: Peer, helo: String, isExtended: Bool, tls: String?, sourceChannel: String,
        tlsCipher: String? = nil, authenticated: Address? = nil, isLMTP: Bool = false,
        clientName: String? = nil
    ) {
        self.peer = peer
        self.helo = helo
        self.isExtended = isExtended
        self.tls = tls
        self.sourceChannel = sourceChannel
        self.tlsCipher = tlsCipher
        self.authenticated = authenticated
        self.isLMTP = isLMTP
        self.clientName = clientName
    }

    package var isAuthenticated: Bool { authenticated != nil }
}

extension SessionFacts: Codable {
    private enum Key: String, CodingKey {
        case peer, helo, isExtended, tls, tlsCipher, sourceChannel, authenticated, isLMTP, clientName, client
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        peer = try container.decode(Peer.self, forKey: .peer)
        helo = try container.decode(String.self, forKey: .helo)
        isExtended = try container.decode(Bool.self, forKey: .isExtended)
        tls = try container.decodeIfPresent(String.self, forKey: .tls)
        tlsCipher = try container.decodeIfPresent(String.self, forKey: .tlsCipher)
        sourceChannel = try container.decode(String.self, forKey: .sourceChannel)
        authenticated = try container.decodeIfPresent(Address.self, forKey: .authenticated)
        isLMTP = try container.decodeIfPresent(Bool.self, forKey: .isLMTP) ?? false
        clientName = try container.decodeIfPresent(String.self, forKey: .clientName)
        client = try container.decodeIfPresent(ClientFindings.self, forKey: .client) ?? .init()
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(peer, forKey: .peer)
        try container.encode(helo, forKey: .helo)
        try container.encode(isExtended, forKey: .isExtended)
        try container.encodeIfPresent(tls, forKey: .tls)
        try container.encodeIfPresent(tlsCipher, forKey: .tlsCipher)
        try container.encode(sourceChannel, forKey: .sourceChannel)
        try container.encodeIfPresent(authenticated, forKey: .authenticated)
        if isLMTP { try container.encode(true, forKey: .isLMTP) }
        try container.encodeIfPresent(clientName, forKey: .clientName)
        if client != .init() { try container.encode(client, forKey: .client) }
    }
}
