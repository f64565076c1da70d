// SPDX-License-Identifier: MIT

/// One frame between the gateway and a scanner process: a fixed header, then a payload whose length it gives.
///
///     0  4   "PSCN"
///     4  2   version
///     6  2   kind
///     8  16  nonce of the job
///     24 4   octets of the payload
///
/// Numbers are big-endian. A connection carries one request and one answer; neither side reads beyond them.
package struct ScanFrame: Hashable, Sendable {
    package enum Kind: UInt16, Sendable {
        case job = 0x4A01
        case answer = 0x4102
        case statusRequest = 0x5103
        case status = 0x5304
    }

    package let kind: Kind
    package let nonce: ScanNonce
    package let payload: [UInt8]

    package static let headerOctets = 28
    /// Octets of a payload, at most: a name or a reason and some numbers. Content never travels here.
    package static let payloadOctetsMax = 4_096
    /// Of header and payloads alike; another version is refused, not guessed at.
    package static let version: UInt16 = 1
    private static let magic: [UInt8] = [0x50, 0x53, 0x43, 0x4E]

    package init(kind: Kind, nonce: ScanNonce, payload: [UInt8]) {
        precondition(payload.count <= Self.payloadOctetsMax, "a payload of our own making fits its limit")
        self.kind = kind
        self.nonce = nonce
        self.payload = payload
    }

    package var encoded: [UInt8] {
        var writer = ScanFieldWriter()
        writer.bytes += Self.magic
        writer.write(Self.version)
        writer.write(kind.rawValue)
        writer.write(nonce.high)
        writer.write(nonce.low)
        writer.write(UInt32(payload.count))
        return writer.bytes + payload
    }

    /// What `bytes` hold so far: a whole frame, the beginning of one, or something else.
    ///
    /// - Returns: the frame, or nil where more octets must come first.
    package static func decode(_ bytes: [UInt8]) throws(ScanWireError) -> ScanFrame? {
        guard let total = try expectedOctets(bytes), bytes.count >= total else { return nil }
        guard bytes.count == total else { throw .trailing(octets: bytes.count - total) }
        var reader = ScanFieldReader(bytes[6...])
        let code = try reader.readUInt16()
        guard let kind = Kind(rawValue: code) else { throw .unknownKind(code) }
        let nonce = ScanNonce(high: try reader.readUInt64(), low: try reader.readUInt64())
        return ScanFrame(kind: kind, nonce: nonce, payload: Array(bytes[headerOctets...]))
    }

    /// Octets of the frame that `bytes` begin, or nil where its header is not whole yet. A wrong beginning is
    /// found with its first octet, so that garbage never makes a reader wait for more of it.
    package static func expectedOctets(_ bytes: [UInt8]) throws(ScanWireError) -> Int? {
        guard zip(bytes, magic).allSatisfy({ $0 == $1 }) else { throw .notAFrame }
        guard bytes.count >= 6 else { return nil }
        let version = UInt16(bytes[4]) << 8 | UInt16(bytes[5])
        guard version == Self.version else { throw .version(version) }
        guard bytes.count >= headerOctets else { return nil }
        let count = bytes[24..<headerOctets].reduce(0) { $0 << 8 | Int($1) }
        guard count <= payloadOctetsMax else { throw .tooLong(octets: count) }
        return headerOctets + count
    }
}
