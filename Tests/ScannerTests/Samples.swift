// SPDX-License-Identifier: MIT
import Foundation
import Mail

/// Messages and files to scan.
enum Samples {
    /// The EICAR test string, in two halves, so that this file trips no scanner.
    static let eicar =
        Array("X5O!P%@AP[4\\PZX54(P^)7CC)7}$".utf8) + Array("EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*".utf8)

    static let cleanMessage = MessageBytes(
        lines("From: a@example.net", "To: b@example.org", "Subject: hello", "", "Nothing to see.", "").utf8)

    static func file(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: Built.testFiles + "/" + name)))
    }

    /// A multipart message with a text and one attachment in base64.
    ///
    /// - Parameter first: the first header line; the sender's choice.
    static func message(
        attaching content: [UInt8], name: String = "sample.bin", first: String = "From: a@example.net",
        text: String = "See attachment."
    ) -> MessageBytes {
        let encoded = Data(content).base64EncodedString(
            options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        return MessageBytes(
            lines(
                first, "Subject: sample", "MIME-Version: 1.0",
                "Content-Type: multipart/mixed; boundary=\"=b\"", "",
                "--=b", "Content-Type: text/plain", "", text, "--=b",
                "Content-Type: application/octet-stream; name=\"\(name)\"",
                "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment; filename=\"\(name)\"", "", encoded, "--=b--", ""
            ).utf8)
    }

    static func lines(_ lines: String...) -> String { lines.joined(separator: "\r\n") }

    // Small files made with Info-ZIP 3.0, Python 3.13 and GNU tools, so that tests need none of them.

    /// A ZIP with a password, holding one text.
    static let encryptedZIP = decode(
        """
        UEsDBAoACQAAAAkAdl07S1kOIwAAABcAAAAIAAAAbm90ZS50eHSaaU4sYrUgbT9cjxId8DMgUzpBgsf5Whj06bLTOR48
        l3Rfy1BLBwg7S1kOIwAAABcAAABQSwECHgMKAAkAAAAJAHZdO0tZDiMAAAAXAAAACAAAAAAAAAABAAAApIEAAAAAbm90
        ZS50eHRQSwUGAAAAAAEAAQA2AAAAWQAAAAAA
        """)
    /// A ZIP whose second file is packed with LZMA, which libclamav can't unpack, and calls clean.
    static let lzmaZIP = decode(
        """
        UEsDBBQAAAAAAAAAIQAXxW0/FwAAABcAAAAKAAAAcmVhZG1lLnR4dFJlYWQgbWUgZmlyc3QsIHBsZWFzZS4KUEsDBD8A
        AgAOAAAAIQCwt4pYIgAAAPQBAAAIAAAAZGF0YS5iaW4JBAUAXQAAgAAAGAxCkmpnvA7RMzQSOwwooEKD//8s1AAAUEsB
        AhQDFAAAAAAAAAAhABfFbT8XAAAAFwAAAAoAAAAAAAAAAAAAAIABAAAAAHJlYWRtZS50eHRQSwECPwM/AAIADgAAACEA
        sLeKWCIAAAD0AQAACAAAAAAAAAAAAAAAgAE/AAAAZGF0YS5iaW5QSwUGAAAAAAIAAgBuAAAAhwAAAAAA
        """)
    /// 120 MB of zeros, packed with bzip2 into 113 octets.
    static let bzip2Bomb = decode(
        """
        QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcx
        QVkmU1mY9FPkANgBSADAAABAAAggADDMBSmmQAUtigApeLuSKcKEheYA6TA=
        """)
    /// A Word document of five hundred octets without anything in it.
    static let wordDocument = decode(
        """
        UEsDBBQAAAAIAAS/dV3GEnoHrAAAAPEAAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbF2Puw7CMAxFf6XKihoXBgaUlIEd
        GPgBK3HbiOahJBT4exKQOjBax/dcWxxfdm4Wisl4J9mWd+zYi9s7UGoKcUmyKedwAEhqIouJ+0CukMFHi7mMcYSA6o4j
        wa7r9qC8y+Rym6uD9eJS5NFoaq4Y8xktSQZPHzVorx62bPJiY83pF6vNkmEIs1GYy02wOP3X2fphMIrWfLWF6BWlZNxo
        Z74Si8Ztqh56Ad+n+g9QSwMEFAAAAAgABL91XT/VToQVAAAAMAAAAAsAAABfcmVscy8ucmVsc7MJSs1JLMnMzyvOyCwo
        1rezIcAHAFBLAwQUAAAACAAEv3VdejreARIAAAAEAQAAEQAAAHdvcmQvZG9jdW1lbnQueG1ssym3SslPLs1NzSvRt7MZ
        mRwAUEsDBBQAAAAIAAS/dV0rhCYSBgAAAAQAAAAQAAAAZG9jUHJvcHMvYXBwLnhtbLOp0LcDAFBLAQIUAxQAAAAIAAS/
        dV3GEnoHrAAAAPEAAAATAAAAAAAAAAAAAACAAQAAAABbQ29udGVudF9UeXBlc10ueG1sUEsBAhQDFAAAAAgABL91XT/V
        ToQVAAAAMAAAAAsAAAAAAAAAAAAAAIAB3QAAAF9yZWxzLy5yZWxzUEsBAhQDFAAAAAgABL91XXo63gESAAAABAEAABEA
        AAAAAAAAAAAAAIABGwEAAHdvcmQvZG9jdW1lbnQueG1sUEsBAhQDFAAAAAgABL91XSuEJhIGAAAABAAAABAAAAAAAAAA
        AAAAAIABXAEAAGRvY1Byb3BzL2FwcC54bWxQSwUGAAAAAAQABAD3AAAAkAEAAAAA
        """)

    private static func decode(_ text: String) -> [UInt8] {
        Data(base64Encoded: text, options: .ignoreUnknownCharacters).map(Array.init) ?? []
    }
}
