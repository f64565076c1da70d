// SPDX-License-Identifier: MIT

/// What a Redis server answers, in version 2 of its protocol: five kinds of values, each line ended by CR LF.
/// Strings are octets and have their length before them, in both directions: nothing is ever quoted.
enum RedisValue: Equatable {
    case status(String)
    /// An error in the server's own words.
    case error(String)
    case integer(Int64)
    /// Nil where there is none.
    case octets([UInt8]?)
    case list([RedisValue])

    enum Reading: Equatable {
        /// The value, and how many octets it took.
        case value(RedisValue, Int)
        case needMore
        /// This is no such protocol, or a limit isn't kept.
        case broken
    }

    /// Octets of one reply; ours have some dozens.
    static let octetsMax = 65_536
    /// Values in a list; ours have three.
    static let elementsMax = 64
    /// Lists within lists; ours have one.
    static let depthMax = 3
    /// Octets of a line: a length, a number, an error.
    static let lineOctetsMax = 1_024

    /// A command as a list of octet strings.
    static func command(_ words: [[UInt8]]) -> [UInt8] {
        var octets = Array("*\(words.count)\r\n".utf8)
        for word in words {
            octets += Array("$\(word.count)\r\n".utf8)
            octets += word
            octets += [0x0D, 0x0A]
        }
        return octets
    }

    /// The first value in `octets`.
    static func read(_ octets: ArraySlice<UInt8>) -> Reading {
        var rest = octets
        switch read(&rest, depth: 0) {
        case .value(let value, _): return .value(value, octets.count - rest.count)
        case .needMore: return octets.count > octetsMax ? .broken : .needMore
        case .broken: return .broken
        }
    }

    /// Takes a value off `rest`. The count in the result is not used here.
    private static func read(_ rest: inout ArraySlice<UInt8>, depth: Int) -> Reading {
        guard let kind = rest.first else { return .needMore }
        guard let end = rest.prefix(lineOctetsMax + 2).firstIndex(of: 0x0A) else {
            return rest.count > lineOctetsMax ? .broken : .needMore
        }
        guard end > rest.startIndex + 1, rest[end - 1] == 0x0D else { return .broken }
        let line = rest[(rest.startIndex + 1)..<(end - 1)]
        rest = rest[(end + 1)...]
        let text = String(decoding: line, as: UTF8.self)
        switch kind {
        case UInt8(ascii: "+"): return .value(.status(text), 0)
        case UInt8(ascii: "-"): return .value(.error(text), 0)
        case UInt8(ascii: ":"): return Int64(text).map { .value(.integer($0), 0) } ?? .broken
        case UInt8(ascii: "$"):
            guard let count = Int(text), count >= -1, count <= octetsMax else { return .broken }
            return string(count, &rest)
        case UInt8(ascii: "*"):
            guard let count = Int(text), count >= -1, count <= elementsMax, depth < depthMax else {
                return .broken
            }
            return list(count, &rest, depth: depth)
        default: return .broken
        }
    }

    private static func string(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Reading {
        guard count >= 0 else { return .value(.octets(nil), 0) }
        guard rest.count >= count + 2 else { return .needMore }
        let octets = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        guard rest.prefix(2).elementsEqual([0x0D, 0x0A]) else { return .broken }
        rest = rest.dropFirst(2)
        return .value(.octets(octets), 0)
    }

    private static func list(_ count: Int, _ rest: inout ArraySlice<UInt8>, depth: Int) -> Reading {
        var values: [RedisValue] = []
        for _ in 0..<max(0, count) {
            switch read(&rest, depth: depth + 1) {
            case .value(let value, _): values.append(value)
            case .needMore: return .needMore
            case .broken: return .broken
            }
        }
        return .value(.list(values), 0)
    }
}
