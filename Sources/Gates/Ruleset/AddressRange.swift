// SPDX-License-Identifier: MIT

package import Mail

/// Addresses from one to another of one family, both included: how settings name networks and the answers of
/// a DNS list.
package struct AddressRange: Hashable, Sendable {
    package let first: IPAddress
    package let last: IPAddress

    /// `192.0.2.1`, `192.0.2.0/24`, `127.0.0.2-127.0.0.11`, `2001:db8::/32`. Bits beyond a prefix may be set.
    /// Nil where it is none of these, the two ends are of different families or in the wrong order.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        if parts.count == 2 {
            guard let first = IPAddress(parts[0]), let last = IPAddress(parts[1]),
                first.octets.count == last.octets.count,
                !last.octets.lexicographicallyPrecedes(first.octets)
            else { return nil }
            self.first = first
            self.last = last
            return
        }
        guard parts.count == 1 else { return nil }
        let halves = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard let address = IPAddress(halves[0]), halves.count <= 2 else { return nil }
        var bits = address.octets.count * 8
        if halves.count == 2 {
            // `Int` alone would take a sign.
            guard (1...3).contains(halves[1].utf8.count),
                halves[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let given = Int(halves[1]), given <= bits
            else { return nil }
            bits = given
        }
        guard let network = Self(address, prefixLength: bits) else { return nil }
        self = network
    }

    /// The network of `address`; nil for a prefix longer than the address.
    package init?(_ address: IPAddress, prefixLength: Int) {
        guard prefixLength >= 0, prefixLength <= address.octets.count * 8 else { return nil }
        var low: [UInt8] = []
        var high: [UInt8] = []
        for (index, octet) in address.octets.enumerated() {
            let bits = min(8, max(0, prefixLength - index * 8))
            let mask: UInt8 = bits == 8 ? 0xFF : ~(0xFF >> UInt8(bits))
            low.append(octet & mask)
            high.append(octet | ~mask)
        }
        guard let first = IPAddress(octets: low), let last = IPAddress(octets: high),
            first.octets.count == last.octets.count
        else { return nil }
        self.first = first
        self.last = last
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.octets.count == first.octets.count
            && !address.octets.lexicographicallyPrecedes(first.octets)
            && !last.octets.lexicographicallyPrecedes(address.octets)
    }
}

extension AddressRange: CustomStringConvertible {
    /// As a range always; a single address alone.
    package var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}

extension AddressRange: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let range = AddressRange(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no range of addresses")
        }
        self = range
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
