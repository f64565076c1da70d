// SPDX-License-Identifier: MIT

package import Mail

/// What MAIL FROM said. Recorded in the case: what is nil here is left out there.
package struct SenderFacts: Codable, Hashable, Sendable {
    /// Nil is the null reverse-path.
    package var sender: Address?
    /// `SIZE=`, in octets.
    package var declaredOctets: Int?
    /// `BODY=8BITMIME`.
    package var isEightBit: Bool
    /// `AUTH=` (RFC 4954 §5), decoded: who submitted it, as the client says; `<>` where it says that nobody
    /// knows, nil where it says nothing.
    package var authParameter: String?
    /// `ENVID=` (RFC 3461 §4.4), decoded.
    package var envelopeID: String?
    /// `RET=` (RFC 3461 §4.3).
    package var ret: DeliveryOptions.Return?
    /// `BY=` (RFC 2852 §4).
    package var deliverBy: DeliveryOptions.DeliverBy?

    package init(
        sender: Address?, declaredOctets: Int?, isEightBit: Bool, authParameter: String? = nil,
        envelopeID: String? = nil
    ) {
        self.sender = sender
        self.declaredOctets = declaredOctets
        self.isEightBit = isEightBit
        self.authParameter = authParameter
        self.envelopeID = envelopeID
    }
}
