// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

/// A message for each defect.
struct DefectSample: Sendable, CustomTestStringConvertible {
    let defect: MessageDefect
    let bytes: [UInt8]
    var limits = MessageLimits()

    var testDescription: String { defect.rawValue }

    /// `text` has LF line ends and becomes CRLF; `raw` octets stand as they are.
    init(_ defect: MessageDefect, _ text: String, _ change: (inout MessageLimits) -> Void = { _ in }) {
        let message = ReferenceMessages.crlf(text)
        self.init(defect, raw: message.bytes(in: 0..<message.count), change)
    }

    init(_ defect: MessageDefect, raw: [UInt8], _ change: (inout MessageLimits) -> Void = { _ in }) {
        self.defect = defect
        bytes = raw
        change(&limits)
    }

    var message: Message { Message(parsing: MessageBytes(bytes), limits: limits) }

    /// What a whole message begins with.
    static let head = "From: a@example.org\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
    private static let mixed = head + "Content-Type: multipart/mixed; boundary=b\n"
    private static let parts = "\n--b\n\none\n--b\nContent-Type: text/html\n\n<p>\n--b--\n"
    private static let long = String(repeating: "long words ", count: 120)

    static let all: [DefectSample] =
        lines + headers + fields + contentFields + multiparts + unseen + embedded + coded

    private static let lines: [DefectSample] = [
        .init(.bareLF, raw: Array((mixed + parts).utf8)),
        .init(.bareCR, head + "\none\rtwo\nthree\n"),
        .init(.nul, head + "\none\0two\n"),
        .init(.lineTooLong, head + "\nshort\n\(long)\n"),
        .init(.eightBitInSevenBit, head + "Content-Type: text/plain; charset=utf-8\n\nGrüße\n"),
    ]

    private static let headers: [DefectSample] = [
        .init(.eightBitInHeader, head + "Subject: Grüße aus Köln an alle\n\nx\n"),
        .init(
            .notUTF8InHeader,
            raw: Array((head.replacing("\n", with: "\r\n") + "Subject: Gr").utf8) + [0xFC]
                + Array("n\r\n\r\nx".utf8)),
        .init(.controlInHeader, head + "Subject: a\u{1}b\n\nx\n"),
        .init(.headerLineTooLong, head + "Subject: \(long)\n\nx\n"),
        .init(.headerCutShort, mixed + "no field\n\n--b\nhello\n--b\nText: x\nthere\n--b--\n"),
        .init(.blankContinuation, head + "Subject: one\n \t\n two\n\nx\n"),
        .init(.spaceBeforeColon, head + "Subject : one\n\nx\n"),
        .init(.mboxFromLine, "From a@example.org Mon Nov  2 10:00:00 2026\n" + head + "\nx\n"),
        .init(.headerTooLong, head + "Subject: x\n\ny\n") { $0.headerOctetsMax = 60 },
        .init(.tooManyFields, head + "Subject: x\n\ny\n") { $0.headerFieldsMax = 3 },
    ]

    private static let fields: [DefectSample] = [
        .init(.duplicateFrom, head + "From: b@example.org\n\nx\n"),
        .init(.duplicateSender, head + "Sender: a@b\nsender: c@d\n\nx\n"),
        .init(.duplicateReplyTo, head + "Reply-To: a@b\nReply-To: c@d\n\nx\n"),
        .init(.duplicateTo, head + "To: a@b\nTo: c@d\n\nx\n"),
        .init(.duplicateCc, head + "Cc: a@b\nCC: c@d\n\nx\n"),
        .init(.duplicateBcc, head + "Bcc: a@b\nBcc: c@d\n\nx\n"),
        .init(.duplicateSubject, head + "Subject: a\nSubject: b\n\nx\n"),
        .init(.duplicateDate, head + "Date: Mon, 2 Nov 2026 11:00:00 +0000\n\nx\n"),
        .init(.duplicateMessageID, head + "Message-ID: <a@b>\nMessage-Id: <c@d>\n\nx\n"),
        .init(.duplicateInReplyTo, head + "In-Reply-To: <a@b>\nIn-Reply-To: <c@d>\n\nx\n"),
        .init(.duplicateReferences, head + "References: <a@b>\nReferences: <c@d>\n\nx\n"),
        .init(.duplicateMIMEVersion, head + "MIME-Version: 1.0\n\nx\n"),
        .init(.missingFrom, "Date: Mon, 2 Nov 2026 10:00:00 +0000\n\nx\n"),
        .init(.missingDate, "From: a@example.org\n\nx\n"),
        .init(.severalAuthors, "Date: Mon, 2 Nov 2026 10:00:00 +0000\nFrom: a@b, c@d\n\nx\n"),
        .init(.brokenAddress, "Date: Mon, 2 Nov 2026 10:00:00 +0000\nFrom: Ann Bee <a@b> <c\n\nx\n"),
        .init(.tooManyAddresses, head + "Reply-To: a@b, c@d, e@f\n\nx\n") { $0.addressesMax = 2 },
    ]

