// SPDX-License-Identifier: MIT

/// What becomes of a part's body and of its transfer encoding.
struct CanonicalBody {
    /// What the part says of its encoding.
    enum Encoding: Equatable {
        /// The field stays, if there is nothing wrong with it.
        case unchanged
        case announced(TransferEncoding)
        /// There must be no field.
        case absent
    }

    private(set) var encoding = Encoding.unchanged
    /// Nil for the received body.
    private(set) var replacement: [UInt8]?

    init(_ part: Part, in bytes: MessageBytes, limits: MessageLimits) {
        guard part.children.isEmpty else {
            let isWrong =
                part.defects.contains(.contradictingEncodings) || part.defects.contains(.unknownEncoding)
            if isWrong { encoding = .absent }
            return
        }
        let raw = bytes.withBytes { RawBody($0, part.bodyRange, limits: limits) }
        let isText = part.contentType.type == "text" || part.contentType.type == "message"
        guard part.encoding.isIdentity else {
            let decoding = part.decoding(in: bytes, limits: limits)
            guard !raw.isClean || !decoding.defects.isEmpty else { return }
            replacement =
                part.encoding == .base64
                ? TransferEncoder.base64(decoding.octets) : TransferEncoder.quotedPrintable(decoding.octets)
            return
        }
        let hasEightBit = bytes.withBytes { buffer in
            HeaderScanner.hasEightBit(buffer, in: part.bodyRange.clamped(to: 0..<buffer.count))
        }
        if raw.hasNUL || raw.hasBareCR || raw.hasLongLine || raw.hasBareLF && !isText {
            let octets = part.decodedBody(in: bytes, limits: limits)
            encoding = .announced(isText ? .quotedPrintable : .base64)
            replacement =
                isText
                ? TransferEncoder.quotedPrintable(raw.hasBareLF ? Self.lines(octets) : octets)
                : TransferEncoder.base64(octets)
            return
        }
        if raw.hasBareLF { replacement = Self.lines(part.decodedBody(in: bytes, limits: limits)) }
        if part.defects.contains(.unknownEncoding) {
            encoding = .announced(hasEightBit ? .eightBit : .sevenBit)
        } else if part.defects.contains(.eightBitInSevenBit) {
            encoding = .announced(.eightBit)
        }
    }

    /// CRLF at the end of each line.
    private static func lines(_ octets: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(octets.count + octets.count(where: { $0 == ASCII.lf }))
        var before: UInt8 = 0
        for octet in octets {
            if octet == ASCII.lf, before != ASCII.cr { lines.append(ASCII.cr) }
            lines.append(octet)
            before = octet
        }
        return lines
    }
}
