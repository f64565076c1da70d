// SPDX-License-Identifier: MIT

/// What a client asked for with a message, beside its addresses: DSN (RFC 3461) and DELIVERBY (RFC 2852).
package struct EnvelopeRequests: Codable, Hashable, Sendable {
    /// Values of `NOTIFY`, in upper case: `NEVER`, or some of `SUCCESS`, `FAILURE`, `DELAY`. Empty: not
    /// given.
    package var notify: [String] = []
    /// `ORCPT`, decoded: `rfc822;ann@example.org`.
    package var originalRecipient: String?
    /// `FULL` or `HDRS`.
    package var ret: String?
    /// `ENVID`, decoded.
    package var envelopeID: String?
    package var deliverBy: DeliverBy?

    package struct DeliverBy: Codable, Hashable, Sendable {
        /// Seconds since 1970-01-01 UTC.
        package var deadline: Int64
        /// `notify` or `return`.
        package var mode: String
        package var isTraced: Bool

        package init(deadline: Int64, mode: String, isTraced: Bool) {
            self.deadline = deadline
            self.mode = mode
            self.isTraced = isTraced
        }
    }

    package init() {}
}