    private static let contentFields: [DefectSample] = [
        .init(.oddMIMEVersion, "From: a@b\nDate: x\nMIME-Version: 2.0\nContent-Type: text/html\n\nx\n"),
        .init(.missingMIMEVersion, "From: a@b\nDate: x\nContent-Type: text/html\n\nx\n"),
        .init(.emptyContentField, head + "Content-Type:\nContent-Disposition: \n\nx\n"),
        .init(
            .commentInContentField, head + "Content-Type: text/html (not text/plain); charset=utf-8\n\nx\n"),
        .init(.duplicateContentType, mixed + "Content-Type: text/plain\n" + parts),
        .init(
            .duplicateTransferEncoding,
            head + "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\naGk=\n"),
        .init(
            .duplicateDisposition,
            head + "Content-Disposition: inline\nContent-Disposition: attachment\n\nx\n"),
        .init(.brokenContentType, head + "Content-Type: html; charset=utf-8\n\nx\n"),
        .init(
            .brokenParameter, head + "Content-Disposition: attachment; filename=my report.pdf; x; y=(\n\nx\n"),
        .init(.brokenContinuation, head + "Content-Type: text/html; name*0=a; name*2=c; u*1=x\n\nx\n"),
        .init(.brokenExtendedParameter, head + "Content-Disposition: inline; filename*=a%zz%C3%BC\n\nx\n"),
        .init(
            .encodedWordInParameter,
            head + "Content-Disposition: inline; filename=\"=?utf-8?Q?=C3=BC?=.exe\"\n\nx\n"),
        .init(
            .contradictingParameter,
            head + "Content-Disposition: inline; filename=a.txt; filename=b.exe\n\nx\n"),
        .init(.tooManyParameters, head + "Content-Type: text/html; a=b; c=d; e=f\n\nx\n") {
            $0.parametersMax = 2
        },
        .init(
            .twoFileNames,
            head + "Content-Type: a/b; name=a.exe\nContent-Disposition: inline; filename=a.txt\n\nx\n"),
        .init(
            .controlInFileName, head + "Content-Disposition: inline; filename*=utf-8''a.exe%00%0A.txt\n\nx\n"),
        .init(
            .fileNameTooLong,
            head
                + "Content-Type: a/b; name=\"ääää.txt\"\nContent-Disposition: inline; filename=\"ääää.txt\"\n\nx\n"
        ) { $0.fileNameOctetsMax = 5 },
        .init(.unknownEncoding, head + "Content-Transfer-Encoding: base-64\n\naGk=\n"),
        .init(.oddTransferEncoding, head + "Content-Transfer-Encoding: \"base64\"; x\n\naGk=\n"),
        .init(.contradictingEncodings, mixed + "Content-Transfer-Encoding: base64\n" + parts),
    ]

