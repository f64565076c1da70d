// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization
import Telemetry

@testable import Lookups

/// A folder of a test's own, gone with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/postern-lookups-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // A folder that can't be removed is the system's to clean.
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// The lookups role on a thread of the test's own process.
final class RunningServer: Sendable {
    let counters: CounterPage
    /// Closing it stops the server.
    private let control: Int32
    private let ended: AsyncStream<Void>

    private init(control: Int32, counters: CounterPage, ended: AsyncStream<Void>) {
        self.control = control
        self.counters = counters
        self.ended = ended
    }

    /// Returns once the socket is there to be connected to. `senses` is called on the server's thread.
    static func start(
        _ path: String, settings: LookupSettings, senses: @escaping @Sendable () -> Senses = { Senses() }
    ) async throws -> RunningServer {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        let (reading, writing) = (ends[0], ends[1])
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let counters = CounterPage()
        try await withCheckedThrowingContinuation { (started: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread {
                defer {
                    close(reading)
                    end.finish()
                }
                do throws(LookupError) {
                    // Used on this thread alone, as in the role.
                    let senses = senses()
                    let server = try LookupServer(
                        path: path, settings: settings, senses: senses, counters: counters)
                    started.resume()
                    server.run(control: reading) { true }
                    senses.close()
                } catch {
                    started.resume(throwing: error)
                }
            }
        }
        return RunningServer(control: writing, counters: counters, ended: ended)
    }

    /// Returns once its socket and all its connections are closed.
    func stop() async {
        close(control)
        for await _ in ended {}
    }
}
