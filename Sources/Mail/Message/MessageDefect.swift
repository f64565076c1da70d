// SPDX-License-Identifier: MIT

/// What is wrong with a message's form: two readers may see two different messages, or we stopped at a limit.
///
/// The raw values are what trails, logs and rules say, so they don't change.
package enum MessageDefect: String, Codable, Hashable, Sendable, CaseIterable {
    // Lines and octets.

    /// A line ends in LF alone.
    case bareLF
    /// A CR that no LF follows: some readers end a line there.
    case bareCR
    /// A NUL, in the message or in a decoded file name: some readers end the text there.
    case nul

    // Header blocks (RFC 5322 §2.2).

    /// Octets above 127 in a header block (RFC 6532 allows UTF-8 to who agreed on it; nobody did).
    case eightBitInHeader
    /// The block ended at a line that is no field and not empty. That line is taken as the body's first.
    case headerCutShort
    /// A folded line of blanks only: some readers end the header there (RFC 5322 §4.2 has it as obsolete
    /// folding).
    case blankContinuation
    /// Blanks between a field's name and its colon (obsolete, RFC 5322 §4.5): some readers overlook such a
    /// field.
    case spaceBeforeColon
    /// A mailbox file's `From ` line before the first field.
    case mboxFromLine
    /// Over `headerOctetsMax`; fields beyond aren't listed.
    case headerTooLong
    /// Over `headerFieldsMax` or `treeFieldsMax`; fields beyond aren't listed.
    case tooManyFields

    // Content fields (RFC 2045, 2183, 2231).

    /// `Content-Type` stands twice; the first counts.
    case duplicateContentType
    /// `Content-Transfer-Encoding` stands twice; the first counts.
    case duplicateTransferEncoding
    /// `Content-Disposition` stands twice; the first counts.
    case duplicateDisposition
    /// No `type/subtype`; taken as text/plain (RFC 2045 §5.2).
    case brokenContentType
    /// A parameter that isn't written as RFC 2045 §5.1 or RFC 2231 say; read as well as possible.
    case brokenParameter
    /// One parameter with two values.
    case contradictingParameter
    /// Over `parametersMax`; the rest isn't read.
    case tooManyParameters
    /// `name` of the type and `filename` of the disposition differ.
    case twoFileNames
    /// A file name holds control characters.
    case controlInFileName
    /// Over `fileNameOctetsMax`; cut.
    case fileNameTooLong
    /// A transfer encoding that RFC 2045 §6.1 doesn't name; the body is taken as it is.
    case unknownEncoding
    /// A multipart or a message in base64 or quoted-printable (RFC 2045 §6.4 forbids it). The multipart is
    /// read as if it weren't encoded, the message stays a leaf.
    case contradictingEncodings

    // Multiparts (RFC 2046 §5.1).

    /// A multipart without a boundary; it stays a leaf.
    case missingBoundary
    /// A multipart with two different boundaries; the first counts.
    case twoBoundaries
    /// Over `boundaryOctetsMax`; the multipart stays a leaf.
    case boundaryTooLong
    /// One open boundary begins with another.
    case boundaryPrefixesAnother
    /// A multipart uses the boundary of one around it.
    case boundaryReused
    /// A line begins with an open boundary and goes on: RFC 2046 §5.1.1 lets readers take it as a delimiter;
    /// we don't, as most don't.
    case ambiguousBoundaryLine
    /// A delimiter after its multipart was closed; we take it as epilogue, some read another part.
    case boundaryAfterClose
    /// No closing delimiter.
    case unclosedMultipart
    /// No delimiter at all; the multipart stays a leaf.
    case emptyMultipart
    /// Over `partsMax`; the rest of the message is one opaque leaf.
    case tooManyParts
    /// Over `nestingDepthMax`; what is inside stays a leaf.
    case tooDeep

    // Decoding.

    /// Characters outside the alphabet, or data after the padding; skipped over.
    case junkInBase64
    /// The last group is incomplete, or its padding is missing.
    case truncatedBase64
    /// `=` without two hexadecimal digits, or octets that must be encoded; kept as they are.
    case badQuotedPrintable
    /// Over `decodedOctetsMax`; cut.
    case decodedTooLong
    /// A charset that we can't convert; read as UTF-8.
    case unknownCharset
    /// Text that looks like an encoded word (RFC 2047 §2) and isn't one; kept as it is.
    case brokenEncodedWord
    /// Over `encodedWordsMax`; the rest stays as it is.
    case tooManyEncodedWords
    /// uuencode without its first or last line, or with lines that aren't as long as they say; decoded as
    /// well as possible.
    case brokenUuencode
    /// yEnc without its first or last line, or whose size or checksum isn't the data's.
    case brokenYEnc

    // Address fields (RFC 5322 §3.4).

    /// Something that is no address; skipped, or read as well as possible.
    case brokenAddress
    /// Over `addressesMax`; the rest isn't read.
    case tooManyAddresses
}

extension MessageDefect {
    /// Those that show only when bodies are decoded (`Part.decoding`).
    package static let decodingDefects: Set<MessageDefect> = [
        .junkInBase64, .truncatedBase64, .badQuotedPrintable, .decodedTooLong,
    ]
}

extension [MessageDefect] {
    /// Adds `defect` once: a list of defects can't grow beyond the number of their kinds.
    mutating func note(_ defect: MessageDefect) {
        if !contains(defect) { append(defect) }
    }

    mutating func note(contentsOf others: [MessageDefect]) {
        for defect in others { note(defect) }
    }
}
