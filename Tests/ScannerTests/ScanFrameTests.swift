// SPDX-License-Identifier: MIT
import ScannerWire
import Testing

@Suite("A frame between the gateway and a scanner")
struct ScanFrameTests {
    private let nonce = ScanNonce(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)

    @Test("a job reads as it was written")
    func job() throws {
        let job = ScanJob(nonce: nonce, octets: 1 << 33, budgetMs: 30_000)
        let frame = try #require(try ScanFrame.decode(job.frame.encoded))
        #expect(try ScanJob(frame) == job)
    }

    @Test(
        "an answer reads as it was written",
        arguments: [
            ScanAnswer.Finding.clean, .infected(name: "Postern.Test.EICAR"),
            .unscanned(reason: "encrypted", isTransient: false),
            .unscanned(reason: "slow", isTransient: true),
        ])
    func answer(_ finding: ScanAnswer.Finding) throws {
        let answer = ScanAnswer(nonce: nonce, finding: finding)
        let frame = try #require(try ScanFrame.decode(answer.frame.encoded))
        #expect(try ScanAnswer(frame) == answer)
    }

    @Test("a status reads as it was written")
    func status() throws {
        let status = ScannerStatus(
            process: 4711, signatures: 8_700_000, hasOnlyTestSignatures: true, workers: 4, busy: 3,
            jobs: 1 << 40,
            overruns: 2, crashes: 1, loadedAt: 1_790_000_000, confinement: "complete: Landlock (version 7)")
        let frame = try #require(try ScanFrame.decode(status.frame(nonce: nonce).encoded))
        #expect(try ScannerStatus(frame) == status)
    }

    @Test("every cut of a frame is the beginning of one, and nothing more")
    func cuts() throws {
        let whole = ScanAnswer(nonce: nonce, finding: .infected(name: "Postern.Test.EICAR")).frame.encoded
        for end in 0..<whole.count {
            #expect(try ScanFrame.decode(Array(whole[..<end])) == nil)
        }
    }

    @Test("octets behind a frame are an error")
    func trailing() {
        let whole = ScanAnswer(nonce: nonce, finding: .clean).frame.encoded
        #expect(throws: ScanWireError.trailing(octets: 1)) { try ScanFrame.decode(whole + [0]) }
    }

    @Test("garbage is an error at its first octet")
    func garbage() {
        #expect(throws: ScanWireError.notAFrame) { try ScanFrame.decode(Array("250 OK\r\n".utf8)) }
        #expect(throws: ScanWireError.notAFrame) { try ScanFrame.decode([0]) }
    }

    @Test("another version is refused")
    func version() {
        var bytes = ScanAnswer(nonce: nonce, finding: .clean).frame.encoded
        bytes[5] = 2
        #expect(throws: ScanWireError.version(2)) { try ScanFrame.decode(bytes) }
    }

    @Test("a payload over its limit is refused before it is read")
    func tooLong() {
        var bytes = Array(
            ScanAnswer(nonce: nonce, finding: .clean).frame.encoded.prefix(ScanFrame.headerOctets))
        bytes.replaceSubrange(24..<28, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: ScanWireError.tooLong(octets: 0xFFFF_FFFF)) { try ScanFrame.decode(bytes) }
    }

    @Test("a name that is too long is cut, and what isn't printable is shown as ?")
    func text() throws {
        let name = String(repeating: "x", count: 600)
        let long = try #require(
            try ScanFrame.decode(ScanAnswer(nonce: nonce, finding: .infected(name: name)).frame.encoded))
        #expect(
            try ScanAnswer(long).finding == .infected(name: String(name.prefix(ScanAnswer.textOctetsMax))))
        let odd = try #require(
            try ScanFrame.decode(
                ScanAnswer(nonce: nonce, finding: .infected(name: "a\r\nb\u{202E}")).frame.encoded))
        #expect(try ScanAnswer(odd).finding == .infected(name: "a??b???"))
    }

    @Test("an answer that contradicts itself is an error")
    func contradiction() throws {
        // State clean, with a text; state infected, without one.
        for payload: [UInt8] in [
            [0xC3, 0, 1, 0x41], [0x5A, 0, 0], [0x5A], [], [0xC3, 0, 0, 0], [0xC3, 0, 2, 0x41],
        ] {
            #expect(throws: ScanWireError.self) {
                try ScanAnswer(ScanFrame(kind: .answer, nonce: nonce, payload: payload))
            }
        }
    }

    @Test("no damage to one octet turns another answer into a clean one for the same job")
    func damage() {
        let answers: [ScanAnswer.Finding] = [
            .infected(name: "E"), .unscanned(reason: "r", isTransient: true),
            .unscanned(reason: "r", isTransient: false),
        ]
        for finding in answers {
            let whole = ScanAnswer(nonce: nonce, finding: finding).frame.encoded
            for index in whole.indices {
                for value in UInt8.min...UInt8.max {
                    var damaged = whole
                    damaged[index] = value
                    #expect(read(damaged) != ScanAnswer(nonce: nonce, finding: .clean))
                }
            }
        }
    }

    @Test("octets of zero are no clean answer")
    func zeros() {
        let frame = ScanFrame(kind: .answer, nonce: nonce, payload: [0, 0, 0])
        #expect(throws: ScanWireError.badField("state")) { try ScanAnswer(frame) }
    }

    /// Nil for anything but a whole, valid answer: the kind of error doesn't matter here.
    private func read(_ bytes: [UInt8]) -> ScanAnswer? {
        guard let frame = try? ScanFrame.decode(bytes) else { return nil }
        return try? ScanAnswer(frame)
    }
}
