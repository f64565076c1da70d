// SPDX-License-Identifier: MIT

/// What reading a message may cost. Each number carries its unit in its name and its reason beside it.
///
/// Beyond a limit a `MessageDefect` is noted, and the rest stays an opaque leaf or raw text: nothing is
/// guessed at.
package struct MessageLimits: Sendable {
    /// Octets of one header block of which fields are listed. Fields beyond stay unlisted; the body is still
    /// found. RFC 5322 sets no limit; honest headers with long `Received` and signature chains stay below 100
    /// KB.
    package var headerOctetsMax = 1_048_576

    /// Fields of one header block. Mailing lists and filters leave some hundred at worst.
    package var headerFieldsMax = 2_000

    /// Fields of all the parts of one message together, so that many parts of many fields can't add up.
    package var treeFieldsMax = 20_000

    /// Multiparts and messages inside one another. Forwarded bounces reach about ten. A delimiter line is
    /// compared with each open boundary, so this bounds the work per line too.
    package var nestingDepthMax = 50

    /// Parts of one message, multiparts included. Digests reach some hundred.
    package var partsMax = 1_000

    /// Octets that one body may have after its transfer encoding is undone. More than any message we take.
    package var decodedOctetsMax = 104_857_600

    /// Parameters of one field, RFC 2231 sections counted singly. The longest file name that a file system
    /// takes needs about forty sections.
    package var parametersMax = 250

    /// Octets of a boundary. RFC 2046 §5.1.1 allows 70; longer ones are seen and work.
    package var boundaryOctetsMax = 250

    /// Octets of a decoded file name in UTF-8. File systems end at 255; the rest only hides the ending.
    package var fileNameOctetsMax = 1_024

    /// Encoded words in one field; the rest stays as it is written. RFC 2047 §2 allows 75 octets each, so
    /// this is 75 KB of text.
    package var encodedWordsMax = 1_000

    /// Octets of a line without its line end. RFC 5322 §2.1.1 allows no more; longer ones are read whole, and
    /// named.
    package var lineOctetsMax = 998

    /// Uuencoded and yEnc files in the texts of one message. Postings of several files have some ten.
    package var embeddedFilesMax = 100

    /// Addresses of one field; the rest isn't listed.
    package var addressesMax = 2_000

    package init() {}
}
