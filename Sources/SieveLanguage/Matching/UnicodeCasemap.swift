// SPDX-License-Identifier: MIT

internal import CUnistring

/// The form in which `i;unicode-casemap` compares (RFC 5051 §2.3): each character in title case, then
/// decomposed.
enum UnicodeCasemap {
    /// What isn't UTF-8 stays as it is, as the RFC has it.
    static func form(_ octets: [UInt8]) -> [UInt8] {
        if octets.allSatisfy({ $0 < 0x80 }) { return Comparator.fold(octets) }
        guard let text = String(validating: octets, as: UTF8.self) else { return octets }
        var titled: [UInt8] = []
        titled.reserveCapacity(octets.count)
        for scalar in text.unicodeScalars {
            // Simple mappings alone: a character becomes one.
            let mapped = scalar.properties.titlecaseMapping.unicodeScalars
            let single = mapped.count == 1 ? mapped.first ?? scalar : scalar
            titled.append(contentsOf: UTF8.encode(single) ?? UTF8.EncodedScalar())
        }
        return decomposed(titled)
    }

    /// For each octet of the form, and its end, where the character that it comes from begins in `octets`.
    static func origins(_ octets: [UInt8]) -> [Int] {
        var origins: [Int] = []
        var offset = 0
        for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
            let character = Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
            origins += Array(repeating: offset, count: form(character).count)
            offset += character.count
        }
        return origins + [octets.count]
    }

    private static func decomposed(_ octets: [UInt8]) -> [UInt8] {
        // Seldom more than thrice as long; where it is, the library takes memory of its own.
        var room = [UInt8](repeating: 0, count: octets.count * 3 + 72)
        return room.withUnsafeMutableBufferPointer { buffer in
            var count = buffer.count
            guard let found = u8_normalize(postern_nfkd(), octets, octets.count, buffer.baseAddress, &count)
            else { return octets }
            defer { if found != buffer.baseAddress { free(found) } }
            return Array(UnsafeBufferPointer(start: found, count: count))
        }
    }
}
