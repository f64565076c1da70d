// SPDX-License-Identifier: MIT

import Foundation

/// Messages that tests send.
enum TestMessage {
    /// EICAR, assembled here so that no file of the project trips a scanner.
    static let eicar = Data(
        ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-" + "TEST-FILE!$H+H*").utf8)

    /// A text and an attachment in Base64.
    static func with(attachment: Data, named name: String, subject: String) -> String {
        """
        Subject: \(subject)
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=limit

        --limit
        Content-Type: text/plain

        See the attachment.
        --limit
        Content-Type: application/octet-stream; name="\(name)"
        Content-Transfer-Encoding: base64

        \(attachment.base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]))
        --limit--

        """
    }
}
