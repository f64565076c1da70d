// SPDX-License-Identifier: MIT
import Foundation
import Mail
import ScannerHost
import ScannerWire
import Testing

@testable import postern_scanner

@Suite("The scanner as a process")
struct ScannerProcessTests {
    private static let infected = ScanReport.State.infected(name: "Postern.Test.EICAR.UNOFFICIAL", part: nil)

    private func reason(_ state: ScanReport.State) -> ScanReport.Reason? {
        guard case .unscanned(let reason) = state else { return nil }
        return reason
    }

    @Test("it says that it is ready, with how many signatures, and that they are for tests only")
    func ready() throws {
        let scanner = try ScannerProcess()
        let line = try scanner.event("scanner.ready")
        #expect(
            line.hasPrefix(
                "level=warning role=scanner event=scanner.ready pid=\(scanner.process) signatures=2 "))
        #expect(line.contains(" only_test_signatures=true workers=2 "))
    }

    @Test("its status tells the same, and that its workers are confined by every measure")
    func status() throws {
        let scanner = try ScannerProcess.ready()
        let status = try scanner.status()
        #expect(status.signatures == 2 && status.hasOnlyTestSignatures && status.workers == 2)
        #expect(status.confinement.hasPrefix("complete: "), "\(status.confinement)")
        #expect(status.confinement.contains("Landlock") && status.confinement.contains("seccomp"))
    }

    @Test("other signatures beside those for tests are no test signatures")
    func realSignatures() throws {
        let folder = TestFolder()
        let signatures = try folder.makeFolder("db")
        try folder.write(
            Array("Own.Sample:0:*:6f776e2073616d706c65206f6620776f726473\n".utf8), to: "db/own.ndb")
        let scanner = try ScannerProcess(in: folder, signatures: signatures)
        let line = try scanner.event("scanner.ready")
        #expect(line.hasPrefix("level=info ") && line.contains(" only_test_signatures=false "))
    }

    @Test("without signatures, or with a file that is none, it ends with a reason and a status of its own")
    func badSignatures() throws {
        let folder = TestFolder()
        let empty = try folder.makeFolder("empty")
        _ = try folder.makeFolder("bad")
        try folder.write(Array("no signature\n".utf8), to: "bad/own.ndb")
        let cases = [
            (folder.path("absent"), "cannot read the signature folder", Int32(66)),
            (empty, "no signature file in", 66), (folder.path("bad"), "cannot load the signatures in", 65),
        ]
        for (path, words, status) in cases {
            let scanner = try ScannerProcess(in: folder, signatures: path)
            let line = try scanner.event("scanner.failed")
            #expect(line.contains(words) && line.contains(path))
            #expect(try scanner.end() == status << 8)
            #expect(!FileManager.default.fileExists(atPath: scanner.socket))
        }
    }

    @Test("before it is up, a message is unscanned for now, and the reason says so")
    func notUp() {
        let client = ScannerClient(
            name: "clamav", socketPath: "/tmp/postern-none/scanner.sock", budgetMs: 1_000)
        let state = client.scan(Samples.cleanMessage).state
        #expect(
            reason(state)
                == .init(
                    "clamav: not up: no socket at /tmp/postern-none/scanner.sock "
                        + "(still loading its signatures, or not started)",
                    isTransient: true))
    }

    @Test("when it is killed, its workers die with it, and a message is unscanned for now")
    func killed() throws {
        let scanner = try ScannerProcess.ready()
        let workers = scanner.workers
        #expect(workers.count == 2)
        kill(scanner.process, SIGKILL)
        try eventually("the workers are gone") { !workers.contains(where: isAlive) }
        #expect(
            reason(scanner.scan(Samples.cleanMessage))
                == .init("clamav: gone: nobody listens at \(scanner.socket)", isTransient: true))
    }

    @Test("a worker that dies in the middle of a job is replaced, and the job's client hears nothing clean")
    func crash() throws {
        let scanner = try ScannerProcess.ready()
        let before = scanner.workers
        let job = try RawConnection(to: scanner.socket)
        job.send(Array(ScanJob(nonce: .random(), octets: 1, budgetMs: 9_000).frame.encoded.prefix(20)))
        try eventually("a worker has the job") { try scanner.status().busy == 1 }
        before.forEach { kill($0, SIGKILL) }
        #expect(job.receiveAll() == [])
        try eventually("there are two new workers") {
            scanner.workers.count == 2 && before.allSatisfy { !scanner.workers.contains($0) }
        }
        #expect(try scanner.status().crashes == 1)
        #expect(scanner.scan(Samples.cleanMessage) == .clean)
    }

    @Test("hung workers: a message is unscanned for now when its budget ends, and scanned once they go on")
    func hung() throws {
        let scanner = try ScannerProcess.ready()
        scanner.workers.forEach { kill($0, SIGSTOP) }
        let state = scanner.scan(Samples.cleanMessage, budgetMs: 300)
        #expect(
            reason(state)
                == .init("clamav: no answer within 300 ms (busy, slow or hung)", isTransient: true))
        scanner.workers.forEach { kill($0, SIGCONT) }
        #expect(scanner.scan(Samples.cleanMessage) == .clean)
    }

    @Test("a worker that hangs in a job is ended by the watchdog, counted and replaced")
    func watchdog() throws {
        let scanner = try ScannerProcess.ready(["--job-seconds", "1"])
        let before = scanner.workers
        let job = try RawConnection(to: scanner.socket)
        job.send(Array(ScanJob(nonce: .random(), octets: 1, budgetMs: 9_000).frame.encoded.prefix(20)))
        try eventually("a worker has the job") { try scanner.status().busy == 1 }
        before.forEach { kill($0, SIGSTOP) }
        _ = try scanner.event("scanner.worker_overran")
        #expect(job.receiveAll() == [])
        before.forEach { kill($0, SIGCONT) }
        try eventually("the worker is replaced") {
            scanner.workers.count == 2 && scanner.workers != before
        }
        let status = try scanner.status()
        #expect(status.overruns == 1 && status.crashes == 0)
        #expect(scanner.scan(MessageBytes(Samples.eicar), as: .file) == Self.infected)
    }

    @Test("a job that needs more memory than it may have is unscanned")
    func memory() throws {
        let scanner = try ScannerProcess.ready(["--memory-mb", "64"])
        let message = MessageBytes([UInt8](repeating: 0, count: 90 << 20))
        #expect(
            reason(scanner.scan(message, as: .file))
                == .init("clamav: over a limit: Can't allocate memory", isTransient: false))
        #expect(scanner.scan(Samples.cleanMessage) == .clean)
    }

    @Test("content that isn't sealed, is missing, or has another length is refused")
    func refusedContent() throws {
        let scanner = try ScannerProcess.ready()
        for (octets, seals, words) in [(UInt64(5), false, "not sealed"), (4, true, "has 5 octets, not 4")] {
            let connection = try RawConnection(to: scanner.socket)
            let job = ScanJob(nonce: .random(), octets: octets, budgetMs: 9_000)
            connection.send(job.frame.encoded, memoryFile: Array("hello".utf8), sealed: seals)
            let frame = try #require(try ScanFrame.decode(connection.receiveAll()))
            let answer = try ScanAnswer(frame)
            guard case .unscanned(let reason, isTransient: true) = answer.finding else {
                Issue.record("\(answer)")
                continue
            }
            #expect(answer.nonce == job.nonce && reason.contains(words))
        }
    }

    @Test("garbage on its socket gets no answer and harms nobody")
    func garbage() throws {
        let scanner = try ScannerProcess.ready()
        for bytes in [
            Array("EHLO x\r\n".utf8), Array(repeating: 0, count: 9_000), Array("PSCN\u{0}\u{9}".utf8),
        ] {
            let connection = try RawConnection(to: scanner.socket)
            connection.send(bytes)
            #expect(connection.receiveAll() == [])
        }
        #expect(scanner.scan(Samples.cleanMessage) == .clean)
        #expect(try scanner.status().crashes == 0)
    }

    @Test("on SIGTERM it finishes, leaves neither socket nor temporary files, and ends with 0")
    func stop() throws {
        let scanner = try ScannerProcess.ready()
        kill(scanner.process, SIGTERM)
        #expect(try scanner.end() == 0)
        #expect(!FileManager.default.fileExists(atPath: scanner.socket))
        let left = try FileManager.default.contentsOfDirectory(atPath: scanner.folder.path("temporary"))
        #expect(left == [])
    }

    @Test("when its control descriptor ends, it ends")
    func controlEnds() throws {
        let scanner = try ScannerProcess.ready()
        scanner.closeControl()
        #expect(try scanner.end() == 0)
    }

    @Test("a second scanner takes the socket over once it is ready, and the first one's end leaves it alone")
    func reload() throws {
        let folder = TestFolder()
        let first = try ScannerProcess.ready(in: folder)
        #expect(try first.status().process == UInt32(first.process))
        let second = try ScannerProcess.ready(in: folder)
        #expect(try first.status().process == UInt32(second.process))
        kill(first.process, SIGTERM)
        #expect(try first.end() == 0)
        #expect(second.scan(MessageBytes(Samples.eicar), as: .file) == Self.infected)
    }

    @Test("a second scanner with a bad signature file leaves the first in place")
    func badReload() throws {
        let folder = TestFolder()
        let first = try ScannerProcess.ready(in: folder)
        _ = try folder.makeFolder("bad")
        try folder.write(Array("no signature\n".utf8), to: "bad/own.ndb")
        let second = try ScannerProcess(in: folder, signatures: folder.path("bad"))
        #expect(try second.end() == 65 << 8)
        #expect(first.scan(MessageBytes(Samples.eicar), as: .file) == Self.infected)
    }

    @Test("after a thousand jobs a fresh worker takes over, and nobody notices")
    func recycling() throws {
        let scanner = try ScannerProcess.ready(["--workers", "1"])
        let first = scanner.workers
        for _ in 0..<(ScanWorker.jobsMax + 5) {
            #expect(scanner.scan(Samples.cleanMessage) == .clean)
        }
        #expect(scanner.workers != first)
        #expect(try scanner.status().crashes == 0)
    }
}
