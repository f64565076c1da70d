// SPDX-License-Identifier: MIT

internal import Mail

extension SetCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let octets = try execution.octets(of: value)
        execution.set(variable, to: octets, modifiers)
    }
}

extension Execution {
    /// Sets a variable to what the modifiers make of a value.
    mutating func set(_ variable: Phrase.Piece, to value: [UInt8], _ modifiers: [SetCommand.Modifier]) {
        var octets = value
        for modifier in modifiers {
            octets = modifier.applied(to: octets, octetsMax: limits.variableValueOctetsMax)
        }
        set(variable, to: octets)
    }
}

extension SetCommand.Modifier {
    /// Letters are those of ASCII, as RFC 5229 §4.1 has it. What makes several characters of one stops before
    /// it has more than `octetsMax`: half a sequence would mean something else.
    func applied(to octets: [UInt8], octetsMax: Int) -> [UInt8] {
        switch self {
        case .lower: octets.map(Self.lowered)
        case .upper: Comparator.fold(octets)
        case .lowerfirst: octets.prefix(1).map(Self.lowered) + octets.dropFirst()
        case .upperfirst: octets.prefix(1).map(Comparator.fold) + octets.dropFirst()
        case .quotewildcard: Self.replaced(octets[...], octetsMax, Self.quoted)
        case .encodeurl: Self.replaced(octets[...], octetsMax, Self.percentEncoded)
        case .length: Array(String(Self.characters(octets)).utf8)
        }
    }

    private static func lowered(_ octet: UInt8) -> UInt8 {
        octet &- UInt8(ascii: "A") < 26 ? octet | 0x20 : octet
    }

    /// Characters of a UTF-8 text: the octets that begin one.
    private static func characters(_ octets: [UInt8]) -> Int { octets.count { $0 & 0xC0 != 0x80 } }

    /// Character by character.
    private static func replaced(
        _ octets: ArraySlice<UInt8>, _ octetsMax: Int, _ replace: (UInt8) -> [UInt8]
    ) -> [UInt8] {
        var replaced: [UInt8] = []
        var rest = octets
        while let first = rest.popFirst() {
            var sequence = replace(first)
            while let next = rest.first, next & 0xC0 == 0x80 {
                sequence += replace(next)
                rest.removeFirst()
            }
            guard replaced.count + sequence.count <= octetsMax else { break }
            replaced += sequence
        }
        return replaced
    }

    private static func quoted(_ octet: UInt8) -> [UInt8] {
        octet == UInt8(ascii: "*") || octet == UInt8(ascii: "?") || octet == UInt8(ascii: "\\")
            ? [UInt8(ascii: "\\"), octet] : [octet]
    }

    /// RFC 3986 §2.3: letters, digits and four marks stand for themselves.
    private static func percentEncoded(_ octet: UInt8) -> [UInt8] {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            return [octet]
        default:
            let digits = Array("0123456789ABCDEF".utf8)
            return [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
        }
    }
}
