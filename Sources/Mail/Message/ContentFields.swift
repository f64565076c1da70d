// SPDX-License-Identifier: MIT

/// The `Content-` fields of one header, read (RFC 2045, RFC 2183).
struct ContentFields {
    let type: ContentType
    let disposition: ContentDisposition?
    let encoding: TransferEncoding
    let fileName: String?
    private(set) var defects: [MessageDefect] = []

    /// `implied` is what a part without a `Content-Type` is.
    init(_ header: HeaderBlock, in bytes: UnsafeRawBufferPointer, implied: ContentType, limits: MessageLimits)
    {
        var found: [MessageDefect] = []
        let body = { (name: String, repeated: MessageDefect) -> [UInt8]? in
            let fields = header.fields(named: name)
            if fields.count > 1 { found.note(repeated) }
            let body = fields.first.map { HeaderBlock.unfolded($0.body, of: bytes) }
            if body?.isEmpty == true { found.note(.emptyContentField) }
            return body
        }
        let typeBody = body("Content-Type", .duplicateContentType)
        let encodingBody = body("Content-Transfer-Encoding", .duplicateTransferEncoding)
        let dispositionBody = body("Content-Disposition", .duplicateDisposition)

        var type = implied
        if let typeBody {
            let parsed = ContentType.parse(typeBody, limits: limits)
            type = parsed.type
            found.note(contentsOf: parsed.defects)
        }
        if type.parameters.contradicted.contains("boundary") { found.note(.twoBoundaries) }
        var encoding = TransferEncoding.sevenBit
        if let encodingBody {
            let parsed = TransferEncoding.parseNoting(encodingBody)
            found.note(contentsOf: parsed.defects)
            if let known = parsed.encoding {
                encoding = known
            } else {
                found.note(.unknownEncoding)
                encoding = .binary
            }
        }
        var disposition: ContentDisposition?
        if let dispositionBody {
            let parsed = ContentDisposition.parse(dispositionBody, limits: limits)
            disposition = parsed.disposition
            found.note(contentsOf: parsed.defects)
        }
        if type.type == "text", let charset = type.charset, !charset.isEmpty, !CharsetDecoding.knows(charset)
        {
            found.note(.unknownCharset)
        }
        self.type = type
        self.encoding = encoding
        self.disposition = disposition
        fileName = Self.fileName(type: type, disposition: disposition, limits: limits, &found)
        defects = found
    }

    /// What wasn't looked into: an opaque leaf.
    init(opaque type: ContentType) {
        self.type = type
        disposition = nil
        encoding = .binary
        fileName = nil
    }

    /// The disposition's `filename` (RFC 2183 §2.3), else the type's `name`. Encoded words are no part of
    /// either by the standards, but senders write them and people see them decoded.
    private static func fileName(
        type: ContentType, disposition: ContentDisposition?, limits: MessageLimits,
        _ defects: inout [MessageDefect]
    ) -> String? {
        let names = [disposition?.parameters.parameter("filename"), type.parameters.parameter("name")]
            .compactMap { $0 }
            .map { $0.isExtended ? $0.value : EncodedWord.decode($0.octets, limits: limits) }
        guard var name = names.first else { return nil }
        if names.contains(where: { $0 != name }) { defects.note(.twoFileNames) }
        if name.utf8.contains(where: ASCII.isControl) { defects.note(.controlInFileName) }
        if name.utf8.contains(ASCII.nul) { defects.note(.nul) }
        if name.utf8.count > limits.fileNameOctetsMax {
            defects.note(.fileNameTooLong)
            var kept = ""
            var octets = 0
            for scalar in name.unicodeScalars {
                octets += UTF8.width(scalar)
                if octets > limits.fileNameOctetsMax { break }
                kept.unicodeScalars.append(scalar)
            }
            name = kept
        }
        return name
    }
}
