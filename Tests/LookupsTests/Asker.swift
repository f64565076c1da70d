// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import Logging
import Mail
import Synchronization
import Telemetry

@testable import Lookups

/// The role's end of a sense, for tests that ask one directly.
final class Asker: Sendable {
    private let line: ResultLine
    private let state = Mutex((next: UInt64(0), results: [UInt64: ErrandResult]()))

    init() throws { line = try ResultLine() }

    /// Hands a question in; the number is for `wait`.
    func begin(_ sense: any Sense, _ question: Question, secret: [UInt8]? = nil, ms: Int64? = nil) -> UInt64 {
        let token = state.withLock { state in
            state.next += 1
            return state.next
        }
        let deadline = SenseTask.nowMs() + (ms ?? Int64(sense.budgetMs))
        sense.take(
            SenseTask(
                errand: .ask(question, secret: secret), deadlineMs: deadline, token: token, line: line))
        return token
    }

    /// What came of it; nil after a minute.
    func wait(_ token: UInt64) -> Answer? {
        let end = Date(timeIntervalSinceNow: 60)
        while Date() < end {
            for (token, result) in line.takeAll() {
                state.withLock { if $0.results[token] == nil { $0.results[token] = result } }
            }
            if let result = state.withLock({ $0.results[token] }) {
                if case .answer(let answer) = result { return answer }
                return nil
            }
            var polled = pollfd(fd: line.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&polled, 1, 1_000)
        }
        return nil
    }

    func ask(_ sense: any Sense, _ question: Question, secret: [UInt8]? = nil) -> Answer? {
        wait(begin(sense, question, secret: secret))
    }
}

/// A log that keeps its lines: name and fields.
final class HeardLog: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(log: self) }
    }

    private struct Handler: LogHandler {
        let log: HeardLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        init(log: HeardLog) { self.log = log }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).values.map(\.description).joined(separator: " ")
            log.lines.withLock { $0.append("\(event.message) \(fields)") }
        }
    }
}
