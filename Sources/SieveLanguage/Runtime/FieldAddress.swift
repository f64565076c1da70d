// SPDX-License-Identifier: MIT

internal import Mail

/// An address of a header field or of the envelope, in the parts that tests compare (RFC 5228 §2.7.4).
struct FieldAddress: Sendable {
    private let all: FieldValue
    /// Nil for what is no valid address: `:localpart` and `:domain` don't match it.
    private let localPart: FieldValue?
    private let domain: FieldValue?

    private init(all: FieldValue, localPart: FieldValue?, domain: FieldValue?) {
        self.all = all
        self.localPart = localPart
        self.domain = domain
    }

    /// The null reverse-path is the empty string, whatever part is asked for (RFC 5228 §5.4).
    static let null = FieldAddress(all: FieldValue([]), localPart: FieldValue([]), domain: FieldValue([]))

    /// An envelope's address; quotes around its local part are taken off, as in header fields.
    init(_ address: Address) {
        let local = Self.unquoted(Array(address.localPart.utf8))
        let domain = Array(address.domain.utf8)
        self.init(
            all: FieldValue(domain.isEmpty ? local : local + [UInt8(ascii: "@")] + domain),
            localPart: FieldValue(local), domain: domain.isEmpty ? nil : FieldValue(domain))
    }

    init(_ address: HeaderAddress) {
        let isValid = !address.localPart.isEmpty && !address.domain.isEmpty
        self.init(
            all: FieldValue(address.text), localPart: isValid ? FieldValue(address.localPart) : nil,
            domain: isValid ? FieldValue(address.domain) : nil)
    }

    /// The addresses of one field. A body in which there is none is one address as a whole, an invalid one.
    static func list(_ field: HeaderBlock.Field, of message: Message) -> [FieldAddress] {
        let body = message.header.unfolded(field, in: message.bytes)
        let addresses = AddressList.parse(body).addresses
        guard addresses.isEmpty, !body.isEmpty else { return addresses.map(FieldAddress.init) }
        return [FieldAddress(all: FieldValue(body), localPart: nil, domain: nil)]
    }

    func value(of part: AddressPart) -> FieldValue? {
        switch part {
        case .all: all
        case .localpart: localPart
        case .domain: domain
        }
    }

    private static func unquoted(_ local: [UInt8]) -> [UInt8] {
        guard local.count >= 2, local.first == UInt8(ascii: "\""), local.last == UInt8(ascii: "\"") else {
            return local
        }
        var octets: [UInt8] = []
        var isEscaped = false
        for octet in local.dropFirst().dropLast() {
            if octet == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                octets.append(octet)
                isEscaped = false
            }
        }
        return octets
    }
}
