// SPDX-License-Identifier: MIT

/// Writes a value as JSON, straight into bytes.
///
/// A case is written for every message, on the mail path; a general encoder that builds a tree first costs
/// more than judging the message did. What comes out is ordinary JSON, keys in the order of declaration, so
/// that any decoder reads it and equal values give equal bytes. For octets use `Base64Text`.
///
/// Containers must be used in nesting order, as compiler-made conformances do.
package struct FactsEncoder: Sendable {
    package init() {}

    package func encode(_ value: some Encodable) throws -> [UInt8] {
        let stream = JSONStream()
        try stream.write(value)
        return stream.bytes
    }
}

/// The bytes so far, and which containers are open. One encoding uses it, and never from within itself: to
/// check that at each octet would cost more than to write it.
private final class JSONStream {
    @exclusivity(unchecked) var bytes: [UInt8] = []
    @exclusivity(unchecked) private var open: [(isObject: Bool, isEmpty: Bool)] = []

    var depth: Int { open.count }

    init() { bytes.reserveCapacity(4_096) }

    func write<Value: Encodable>(_ value: Value) throws {
        // Types are compared first: a cast that fails costs more than writing most values.
        if Value.self == String.self, let text = value as? String { return string(text) }
        if Value.self == Int.self, let number = value as? Int { return integer(number) }
        if Value.self == Bool.self, let flag = value as? Bool { return literal(flag ? "true" : "false") }
        if Value.self == [String].self, let texts = value as? [String] { return strings(texts) }
        if Value.self == Trail.self, let trail = value as? Trail { return self.trail(trail) }
        let before = open.count
        let start = bytes.count
        try value.encode(to: StreamEncoder(stream: self))
        close(to: before)
        // A value that encoded nothing at all is an empty object, as in other encoders.
        if bytes.count == start { literal("{}") }
    }

    func begin(object: Bool) {
        bytes.append(UInt8(ascii: object ? "{" : "["))
        open.append((object, true))
    }

    func close(to depth: Int) {
        while open.count > depth {
            let container = open.removeLast()
            bytes.append(UInt8(ascii: container.isObject ? "}" : "]"))
        }
    }

    /// Before an element of the container that was opened as number `depth`.
    func element(in depth: Int) {
        close(to: depth)
        if open[depth - 1].isEmpty {
            open[depth - 1].isEmpty = false
        } else {
            bytes.append(UInt8(ascii: ","))
        }
    }

    func key(_ name: String, in depth: Int) {
        element(in: depth)
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    func literal(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    func integer(_ value: some BinaryInteger) { bytes.append(contentsOf: String(value).utf8) }

    func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var plain = 0
            for index in 0..<utf8.count {
                let byte = utf8[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
                else { continue }
                bytes.append(contentsOf: utf8[plain..<index])
                plain = index + 1
                escape(byte)
            }
            bytes.append(contentsOf: utf8[plain..<utf8.count])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func strings(_ texts: [String]) {
        bytes.append(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            string(text)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// The same as the compiler-made conformance writes. Trails are most of what a case holds, and by hand
    /// they cost a tenth.
    private func trail(_ trail: Trail) {
        literal("{\"entries\":[")
        for (index, entry) in trail.entries.enumerated() {
            literal(index == 0 ? "{\"kind\":" : ",{\"kind\":")
            string(entry.kind.rawValue)
            if let rule = entry.rule {
                literal(",\"rule\":")
                string(rule)
            }
            literal(",\"about\":")
            string(entry.about)
            literal(",\"captures\":")
            strings(entry.captures)
            literal(",\"flags\":")
            strings(entry.flags)
            literal(",\"result\":")
            string(entry.result)
            literal("}")
        }
        literal("]}")
    }

    private func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
        case 0x0A: literal("\\n")
        case 0x0D: literal("\\r")
        case 0x09: literal("\\t")
        default:
            literal("\\u00")
            for digit in [byte >> 4, byte & 0xF] { bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
    }
}

private struct StreamEncoder: Encoder {
    let stream: JSONStream
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        stream.begin(object: true)
        return KeyedEncodingContainer(KeyedStream<Key>(stream: stream, depth: stream.depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        stream.begin(object: false)
        return UnkeyedStream(stream: stream, depth: stream.depth)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleStream(stream: stream) }
}

private struct KeyedStream<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let stream: JSONStream
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil(forKey key: Key) throws {
        stream.key(key.stringValue, in: depth)
        stream.literal("null")
    }

    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        stream.key(key.stringValue, in: depth)
        try stream.write(value)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        stream.key(key.stringValue, in: depth)
        return StreamEncoder(stream: stream).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        stream.key(key.stringValue, in: depth)
        return StreamEncoder(stream: stream).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        stream.key("super", in: depth)
        return StreamEncoder(stream: stream)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        stream.key(key.stringValue, in: depth)
        return StreamEncoder(stream: stream)
    }
}

private struct UnkeyedStream: UnkeyedEncodingContainer {
    let stream: JSONStream
    let depth: Int
    var count = 0
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() throws {
        next()
        stream.literal("null")
    }

    mutating func encode(_ value: some Encodable) throws {
        next()
        try stream.write(value)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        next()
        return StreamEncoder(stream: stream).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        next()
        return StreamEncoder(stream: stream).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        next()
        return StreamEncoder(stream: stream)
    }

    private mutating func next() {
        stream.element(in: depth)
        count += 1
    }
}

private struct SingleStream: SingleValueEncodingContainer {
    let stream: JSONStream
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() throws { stream.literal("null") }
    mutating func encode(_ value: Bool) throws { stream.literal(value ? "true" : "false") }
    mutating func encode(_ value: String) throws { stream.string(value) }
    mutating func encode(_ value: Double) throws { try floating(value) }
    mutating func encode(_ value: Float) throws { try floating(Double(value)) }
    mutating func encode(_ value: Int) throws { stream.integer(value) }
    mutating func encode(_ value: Int8) throws { stream.integer(value) }
    mutating func encode(_ value: Int16) throws { stream.integer(value) }
    mutating func encode(_ value: Int32) throws { stream.integer(value) }
    mutating func encode(_ value: Int64) throws { stream.integer(value) }
    mutating func encode(_ value: UInt) throws { stream.integer(value) }
    mutating func encode(_ value: UInt8) throws { stream.integer(value) }
    mutating func encode(_ value: UInt16) throws { stream.integer(value) }
    mutating func encode(_ value: UInt32) throws { stream.integer(value) }
    mutating func encode(_ value: UInt64) throws { stream.integer(value) }
    mutating func encode(_ value: some Encodable) throws { try stream.write(value) }

    private func floating(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: [], debugDescription: "JSON has no infinity and no NaN"))
        }
        stream.bytes.append(contentsOf: String(value).utf8)
    }
}
