// SPDX-License-Identifier: MIT
import CPostern
import Foundation
import Mail
import ScannerHost
import ScannerWire
import Testing

/// A scanner that answers whatever a test wants, once.
private final class FakeScanner: Sendable {
    enum Answer: Sendable {
        /// The answer's octets are made from the job.
        case octets(@Sendable (ScanJob) -> [UInt8])
        case silence
        case closing
    }

    let folder = TestFolder()
    private let listener: Int32

    var socket: String { folder.path("fake.sock") }

    init(_ answer: Answer) throws {
        let listener = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        guard withAddress(folder.path("fake.sock"), { bind(listener, $0, $1) }) == 0, listen(listener, 8) == 0
        else {
            throw TestFailure("cannot listen: \(errno)")
        }
        Thread.detachNewThread { Self.serve(listener, answer) }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func serve(_ listener: Int32, _ answer: Answer) {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        defer { close(connection) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        var file: Int32 = -1
        let count = postern_receive(connection, &bytes, bytes.count, &file)
        if file >= 0 { close(file) }
        // A job of our own client is whole and valid.
        guard count > 0, let frame = try? ScanFrame.decode(Array(bytes.prefix(count))),
            let job = try? ScanJob(frame)
        else { return }
        switch answer {
        case .closing: return
        case .silence: _ = recv(connection, &bytes, bytes.count, 0)
        case .octets(let make):
            let octets = make(job)
            _ = octets.withUnsafeBytes { postern_send(connection, $0.baseAddress, $0.count, -1) }
        }
    }
}

@Suite("Only a whole answer to the same job is an answer")
struct ScannerClientTests {
    private func scan(_ answer: FakeScanner.Answer, budgetMs: Int = 20_000) throws -> ScanReport.State {
        let fake = try FakeScanner(answer)
        let client = ScannerClient(name: "clamav", socketPath: fake.socket, budgetMs: budgetMs)
        return client.scan(Samples.cleanMessage).state
    }

    private func unscanned(_ reason: String) -> ScanReport.State {
        .unscanned(.init("clamav: \(reason)", isTransient: true))
    }

    @Test("a clean answer to this job is clean")
    func clean() throws {
        #expect(try scan(.octets { ScanAnswer(nonce: $0.nonce, finding: .clean).frame.encoded }) == .clean)
    }

    @Test("an answer to another job, come late, is none")
    func otherJob() throws {
        let state = try scan(.octets { _ in ScanAnswer(nonce: .random(), finding: .clean).frame.encoded })
        #expect(state == unscanned("answered another job"))
    }

    @Test("every cut of a clean answer is unscanned")
    func cuts() throws {
        let whole = ScanAnswer(nonce: .random(), finding: .clean).frame.encoded.count
        for count in 1..<whole {
            let state = try scan(
                .octets { Array(ScanAnswer(nonce: $0.nonce, finding: .clean).frame.encoded.prefix(count)) })
            #expect(state == unscanned("answered with a frame that ends too early"))
        }
    }

    @Test("a clean answer with more behind it is unscanned")
    func trailing() throws {
        let state = try scan(
            .octets { ScanAnswer(nonce: $0.nonce, finding: .clean).frame.encoded + [0x0A] })
        #expect(state == unscanned("answered with 1 octets behind the frame"))
    }

    @Test("garbage is unscanned")
    func garbage() throws {
        #expect(
            try scan(.octets { _ in Array("stream: OK\0".utf8) })
                == unscanned("answered with octets that are no frame"))
    }

    @Test("the job sent back is no answer to it")
    func echo() throws {
        #expect(
            try scan(.octets { $0.frame.encoded }) == unscanned("answered with a frame of unknown kind 18945")
        )
    }

    @Test("a scanner that closes without an answer has crashed, for all we know")
    func closing() throws {
        #expect(
            try scan(.closing)
                == unscanned("ended before it answered (crashed, or stopped over its time or memory budget)"))
    }

    @Test("a scanner that says nothing is given up when the budget ends")
    func silence() throws {
        #expect(
            try scan(.silence, budgetMs: 200) == unscanned("no answer within 200 ms (busy, slow or hung)"))
    }

    @Test("a socket path that the kernel can't take is told, not cut")
    func longPath() {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        let client = ScannerClient(name: "clamav", socketPath: path, budgetMs: 1_000)
        #expect(
            client.scan(Samples.cleanMessage).state
                == unscanned("cannot connect to \(path): the path is longer than 107 octets"))
    }

    @Test("a scanner's own unscanned keeps its reason and whether it may pass")
    func unscannedByScanner() throws {
        let state = try scan(
            .octets {
                ScanAnswer(nonce: $0.nonce, finding: .unscanned(reason: "encrypted", isTransient: false))
                    .frame.encoded
            })
        #expect(state == .unscanned(.init("clamav: encrypted", isTransient: false)))
    }
}
