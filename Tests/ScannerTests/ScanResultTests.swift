// SPDX-License-Identifier: MIT
import CClamAV
import ScannerWire
import Testing

@testable import postern_scanner

@Suite("What libclamav's results mean")
struct ScanResultTests {
    private func finding(_ code: cl_error_t, _ name: String? = nil, notes: ScanNotes = ScanNotes())
        -> ScanAnswer.Finding
    {
        ScanResult(code: code, name: name, notes: notes).finding
    }

    @Test("a signature is an infection, by its name")
    func signature() {
        #expect(finding(CL_VIRUS, "Postern.Test.EICAR") == .infected(name: "Postern.Test.EICAR"))
        #expect(
            finding(CL_VIRUS, "Heuristics.Phishing.Email") == .infected(name: "Heuristics.Phishing.Email"))
        #expect(finding(CL_VIRUS, nil) == .infected(name: "unnamed signature"))
    }

    @Test("nothing found in everything is clean")
    func clean() { #expect(finding(CL_SUCCESS) == .clean) }

    @Test(
        "a heuristic that says what could not be looked at is unscanned for good",
        arguments: [
            ("Heuristics.Encrypted.Zip", "encrypted (Heuristics.Encrypted.Zip)"),
            ("Heuristics.Limits.Exceeded.MaxFiles", "over a limit (Heuristics.Limits.Exceeded.MaxFiles)"),
            ("Heuristics.XZ.DicSizeLimit", "over a limit (Heuristics.XZ.DicSizeLimit)"),
            ("Heuristics.Broken.Executable", "malformed (Heuristics.Broken.Executable)"),
        ])
    func permanent(name: String, reason: String) {
        #expect(finding(CL_VIRUS, name) == .unscanned(reason: reason, isTransient: false))
    }

    @Test("time that ran out may suffice the next time")
    func time() {
        let name = "Heuristics.Limits.Exceeded.MaxScanTime"
        #expect(
            finding(CL_VIRUS, name) == .unscanned(reason: "over its time budget (\(name))", isTransient: true)
        )
        #expect(finding(CL_ETIMEOUT) == .unscanned(reason: "over its time budget", isTransient: true))
    }

    @Test(
        "no other code is clean",
        arguments: [
            CL_EMEM, CL_EOPEN, CL_EREAD, CL_EMAXREC, CL_EMAXSIZE, CL_EMAXFILES, CL_EFORMAT, CL_EWRITE,
            CL_ERROR,
        ])
    func others(_ code: cl_error_t) {
        guard case .unscanned = finding(code) else {
            Issue.record("\(code.rawValue) is \(finding(code))")
            return
        }
    }

    @Test("a clean result with an error beside it is unscanned")
    func complaint() {
        let notes = ScanNotes()
        notes.note(message: "cli_tnef: something odd\n", isError: false)
        #expect(finding(CL_SUCCESS, notes: notes) == .clean)
        notes.note(message: "Can't allocate memory (4096 bytes).\n", isError: true)
        #expect(
            finding(CL_SUCCESS, notes: notes)
                == .unscanned(reason: "over a limit: Can't allocate memory (4096 bytes).", isTransient: false)
        )
    }
}

@Suite("What a scan leaves out")
struct ScanNotesTests {
    private func unopened(_ events: (ScanNotes) -> Void) -> Set<String> {
        let notes = ScanNotes()
        events(notes)
        notes.finish()
        return notes.unopened
    }

    private func enter(_ notes: ScanNotes, _ type: String, _ depth: Int, octets: Int = 100) {
        let content = [UInt8](repeating: 0, count: octets)
        content.withUnsafeBytes { notes.enter(type: type, depth: depth, content: $0) }
    }

    private func announce(
        _ notes: ScanNotes, _ container: String, _ name: String, octets: UInt64, at position: UInt32
    ) {
        notes.announce(
            container: container, name: name, octets: octets, packedOctets: octets, position: position)
    }

