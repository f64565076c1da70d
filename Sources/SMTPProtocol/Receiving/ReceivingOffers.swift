// SPDX-License-Identifier: MIT

/// What a client is offered and asked for. It may change with the channel by which the client comes in; what
/// EHLO said before then stands until the client says EHLO again.
package struct ReceivingOffers: Hashable, Sendable {
    /// Octets of one message, announced by SIZE (RFC 1870) and enforced.
    package var sizeOctetsMax: Int
    /// STARTTLS (RFC 3207).
    package var tls: Bool
    /// AUTH (RFC 4954), in this order; empty where it isn't offered at all.
    package var mechanisms: [AuthenticationMechanism] = []
    /// AUTH is offered without TLS too, and then whoever listens has the password.
    package var allowsClearAuthentication = false
    /// No mail before STARTTLS.
    package var requiresTLS = false
    /// No mail before AUTH.
    package var requiresAuthentication = false
    /// ETRN (RFC 1985).
    package var queueRuns = false
    /// DSN (RFC 3461) and DELIVERBY (RFC 2852). Off: who offers DSN answers for the reports, and we write
    /// none; what a client wishes can only be handed on to a next hop.
    package var deliveryNotifications = false

    package init(sizeOctetsMax: Int, tls: Bool) {
        self.sizeOctetsMax = sizeOctetsMax
        self.tls = tls
    }
}

/// What holds for the open transaction alone, where it is less than what holds for the session. Nil leaves
/// that.
package struct TransactionLimits: Hashable, Sendable {
    /// Octets of the message.
    package var octetsMax: Int?
    /// Recipients admitted.
    package var recipientsMax: Int?
    /// Recipients named, rejected ones too, beyond which the whole message is put off.
    package var recipientsCutoff: Int?

    package init(octetsMax: Int? = nil, recipientsMax: Int? = nil, recipientsCutoff: Int? = nil) {
        self.octetsMax = octetsMax
        self.recipientsMax = recipientsMax
        self.recipientsCutoff = recipientsCutoff
    }
}
