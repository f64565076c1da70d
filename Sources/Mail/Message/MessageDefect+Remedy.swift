// SPDX-License-Identifier: MIT

extension MessageDefect {
    /// What canonical rewriting (`CanonicalMessage`) makes of a defect.
    package enum Remedy: String, Sendable {
        /// It is gone afterwards.
        case rewritten
        /// It stays: nothing that we could write would be truer. It doesn't make the parts ambiguous.
        case kept
        /// Nothing is rewritten: we don't know all of the message, or know nothing that all readers would
        /// agree on. Whoever wants a canonical message holds or rejects this one.
        case barred
    }

    package var remedy: Remedy {
        switch self {
        case .bareLF, .bareCR, .nul, .lineTooLong, .eightBitInSevenBit: .rewritten
        case .eightBitInHeader, .notUTF8InHeader, .controlInHeader, .headerLineTooLong, .headerCutShort,
            .blankContinuation, .spaceBeforeColon, .mboxFromLine:
            .rewritten
        case .headerTooLong, .tooManyFields: .barred
        case .duplicateFrom, .duplicateSender, .duplicateReplyTo, .duplicateTo, .duplicateCc, .duplicateBcc,
            .duplicateSubject, .duplicateDate, .duplicateMessageID, .duplicateInReplyTo,
            .duplicateReferences:
            .rewritten
        case .missingFrom, .missingDate, .severalAuthors: .kept
        case .duplicateMIMEVersion, .oddMIMEVersion, .missingMIMEVersion, .emptyContentField,
            .commentInContentField, .duplicateContentType, .duplicateTransferEncoding, .duplicateDisposition,
            .brokenContentType, .brokenParameter, .brokenContinuation, .brokenExtendedParameter,
            .encodedWordInParameter, .contradictingParameter, .twoFileNames, .controlInFileName,
            .fileNameTooLong, .unknownEncoding, .oddTransferEncoding, .contradictingEncodings:
            .rewritten
        case .tooManyParameters: .barred
        case .twoBoundaries, .oddBoundary, .boundaryPrefixesAnother, .boundaryReused, .ambiguousBoundaryLine,
            .boundaryAfterClose, .unclosedMultipart:
            .rewritten
        case .missingBoundary, .boundaryTooLong, .emptyMultipart, .tooManyParts, .tooDeep: .barred
        case .brokenSigned, .brokenEncrypted, .externalBody, .encodedMessage: .kept
        case .messageFragment: .barred
        case .embeddedFile, .brokenUUEncode, .truncatedUUEncode, .brokenYEnc, .truncatedYEnc,
            .embeddedSizeMismatch, .embeddedChecksumMismatch:
            .kept
        case .embeddedFragment, .tooManyEmbeddedFiles: .barred
        case .junkInBase64, .truncatedBase64, .badQuotedPrintable: .rewritten
        case .decodedTooLong: .barred
        case .unknownCharset: .kept
        case .brokenEncodedWord, .oddEncodedWord, .controlInEncodedWord: .rewritten
        case .tooManyEncodedWords: .barred
        case .brokenAddress: .rewritten
        case .tooManyAddresses: .barred
        }
    }
}