    @Test("an archive out of which nothing came was not looked into")
    func nothing() {
        let found = unopened { notes in
            enter(notes, "CL_TYPE_MAIL", 0)
            enter(notes, "CL_TYPE_ZIP", 1)
            enter(notes, "CL_TYPE_TEXT_ASCII", 1)
        }
        #expect(found == ["an archive that could not be opened (ZIP)"])
    }

    @Test("an archive whose files were all reached was looked into, though it names each twice")
    func all() {
        let found = unopened { notes in
            enter(notes, "CL_TYPE_ZIP", 0)
            for (position, octets) in [(UInt32(1), UInt64(100)), (2, 300), (3, 1)] {
                announce(notes, "CL_TYPE_ZIP", "file", octets: octets, at: position)
                announce(notes, "CL_TYPE_ZIP", "file", octets: octets, at: position)
            }
            enter(notes, "CL_TYPE_TEXT_ASCII", 1, octets: 100)
            enter(notes, "CL_TYPE_TEXT_ASCII", 1, octets: 300)
        }
        #expect(found == [])
    }

    @Test("one file that was announced and never reached is missed")
    func one() {
        let found = unopened { notes in
            enter(notes, "CL_TYPE_ZIP", 0)
            announce(notes, "CL_TYPE_ZIP", "a", octets: 100, at: 1)
            announce(notes, "CL_TYPE_ZIP", "b", octets: 200, at: 2)
            enter(notes, "CL_TYPE_TEXT_ASCII", 1, octets: 100)
        }
        #expect(found == ["an archived file that could not be unpacked"])
    }

    @Test("a file of the same size elsewhere in the message doesn't stand for one that was never reached")
    func elsewhere() {
        let found = unopened { notes in
            enter(notes, "CL_TYPE_MAIL", 0)
            enter(notes, "CL_TYPE_ZIP", 1)
            announce(notes, "CL_TYPE_ZIP", "a", octets: 200, at: 1)
            enter(notes, "CL_TYPE_TEXT_ASCII", 1, octets: 200)
        }
        #expect(found == ["an archived file that could not be unpacked"])
    }

    @Test("TAR names a file after it brought out the one before, archives within it included")
    func interleaved() {
        let found = unopened { notes in
            enter(notes, "CL_TYPE_POSIX_TAR", 0)
            announce(notes, "CL_TYPE_POSIX_TAR", "a.zip", octets: 100, at: 1)
            enter(notes, "CL_TYPE_ZIP", 1, octets: 100)
            announce(notes, "CL_TYPE_ZIP", "x", octets: 50, at: 1)
            enter(notes, "CL_TYPE_ELF", 2, octets: 50)
            announce(notes, "CL_TYPE_POSIX_TAR", "b", octets: 70, at: 2)
            enter(notes, "CL_TYPE_TEXT_ASCII", 1, octets: 70)
        }
        #expect(found == [])
    }

    @Test("what looks like an archive in the middle of a program announces nothing")
    func program() {
        let found = unopened { notes in
            enter(notes, "CL_TYPE_ELF", 0)
            announce(notes, "CL_TYPE_ELF", "x", octets: 5_000, at: 1)
        }
        #expect(found == [])
    }

    @Test("formats that libclamav doesn't know are told by their first octets")
    func foreign() {
        let zstandard: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0, 0]
        let found = unopened { notes in
            zstandard.withUnsafeBytes { notes.enter(type: "CL_TYPE_BINARY_DATA", depth: 0, content: $0) }
        }
        #expect(found == ["a Zstandard archive"])
    }

    @Test("an Office file with a password is told by its stream of encrypted content")
    func office() {
        var content = [UInt8](repeating: 0, count: 2_048)
        content.replaceSubrange(1_152..<1_184, with: "EncryptedPackage".utf8.flatMap { [$0, 0] })
        let found = unopened { notes in
            content.withUnsafeBytes { notes.enter(type: "CL_TYPE_MSOLE2", depth: 0, content: $0) }
        }
        #expect(found == ["an encrypted Office document"])
    }
}
