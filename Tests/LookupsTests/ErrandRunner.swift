// SPDX-License-Identifier: MIT
import Logging
import Mail
import Synchronization
import Telemetry

@testable import Lookups

/// Puts errands to a worker on the caller's thread.
final class ErrandRunner {
    private let line: ResultLine
    private var next: UInt64 = 0

    init() throws { line = try ResultLine() }

    /// What came of each, in their order; handed over together. Nil for one that was not finished.
    func results(_ errands: [Errand], of work: any SenseWork) -> [ErrandResult?] {
        let first = next
        next += UInt64(errands.count)
        work.work(
            errands.enumerated().map { index, errand in
                SenseTask(
                    errand: errand, deadlineMs: .max, token: first + UInt64(index), line: line)
            })
        var found: [UInt64: ErrandResult] = [:]
        for (token, result) in line.takeAll() where found[token] == nil { found[token] = result }
        return errands.indices.map { found[first + UInt64($0)] }
    }

    func answer(_ question: Question, of work: any SenseWork) -> Answer? {
        guard case .answer(let answer)?? = results([.ask(question, secret: nil)], of: work).first else {
            return nil
        }
        return answer
    }
}

/// Clocks that stand still until a test moves them.
final class TestClock: Sendable {
    private let times: Mutex<(steadyMs: Int64, wallMs: Int64)>

    init(steadyMs: Int64 = 5_000, wallMs: Int64 = 1_800_000_000_000) {
        times = Mutex((steadyMs, wallMs))
    }

    var clock: SenseClock {
        SenseClock(
            steadyMs: { self.times.withLock { $0.steadyMs } }, wallMs: { self.times.withLock { $0.wallMs } })
    }

    var wallMs: Int64 { times.withLock { $0.wallMs } }

    /// Time passes.
    func pass(seconds: Double) {
        times.withLock {
            $0.steadyMs += Int64((seconds * 1_000).rounded())
            $0.wallMs += Int64((seconds * 1_000).rounded())
        }
    }

    /// Somebody sets the machine's clock.
    func setWall(by seconds: Int64) { times.withLock { $0.wallMs += seconds * 1_000 } }
}

/// Keeps the events that a sense logs.
final class EventLog: Sendable {
    private let kept = Mutex<[String]>([])

    /// `event field=value ...`, in their order.
    var lines: [String] { kept.withLock { $0 } }

    func count(of event: String) -> Int { lines.count { $0.hasPrefix(event + " ") } }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: EventLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).values.map(\.description).joined(separator: " ")
            log.kept.withLock { $0.append("\(event.message) \(fields)") }
        }
    }
}
