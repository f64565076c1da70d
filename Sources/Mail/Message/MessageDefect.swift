// SPDX-License-Identifier: MIT

/// What is wrong with a message's form: two readers may see two different messages, or we stopped at a limit.
///
/// The raw values are what trails, logs and rules say, so they don't change. `docs/mime-defects.md` has a
/// line for each, with what canonical rewriting makes of it (`remedy`).
package enum MessageDefect: String, Codable, Hashable, Sendable, CaseIterable {
    // Lines and octets.

    /// A line ends in LF alone.
    case bareLF
    /// A CR that no LF follows: some readers end a line there.
    case bareCR
    /// A NUL, in the message or in a decoded file name: some readers end the text there.
    case nul
    /// A line of a body over `lineOctetsMax` (RFC 5322 §2.1.1): some readers break or cut it.
    case lineTooLong
    /// Octets above 127 in a body that calls itself 7bit (RFC 2045 §6.2), or calls itself nothing.
    case eightBitInSevenBit

    // Header blocks (RFC 5322 §2.2).

    /// Octets above 127 in a header block (RFC 6532 allows UTF-8 to who agreed on it; nobody did, but within
    /// a message/global).
    case eightBitInHeader
    /// Octets above 127 in a header block that aren't UTF-8 (RFC 6532 §3.1): each reader guesses a charset.
    case notUTF8InHeader
    /// A control character in a header block, blanks and line ends aside (RFC 5322 §2.2).
    case controlInHeader
    /// A line of a header over `lineOctetsMax` (RFC 5322 §2.1.1): some readers break or cut it.
    case headerLineTooLong
    /// The block ended at a line that is no field and not empty. That line is taken as the body's first; if
    /// it is a delimiter and there was nothing before it, some readers see no part there.
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

    // Fields that a message has at most once (RFC 5322 §3.6). The first counts.

    /// `From` stands twice.
    case duplicateFrom
    /// `Sender` stands twice.
    case duplicateSender
    /// `Reply-To` stands twice.
    case duplicateReplyTo
    /// `To` stands twice.
    case duplicateTo
    /// `Cc` stands twice.
    case duplicateCc
    /// `Bcc` stands twice.
    case duplicateBcc
    /// `Subject` stands twice.
    case duplicateSubject
    /// `Date` stands twice.
    case duplicateDate
    /// `Message-ID` stands twice.
    case duplicateMessageID
    /// `In-Reply-To` stands twice.
    case duplicateInReplyTo
    /// `References` stands twice.
    case duplicateReferences
    /// A message without `From`.
    case missingFrom
    /// A message without `Date`.
    case missingDate
    /// `From` names several mailboxes and there is no `Sender` (RFC 5322 §3.6.2): readers show one of them.
    case severalAuthors

    // Content fields (RFC 2045, 2183, 2231).

    /// Several `MIME-Version` fields; that there is one counts.
    case duplicateMIMEVersion
    /// `MIME-Version` isn't `1.0` (RFC 2045 §4); the message is read as MIME nevertheless.
    case oddMIMEVersion
    /// Parts, an encoding or a type other than text/plain without `MIME-Version`: some readers take all of it
    /// as text. It is read as MIME.
    case missingMIMEVersion
    /// A `Content-` field of ours with nothing in it; as if it said something unknown.
    case emptyContentField
    /// A comment in a `Content-Type`, `Content-Disposition` or `Content-Transfer-Encoding`, or a blank beside
    /// the type's slash: allowed, and read differently. We leave both out.
    case commentInContentField

    /// `Content-Type` stands twice; the first counts.
    case duplicateContentType
    /// `Content-Transfer-Encoding` stands twice; the first counts.
    case duplicateTransferEncoding
    /// `Content-Disposition` stands twice; the first counts.
    case duplicateDisposition
    /// No `type/subtype`; taken as text/plain (RFC 2045 §5.2).
    case brokenContentType
    /// A parameter that isn't written as RFC 2045 §5.1 says, or has an apostrophe and no quotes, which some
    /// take for an extended one; read as well as possible.
    case brokenParameter
    /// Sections of a parameter with a gap, an odd number or without a first one (RFC 2231 §3); read up to the
    /// gap.
    case brokenContinuation
    /// An extended parameter without a charset, with a broken `%XX` (RFC 2231 §4), or with an octet that has
    /// to be written so; read as UTF-8, and the octet as it stands.
    case brokenExtendedParameter
    /// An encoded word in a parameter's value (RFC 2047 §5 forbids it). In file names it is decoded.
    case encodedWordInParameter
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
    /// `Content-Transfer-Encoding` isn't one bare word: quoted, or something follows. Its first word counts.
    case oddTransferEncoding
    /// A multipart or a message in base64 or quoted-printable (RFC 2045 §6.4 forbids it). The multipart is
    /// read as if it weren't encoded, the message stays a leaf.
    case contradictingEncodings

    // Multiparts (RFC 2046 §5.1).

    /// A multipart without a boundary; it stays a leaf.
    case missingBoundary
    /// A multipart with two different boundaries; the first counts.
    case twoBoundaries
    /// A boundary of over 70 octets, with octets that RFC 2046 §5.1.1 doesn't allow or a blank at its end, or
    /// written as RFC 2231 says: readers differ in whether they find it. It is used as read.
    case oddBoundary
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

    /// A multipart/signed that isn't two parts of which the second is of the `protocol` (RFC 1847 §2.1).
    case brokenSigned
    /// A multipart/encrypted that isn't two parts of which the first is of the `protocol` and the second
    /// application/octet-stream (RFC 1847 §2.2).
    case brokenEncrypted

    // What a filter can't see whole.

    /// A message/partial (RFC 2046 §5.2.2): a piece of a message that only its reader puts together.
    case messageFragment
    /// A message/external-body (RFC 2046 §5.2.3): its body is elsewhere.
    case externalBody
    /// A message/global in an encoding, which RFC 6532 §3.7 allows; it stays a leaf.
    case encodedMessage

    // Files in text: uuencode (IEEE Std 1003.1) and yEnc.

    /// A file written into a text: some readers show an attachment, others the text.
    case embeddedFile
    /// A uuencoded line whose length isn't what it says, or which isn't uuencoded; skipped over.
    case brokenUUEncode
    /// No `end` line; the file goes to the end of the part, or to the next file.
    case truncatedUUEncode
    /// A yEnc line without what it must say, or an escape without an octet.
    case brokenYEnc
    /// No `=yend` line; the file goes to the end of the part, or to the next file.
    case truncatedYEnc
    /// One part of a file in several messages (yEnc `part=`, `total=`).
    case embeddedFragment
    /// A file has another size than its yEnc lines say.
    case embeddedSizeMismatch
    /// A file's checksum isn't the one that its yEnc lines say; known after decoding.
    case embeddedChecksumMismatch
    /// Over `embeddedFilesMax`; the rest isn't looked for.
    case tooManyEmbeddedFiles

    // Decoding.

    /// Characters outside the alphabet, or data after the padding; skipped over.
    case junkInBase64
    /// The last group is incomplete, or its padding is missing.
    case truncatedBase64
    /// `=` without two hexadecimal digits, or octets that must be encoded; kept as they are. Blanks at the
    /// end of a line must be too, and are taken off (RFC 2045 §6.7), which not all readers do.
    case badQuotedPrintable
    /// Over `decodedOctetsMax`; cut.
    case decodedTooLong
    /// A charset that we can't convert; read as UTF-8.
    case unknownCharset
    /// Text that looks like an encoded word (RFC 2047 §2) and isn't one; kept as it is.
    case brokenEncodedWord
    /// An encoded word of over 75 octets, with a blank in it, or without a blank beside it (RFC 2047 §2, §5);
    /// decoded nevertheless.
    case oddEncodedWord
    /// An encoded word that holds control characters, line ends perhaps.
    case controlInEncodedWord
    /// Over `encodedWordsMax`; the rest stays as it is.
    case tooManyEncodedWords

    // Address fields (RFC 5322 §3.4).

    /// Something that is no address; skipped, or read as well as possible.
    case brokenAddress
    /// Over `addressesMax`; the rest isn't read.
    case tooManyAddresses
}

extension MessageDefect {
    /// Those that may show only when bodies are decoded (`PartTree.allDefects`).
    package static let decodingDefects: Set<MessageDefect> = [
        .junkInBase64, .truncatedBase64, .badQuotedPrintable, .decodedTooLong, .embeddedFile,
        .brokenUUEncode, .truncatedUUEncode, .brokenYEnc, .truncatedYEnc, .embeddedFragment,
        .embeddedSizeMismatch, .embeddedChecksumMismatch, .tooManyEmbeddedFiles,
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
