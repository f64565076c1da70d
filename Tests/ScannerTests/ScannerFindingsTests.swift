// SPDX-License-Identifier: MIT
import Foundation
import Mail
import ScannerHost
import Testing

@Suite("What the scanner finds")
struct ScannerFindingsTests {
    /// One for all these tests: they only ask.
    private static let shared = Result { try ScannerProcess.ready() }

    private func scan(_ bytes: MessageBytes, as form: ScanForm) throws -> ScanReport.State {
        try Self.shared.get().scan(bytes, as: form)
    }

    @Test("the EICAR test string is found, bare and in a message, and the message's part is named")
    func eicar() throws {
        #expect(
            try scan(MessageBytes(Samples.eicar), as: .file)
                == .infected(name: "Postern.Test.EICAR.UNOFFICIAL", part: nil))
        #expect(
            try scan(Samples.message(attaching: Samples.eicar, name: "eicar.com"), as: .message)
                == .infected(name: "Postern.Test.EICAR.UNOFFICIAL", part: "2"))
    }

    @Test("in a message of one part, that is the part")
    func single() throws {
        let message = Array(Samples.lines("From: a@example.net", "", "").utf8) + Samples.eicar
        #expect(
            try scan(MessageBytes(message), as: .message)
                == .infected(name: "Postern.Test.EICAR.UNOFFICIAL", part: "1"))
    }

    @Test("a clean message is clean, as are an empty one and a Word document")
    func clean() throws {
        #expect(try scan(Samples.cleanMessage, as: .message) == .clean)
        #expect(try scan(MessageBytes([]), as: .message) == .clean)
        #expect(try scan(MessageBytes([]), as: .file) == .clean)
        #expect(try scan(Samples.message(attaching: Samples.wordDocument), as: .message) == .clean)
    }

    /// What libclamav 1.4 brings out of the files of Debian's clamav-testfiles, each of which hides the same
    /// program. It opens every one of them, the ten packed programs and the installers included, so every one
    /// must be found: a later libclamav that can't open one any more shows here, and must then say unscanned.
    static let testFiles = [
        "clam-aspack.exe", "clam-fsg.exe", "clam-mew.exe", "clam-nsis.exe", "clam-pespin.exe",
        "clam-petite.exe",
        "clam-upack.exe", "clam-upx.exe", "clam-wwpack.exe", "clam-yc.exe", "clam.7z", "clam.arj",
        "clam.bin-be.cpio",
        "clam.bin-le.cpio", "clam.bz2.zip", "clam.cab", "clam.chm", "clam.d64.zip", "clam.ea05.exe",
        "clam.ea06.exe",
        "clam.exe", "clam.exe.binhex", "clam.exe.bz2", "clam.exe.html", "clam.exe.mbox.base64",
        "clam.exe.mbox.uu",
        "clam.exe.rtf", "clam.exe.szdd", "clam.impl.zip", "clam.mail", "clam.newc.cpio", "clam.odc.cpio",
        "clam.ole.doc", "clam.pdf", "clam.ppt", "clam.sis", "clam.tar.gz", "clam.tnef", "clam.zip",
        "clam_IScab_ext.exe", "clam_IScab_int.exe", "clam_ISmsi_ext.exe", "clam_ISmsi_int.exe",
        "clam_cache_emax.tgz",
    ]

    @Test("every file of clamav-testfiles is on our list")
    func list() throws {
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: Built.testFiles).sorted()
                == Self.testFiles.sorted())
    }

    @Test("every file of clamav-testfiles is found, bare and in a message", arguments: testFiles)
    func testFile(_ name: String) throws {
        let content = try Samples.file(name)
        #expect(
            try scan(MessageBytes(content), as: .file)
                == .infected(name: "Postern.Test.ClamAV.UNOFFICIAL", part: nil))
        #expect(
            try scan(Samples.message(attaching: content, name: name), as: .message)
                == .infected(name: "Postern.Test.ClamAV.UNOFFICIAL", part: "2"))
    }

    @Test(
        "how a message begins doesn't hide its attachment",
        arguments: [
            "X-Own: 1", "From x@example.net Mon Jan  1 00:00:00 2026", "\u{0}\u{1}: x", "no header at all",
            " folded",
        ])
    func beginnings(_ first: String) throws {
        let message = Samples.message(attaching: try Samples.file("clam.zip"), first: first)
        guard case .infected("Postern.Test.ClamAV.UNOFFICIAL", _) = try scan(message, as: .message) else {
            Issue.record("not found behind \(first)")
            return
        }
    }

    @Test("a body line that begins with From doesn't cut the message in two")
    func fromLine() throws {
        let message = Samples.message(
            attaching: try Samples.file("clam.zip"),
            text: Samples.lines("a", "", "From x@y Mon Jan 1", "", "b"))
        #expect(
            try scan(message, as: .message) == .infected(name: "Postern.Test.ClamAV.UNOFFICIAL", part: "2"))
    }

    @Test("what can't be looked into is unscanned for good, and the reason says why")
    func unscanned() throws {
        let rar: [UInt8] = Array("Rar!\u{1A}\u{7}\u{1}\u{0}".utf8) + Array(repeating: 7, count: 200)
        let cases: [(content: [UInt8], reason: String)] = [
            (Samples.encryptedZIP, "encrypted (Heuristics.Encrypted.Zip)"),
            (Samples.lzmaZIP, "not looked into: an archived file that could not be unpacked"),
            (
                Array(try Samples.file("clam.zip").prefix(300)),
                "not looked into: an archive that could not be opened (ZIP)"
            ),
            (
                Array(try Samples.file("clam.7z").prefix(200)),
                "not looked into: an archive that could not be opened (7Z)"
            ),
            (rar, "not looked into: an archive that could not be opened (RAR)"),
            (
                [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x01, 0x09, 0x00, 0x00, 0x61],
                "not looked into: a Zstandard archive"
            ),
            (Samples.bzip2Bomb, "over a limit (Heuristics.Limits.Exceeded.MaxFileSize)"),
        ]
        for (content, reason) in cases {
            let expected = ScanReport.State.unscanned(.init("clamav: \(reason)", isTransient: false))
            #expect(try scan(MessageBytes(content), as: .file) == expected)
            #expect(try scan(Samples.message(attaching: content), as: .message) == expected)
        }
    }

    @Test("what can't be looked into stays so when it comes again: nothing is remembered as clean")
    func again() throws {
        for _ in 0..<4 {
            guard case .unscanned = try scan(MessageBytes(Samples.lzmaZIP), as: .file) else {
                Issue.record("became clean")
                return
            }
        }
    }

    @Test("an infection beside something encrypted is an infection, of the part that has it")
    func both() throws {
        let inner = Samples.lines(
            "From: a@example.net", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "",
            "--b",
            "Content-Type: application/zip", "Content-Transfer-Encoding: base64", "",
            Data(Samples.encryptedZIP).base64EncodedString(), "--b", "Content-Type: application/zip",
            "Content-Transfer-Encoding: base64", "", Data(try Samples.file("clam.zip")).base64EncodedString(),
            "--b--",
            "")
        #expect(
            try scan(MessageBytes(inner.utf8), as: .message)
                == .infected(name: "Postern.Test.ClamAV.UNOFFICIAL", part: "2"))
    }

    @Test("a message over the scanner's size limit is unscanned, not looked at in part")
    func tooLong() throws {
        let message = MessageBytes([UInt8](repeating: 0x41, count: 101 << 20))
        let state = try scan(message, as: .file)
        #expect(
            state
                == .unscanned(
                    .init(
                        "clamav: over a limit: 105906176 octets, at most 104857600 are scanned",
                        isTransient: false)))
    }
}
