// SPDX-License-Identifier: MIT

/// A body with its transfer encoding undone (RFC 2045 §6.7, §6.8). Anything can be decoded; what is broken is
/// skipped or kept as it is, with a defect, and the output ends at a limit.
package struct TransferDecoding: Sendable {
    package let octets: [UInt8]
    package let defects: [MessageDefect]

    /// Decodes `bytes`; the result has at most `octetsMax` octets. A body of which not all is needed at once
    /// is better decoded piece by piece: `TransferDecoder`.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, _ encoding: TransferEncoding, octetsMax: Int
    ) -> TransferDecoding {
        let octetsMax = max(0, octetsMax)
        if encoding.isIdentity {
            return TransferDecoding(
                octets: Array(bytes.prefix(octetsMax)),
                defects: bytes.count > octetsMax ? [.decodedTooLong] : [])
        }
        var decoder = TransferDecoder(encoding, octetsMax: octetsMax)
        var octets: [UInt8] = []
        decoder.decode(bytes, to: &octets)
        return TransferDecoding(octets: octets, defects: decoder.defects)
    }
}
