// SPDX-License-Identifier: MIT

/// The header of a message or of a part (RFC 5322 §2.2): where its fields stand in the received bytes.
package struct HeaderBlock: Sendable {
    package struct Field: Sendable, Hashable {
        /// As written, without the colon.
        package let name: String
        /// The whole field with its folded lines and its last line end.
        package let range: Range<Int>
        /// What follows the colon, folds and the last line end included.
        package let body: Range<Int>
    }

    /// Offset of the first field's first octet; a mailbox file's `From ` line stands before it.
    package let start: Int
    /// Offset of the body: after the empty line, or where the first line that is no field stands.
    package let end: Int
    /// From top to bottom.
    package let fields: [Field]
    package let defects: [MessageDefect]

    /// Reads the block that begins at `start`, in one pass.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, from start: Int, limits: MessageLimits
    ) -> HeaderBlock {
        var reader = LineReader(bytes, from: start)
        var scanner = HeaderScanner(
            start: start, octetsMax: limits.headerOctetsMax, fieldsMax: limits.headerFieldsMax,
            lineOctetsMax: limits.lineOctetsMax)
        var end = bytes.count
        while let line = reader.next() {
            if case .ended(let offset) = scanner.take(line, of: bytes) {
                end = offset
                break
            }
        }
        if reader.sawBareLF { scanner.note(.bareLF) }
        if reader.sawBareCR { scanner.note(.bareCR) }
        return scanner.finish(at: end, of: bytes)
    }

    /// A block without fields, at `offset`.
    static func empty(at offset: Int) -> HeaderBlock {
        HeaderBlock(start: offset, end: offset, fields: [], defects: [])
    }

    /// Every field of that name, from top to bottom; the case of ASCII letters doesn't count.
    package func fields(named name: String) -> [Field] {
        fields.filter { ASCII.equalFolded($0.name, name) }
    }

    /// The topmost field of that name.
    package func first(named name: String) -> Field? {
        fields.first { ASCII.equalFolded($0.name, name) }
    }

    /// The raw octets of a field's body without its line ends (RFC 5322 §2.2.3) and without blanks at either
    /// end.
    package func unfolded(_ field: Field, in bytes: MessageBytes) -> [UInt8] {
        bytes.withBytes { Self.unfolded(field.body, of: $0) }
    }

    /// A field's body for people: unfolded, encoded words decoded (RFC 2047), in UTF-8. It may hold any
    /// character, line ends included, so it never goes into a header as it is.
    package func decoded(_ field: Field, in bytes: MessageBytes) -> String {
        EncodedWord.decode(unfolded(field, in: bytes))
    }

    static func unfolded(_ body: Range<Int>, of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let body = body.clamped(to: 0..<bytes.count)
        var start = body.lowerBound
        var end = body.upperBound
        while start < end, ASCII.isSpace(bytes[start]) { start += 1 }
        while end > start, ASCII.isSpace(bytes[end - 1]) { end -= 1 }
        var unfolded: [UInt8] = []
        unfolded.reserveCapacity(end - start)
        while let lf = LineReader.firstIndex(of: ASCII.lf, in: bytes, from: start, upTo: end) {
            let contentEnd = lf > start && bytes[lf - 1] == ASCII.cr ? lf - 1 : lf
            unfolded.append(contentsOf: bytes[start..<contentEnd])
            start = lf + 1
        }
        unfolded.append(contentsOf: bytes[start..<end])
        return unfolded
    }
}
