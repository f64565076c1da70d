// SPDX-License-Identifier: MIT

/// A file that somebody wrote into a text: uuencoded (IEEE Std 1003.1) or in yEnc. Older readers show it as
/// an attachment, newer ones as text, so a filter has to see it.
package struct EmbeddedFile: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case uuencode
        case yEnc = "yenc"
    }

    package let kind: Kind
    /// From outside: it may hold path separators and anything else but line ends, and never names a file of
    /// ours. At most `fileNameOctetsMax` octets.
    package let name: String
    /// From the line that begins the file to the one that ends it, line ends included. Of the received bytes
    /// for `Part.embedded`, of the decoded body for `Part.embedded(inDecoded:)`.
    package let range: Range<Int>
    /// The lines with the data.
    package let dataRange: Range<Int>
    /// Octets that the file has, decoded.
    package let size: Int
    /// Octets that it says it has; uuencoded ones don't say.
    package let declaredSize: Int?
    /// The CRC-32 of the decoded octets, as the file says it.
    package let declaredChecksum: UInt32?
    /// Which part of a file in several messages this is, from 1; nil for a whole one.
    package let partNumber: Int?
    /// What is wrong with it, as far as that is known without decoding.
    package let defects: [MessageDefect]

    /// Decodes piece by piece. `bytes` are those that the file was found in.
    package func decoder(in bytes: MessageBytes, limits: MessageLimits = .init()) -> EmbeddedFileDecoder {
        EmbeddedFileDecoder(self, in: bytes, octetsMax: limits.decodedOctetsMax)
    }

    /// The whole file, at most `decodedOctetsMax` octets, and all that is wrong with it.
    package func decoding(
        in bytes: MessageBytes, limits: MessageLimits = .init()
    ) -> (octets: [UInt8], defects: [MessageDefect]) {
        var decoder = decoder(in: bytes, limits: limits)
        var octets: [UInt8] = []
        octets.reserveCapacity(min(max(0, size), max(0, limits.decodedOctetsMax)))
        while let piece = decoder.next() { octets += piece }
        return (octets, decoder.defects)
    }
}
