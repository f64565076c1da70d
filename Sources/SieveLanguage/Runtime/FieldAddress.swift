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
        // The whole address has quotes where it can't be read without, however it was written. Dots in odd
        // places are old practice in some countries, and no trouble.
        let isPlain = local.allSatisfy { RedirectCommand.isAtomText($0) || $0 == UInt8(ascii: ".") }
        let text = String(decoding: local, as: UTF8.self)
        let written = isPlain ? local : Array(RedirectCommand.quotedIfNeeded(text).utf8)
        self.init(
            all: FieldValue(domain.isEmpty ? local : written + [UInt8(ascii: "@")] + domain),
            localPart: FieldValue(local), domain: domain.isEmpty ? nil : FieldValue(domain))
    }

    init(_ address: HeaderAddress) {
        let isValid = !address.localPart.isEmpty && !address.domain.isEmpty
        self.init(
            all: FieldValue(address.text), localPart: isValid ? FieldValue(address.localPart) : nil,
            domain: isValid ? FieldValue(address.domain) : nil)
    }

    /// The addresses in one unfolded field body. A body in which there is none is one address as a whole, an
    /// invalid one.
    static func list(_ body: [UInt8]) -> [FieldAddress] {
        let addresses = AddressList.parse(body).addresses
        guard addresses.isEmpty else { return addresses.map(FieldAddress.init) }
        return [FieldAddress(all: FieldValue(body), localPart: nil, domain: nil)]
    }

    /// The null reverse-path, or a field without anything in it.
    var isNull: Bool { all.octets.isEmpty }

    /// `delimiter` parts a local part into user and detail (RFC 5233 §4).
    func value(of part: AddressPart, delimiter: String) -> FieldValue? {
        switch part {
        case .all: all
        case .localpart: localPart
        case .domain: domain
        case .user:
            localPart.map { whole in
                Self.split(whole.octets, delimiter).map { FieldValue(Array(whole.octets[..<$0.lowerBound])) }
                    ?? whole
            }
        case .detail:
            localPart.flatMap { whole in
                Self.split(whole.octets, delimiter).map { FieldValue(Array(whole.octets[$0.upperBound...])) }
            }
        }
    }

    /// Where any octet of `delimiters` stands first; nil where none does.
    private static func split(_ octets: [UInt8], _ delimiters: String) -> Range<Int>? {
        octets.firstIndex { delimiters.utf8.contains($0) }.map { $0..<$0 + 1 }
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