    private static let multiparts: [DefectSample] = [
        .init(.missingBoundary, head + "Content-Type: multipart/mixed\n" + parts),
        .init(.twoBoundaries, head + "Content-Type: multipart/mixed; boundary=b; boundary=c\n" + parts),
        .init(.oddBoundary, head + "Content-Type: multipart/mixed; boundary*=us-ascii''b\n" + parts),
        .init(.boundaryTooLong, mixed + parts) { $0.boundaryOctetsMax = 0 },
        .init(
            .boundaryPrefixesAnother,
            mixed
                + "\n--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n--bb--\n--b\n\ntwo\n--b--\n"
        ),
        .init(
            .boundaryReused,
            mixed
                + "\n--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n"
        ),
        .init(.ambiguousBoundaryLine, mixed + "\n--b\n\none\n--b two\nthree\n--b--\n"),
        .init(.boundaryAfterClose, mixed + "\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n"),
        .init(
            .unclosedMultipart,
            mixed + "\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n"),
        .init(.emptyMultipart, mixed + "\ntext\n--b--\n"),
        .init(.tooManyParts, mixed + parts) { $0.partsMax = 2 },
        .init(.tooDeep, mixed + "\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b--\n") {
            $0.nestingDepthMax = 1
        },
        .init(
            .brokenSigned,
            head + "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\n"
                + parts),
        .init(
            .brokenEncrypted,
            head + "Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"\n"
                + parts),
    ]

    private static let unseen: [DefectSample] = [
        .init(
            .messageFragment,
            head + "Content-Type: message/partial; id=x; number=1; total=2\n\nSubject: x\n\ny\n"),
        .init(
            .externalBody, head + "Content-Type: message/external-body; access-type=url; url=x\n\nA: b\n\n"),
        .init(
            .encodedMessage,
            head + "Content-Type: message/global\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA0KDQp5\n"
        ),
    ]

    static let cat = "begin 644 cat.txt\n#0V%T\n`\nend\n"
    private static let yenc = "=ybegin line=128 size=3 name=cat.bin\nm\u{7F}x\n=yend size=3"

    private static let embedded: [DefectSample] = [
        .init(.embeddedFile, head + "\nsee this:\n\(cat)bye\n"),
        .init(.brokenUUEncode, head + "\nbegin 644 cat.txt\n#0V%T\n#0V%TXX\n`\nend\n"),
        .init(.truncatedUUEncode, head + "\nbegin 644 cat.txt\n#0V%T\n"),
        .init(.brokenYEnc, head + "\n=ybegin line=128 name=x\nabc\n=yend size=3\n"),
        .init(.truncatedYEnc, head + "\n=ybegin line=128 size=3 name=x\nabc\n"),
        .init(
            .embeddedFragment,
            head
                + "\n=ybegin part=1 total=2 line=128 size=6 name=x\n=ypart begin=1 end=3\nabc\n=yend size=3 part=1\n"
        ),
        .init(.embeddedSizeMismatch, head + "\n=ybegin line=128 size=4 name=x\nabc\n=yend size=4\n"),
        .init(
            .embeddedChecksumMismatch,
            head + "\n=ybegin line=128 size=3 name=x\nabc\n=yend size=3 crc32=12345678\n"),
        .init(.tooManyEmbeddedFiles, head + "\n\(cat)\n\(cat)") { $0.embeddedFilesMax = 1 },
    ]

    private static let base64 = head + "Content-Transfer-Encoding: base64\n"

    private static let coded: [DefectSample] = [
        .init(.junkInBase64, base64 + "\naGk=aGk=\n!aG$k\n"),
        .init(.truncatedBase64, base64 + "\naGkx\naGk\n"),
        .init(
            .badQuotedPrintable,
            head + "Content-Transfer-Encoding: quoted-printable\n\none=two =zz \n=3D\tü\t\n"),
        .init(.decodedTooLong, base64 + "\naGkx\naGkx\n") { $0.decodedOctetsMax = 4 },
        .init(.unknownCharset, head + "Content-Type: text/plain; charset=x-none\n\nx\n"),
        .init(.brokenEncodedWord, head + "Subject: a =?utf-8?Q?b and more\n\nx\n"),
        .init(.oddEncodedWord, head + "Subject: a=?utf-8?Q?=C3=BC?=b \"=?utf-8?B?w7w=?=\"\n\nx\n"),
        .init(.controlInEncodedWord, head + "Subject: =?utf-8?Q?a=0D=0ABcc:_x?=\n\nx\n"),
        .init(.tooManyEncodedWords, head + "Subject: =?utf-8?Q?a?= =?utf-8?Q?b?=\n\nx\n") {
            $0.encodedWordsMax = 1
        },
    ]
}
