// SPDX-License-Identifier: MIT

extension Part {
    /// Octets of the received body that are decoded at once where it is decoded in pieces: small enough to
    /// stay in the processor's nearer memory, large enough that a piece costs nothing.
    package static let pieceOctets = 65_536

    /// Undoes the body's transfer encoding piece by piece: what `decoding` gives at once, in a memory of some
    /// pieces whatever the body's length. `body` gets the decoded octets in their order, at most
    /// `decodedOctetsMax` in all, and must not let the pointer out.
    ///
    /// - Returns: what was wrong with the body.
    package func decodePieces(
        in bytes: MessageBytes, limits: MessageLimits = .init(), _ body: (UnsafeRawBufferPointer) -> Void
    ) -> [MessageDefect] {
        bytes.withBytes { buffer in
            let range = bodyRange.clamped(to: 0..<buffer.count)
            var decoder = TransferDecoder(encoding, octetsMax: limits.decodedOctetsMax)
            var octets: [UInt8] = []
            var start = range.lowerBound
            while start < range.upperBound {
                let end = min(range.upperBound, start + Self.pieceOctets)
                decoder.append(UnsafeRawBufferPointer(rebasing: buffer[start..<end]), to: &octets)
                octets.withUnsafeBytes { if !$0.isEmpty { body($0) } }
                octets.removeAll(keepingCapacity: true)
                start = end
            }
            decoder.finish(&octets)
            octets.withUnsafeBytes { if !$0.isEmpty { body($0) } }
            return decoder.defects
        }
    }
}
