// SPDX-License-Identifier: MIT
import Logging
import Synchronization

/// Names of logged events, in order.
final class LogCapture: Sendable {
    private let names = Mutex<[String]>([])

    var events: [String] { names.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(capture: self) } }

    private struct Handler: LogHandler {
        let capture: LogCapture
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { capture.names.withLock { $0.append(event.message.description) } }
    }
}
