// SPDX-License-Identifier: MIT
internal import Mail

/// An IP network as a pattern names it: `$(192.0.2.0/24)`, `$<192.0.2.0/8>`, `${2001:db8::/32}`.
struct Network: Hashable, Sendable {
    let isIPv4: Bool
    /// Bits beyond `prefixLength` are clear.
    let value: UInt128
    /// Significant bits.
    let prefixLength: Int
    private let mask: UInt128

    /// `prefixLength` counts the significant bits, 0 to 32 or 128. Bits beyond it in `address` don't matter.
    init(_ address: IPAddress, prefixLength: Int) {
        isIPv4 = address.isIPv4
        self.prefixLength = min(max(prefixLength, 0), isIPv4 ? 32 : 128)
        mask = Self.mask(isIPv4: isIPv4, bits: self.prefixLength)
        value = address.octets.reduce(0) { $0 << 8 | UInt128($1) } & mask
    }

    /// Every address in it is in `other` too.
    func isWithin(_ other: Network) -> Bool {
        isIPv4 == other.isIPv4 && mask & other.mask == other.mask && value & other.mask == other.value
    }

    /// The network with one significant bit less; nil for that of all addresses.
    var widened: Network? {
        prefixLength > 0 ? Network(isIPv4: isIPv4, value: value, prefixLength: prefixLength - 1) : nil
    }

    private init(isIPv4: Bool, value: UInt128, prefixLength: Int) {
        self.isIPv4 = isIPv4
        self.prefixLength = prefixLength
        mask = Self.mask(isIPv4: isIPv4, bits: prefixLength)
        self.value = value & mask
    }

    /// Fewest octets of an address as text.
    var octetsMin: Int { isIPv4 ? 7 : 2 }

    static func mask(isIPv4: Bool, bits: Int) -> UInt128 {
        let ignored = (isIPv4 ? 32 : 128) - bits
        return ignored >= 128 ? 0 : UInt128.max << UInt128(ignored)
    }

    /// Where the address that begins at `position` ends, if it is one and lies in the network.
    ///
    /// The address is the longest that stands there, so `$(192.0.2.1)` doesn't match the beginning of
    /// `192.0.2.10`. An IPv4 address written as an IPv6 one (`::ffff:192.0.2.1`) is the IPv4 address.
    func end(in text: Span<UInt8>, from position: Int) -> Int? {
        guard let found = Self.read(text, from: position), found.isIPv4 == isIPv4 else { return nil }
        return found.value & mask == value ? found.end : nil
    }

    /// Whether an address can begin with this octet, in lower case.
    static func canBegin(with octet: UInt8) -> Bool { octet == UInt8(ascii: ":") || hexValue(octet) != nil }

    /// The address that begins at `position`, if one does.
    static func address(in text: Span<UInt8>, at position: Int) -> (isIPv4: Bool, value: UInt128)? {
        read(text, from: position).map { ($0.isIPv4, $0.value) }
    }

    private static func read(
        _ text: Span<UInt8>, from position: Int
    ) -> (isIPv4: Bool, value: UInt128, end: Int)? {
        if let (address, end) = ipv4(in: text, from: position) { return (true, UInt128(address), end) }
        guard let (address, end) = ipv6(in: text, from: position) else { return nil }
        return address >> 32 == 0xFFFF ? (true, address & 0xFFFF_FFFF, end) : (false, address, end)
    }

    private static func ipv4(in text: Span<UInt8>, from start: Int) -> (UInt32, end: Int)? {
        var address: UInt32 = 0
        var position = start
        for field in 0..<4 {
            if field > 0 {
                guard position < text.count, text[position] == UInt8(ascii: ".") else { return nil }
                position += 1
            }
            var octet: UInt32 = 0
            let first = position
            while position < text.count, position - first < 3, text[position].isASCIIDigit {
                octet = octet * 10 + UInt32(text[position] - 0x30)
                position += 1
            }
            // A leading zero means octal to some readers (RFC 6943 §3.1.1).
            guard position > first, octet <= 255, position == first + 1 || text[first] != 0x30 else {
                return nil
            }
            address = address << 8 | octet
        }
        if position < text.count, text[position].isASCIIDigit { return nil }
        return (address, position)
    }

    /// Octets of the longest IPv6 address as text (RFC 4291 §2.2), dotted quad included.
    private static let ipv6OctetsMax = 45

    private static func ipv6(in text: Span<UInt8>, from start: Int) -> (UInt128, end: Int)? {
        var end = start
        while end < text.count, end - start <= ipv6OctetsMax, isIPv6Octet(text[end]) { end += 1 }
        guard end - start >= 2, end - start <= ipv6OctetsMax else { return nil }
        var groups = IPv6Groups()
        var position = start
        if text[start] == UInt8(ascii: ":") {
            guard text[start + 1] == UInt8(ascii: ":") else { return nil }
            groups.gap()
            position = start + 2
        }
        while position < end {
            if let (address, after) = ipv4(in: text, from: position), after == end {
                guard groups.append(address >> 16), groups.append(address & 0xFFFF) else { return nil }
                position = after
                continue
            }
            let first = position
            var group: UInt32 = 0
            while position < end, position - first < 4, let digit = hexValue(text[position]) {
                group = group << 4 | digit
                position += 1
            }
            guard position > first, groups.append(group) else { return nil }
            if position == end { break }
            guard text[position] == UInt8(ascii: ":"), position + 1 < end else { return nil }
            position += 1
            if text[position] == UInt8(ascii: ":") {
                guard groups.gap() else { return nil }
                position += 1
            }
        }
        guard let address = groups.address else { return nil }
        return (address, end)
    }

    private static func isIPv6Octet(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: ":") || octet == UInt8(ascii: ".") || hexValue(octet) != nil
    }

    static func hexValue(_ octet: UInt8) -> UInt32? {
        switch octet {
        case 0x30...0x39: UInt32(octet - 0x30)
        case 0x61...0x66: UInt32(octet - 0x61 + 10)
        case 0x41...0x46: UInt32(octet - 0x41 + 10)
        default: nil
        }
    }
}

/// The sixteen-bit groups of an IPv6 address while it is read, with the place of its `::`.
private struct IPv6Groups {
    private var head: UInt128 = 0
    private var tail: UInt128 = 0
    private var count = 0
    private var tailCount = 0
    private var hasGap = false

    /// False where there are eight already.
    mutating func append(_ group: UInt32) -> Bool {
        guard count < 8 else { return false }
        count += 1
        if hasGap {
            tailCount += 1
            tail = tail << 16 | UInt128(group)
        } else {
            head = head << 16 | UInt128(group)
        }
        return true
    }

    /// Notes `::`. False where there was one before.
    @discardableResult
    mutating func gap() -> Bool {
        if hasGap { return false }
        hasGap = true
        return true
    }

    var address: UInt128? {
        guard hasGap else { return count == 8 ? head : nil }
        guard count < 8 else { return nil }
        let headCount = count - tailCount
        return (headCount == 0 ? 0 : head << UInt128(16 * (8 - headCount))) | tail
    }
}
