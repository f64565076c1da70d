// SPDX-License-Identifier: MIT

/// One node of a message's tree: where its header and its body stand in the received bytes, and what they
/// hold.
package struct Part: Sendable {
    /// As IMAP counts (RFC 9051 §6.4.5): `1`, `1.2`. The root is the empty string if it is a multipart,
    /// else `1`; what a message/rfc822 part `2` holds is `2.1` if it is a single body; if it is a multipart,
    /// its parts are `2.1`, `2.2` ... and the multipart itself `2.TEXT`. Each number occurs once.
    package let number: String
    package let contentType: ContentType
    package let disposition: ContentDisposition?
    package let encoding: TransferEncoding
    /// From the disposition's `filename`, else the type's `name`; decoded. From outside: it may hold path
    /// separators and control characters, and never names a file of ours.
    package let filename: String?
    package let header: HeaderBlock
    /// The header with the empty line after it.
    package let headerRange: Range<Int>
    /// Up to the line end that belongs to the delimiter after it (RFC 2046 §5.1.1).
    package let bodyRange: Range<Int>
    /// A multipart's parts, or the one message in a message/rfc822; empty for a leaf.
    package let children: [Part]
    /// The line that opens the part, `--boundary` with its line end; nil for what no multipart holds.
    package let delimiter: Range<Int>?
    /// A multipart's closing line, `--boundary--` without its line end; nil where there is none.
    package let closeDelimiter: Range<Int>?
    /// Uuencoded and yEnc files that stand in the body as it came, in its order; only in texts, and in bodies
    /// of an encoding that nobody knows.
    package let embedded: [EmbeddedFile]
    /// What is wrong with this part itself, not with its children.
    package let defects: [MessageDefect]

    /// `text/plain`, lower case.
    package var type: String { contentType.name }
    /// The `charset` parameter, lower case.
    package var charset: String? { contentType.charset }

    /// The body with its transfer encoding undone, and what was wrong with it.
    package func decoding(in bytes: MessageBytes, limits: MessageLimits = .init()) -> TransferDecoding {
        bytes.withBytes { buffer in
            let range = bodyRange.clamped(to: 0..<buffer.count)
            return TransferDecoding.decode(
                UnsafeRawBufferPointer(rebasing: buffer[range]), encoding, octetsMax: limits.decodedOctetsMax)
        }
    }

    /// Files that stand in the body once its transfer encoding is undone; their ranges are those of
    /// `decoded`, which is `decodedBody`. Empty for what isn't an encoded text.
    package func embedded(inDecoded decoded: [UInt8], limits: MessageLimits = .init()) -> [EmbeddedFile] {
        guard children.isEmpty, contentType.type == "text", !encoding.isIdentity else { return [] }
        return decoded.withUnsafeBytes { buffer in
            var scanner = EmbeddedFileScanner(buffer, filesMax: limits.embeddedFilesMax, limits: limits)
            return scanner.scan(0..<buffer.count)
        }
    }

    /// The body with its transfer encoding undone; at most `decodedOctetsMax` octets.
    package func decodedBody(in bytes: MessageBytes, limits: MessageLimits = .init()) -> [UInt8] {
        decoding(in: bytes, limits: limits).octets
    }

    /// The decoded body as text, by its charset; without a known one as UTF-8.
    package func text(in bytes: MessageBytes, limits: MessageLimits = .init()) -> String {
        CharsetDecoding.text(decodedBody(in: bytes, limits: limits), charset: charset)
    }

    /// What decoding a leaf brings to light: of its transfer encoding, and of the files in its text.
    package func bodyDefects(in bytes: MessageBytes, limits: MessageLimits = .init()) -> [MessageDefect] {
        guard children.isEmpty else { return [] }
        var found: [MessageDefect] = []
        for file in embedded { found.note(contentsOf: file.decoding(in: bytes, limits: limits).defects) }
        if encoding.isIdentity {
            if bodyRange.count > limits.decodedOctetsMax { found.note(.decodedTooLong) }
            return found
        }
        let decoding = decoding(in: bytes, limits: limits)
        found.note(contentsOf: decoding.defects)
        for file in embedded(inDecoded: decoding.octets, limits: limits) {
            found.note(.embeddedFile)
            found.note(contentsOf: file.defects)
        }
        return found
    }
}
