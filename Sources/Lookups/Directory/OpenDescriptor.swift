// SPDX-License-Identifier: MIT

internal import Glibc
internal import Synchronization

/// The socket of a connection that a library blocks on, so that another thread can end the wait: a server
/// which sends an octet now and then could hold ours for hours.
final class OpenDescriptor: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        /// What is under way should be over by then; nil while nothing is.
        var deadlineMs: Int64?
    }

    private let state = Mutex(State())

    /// How long after its deadline a wait is ended, in milliseconds: by itself it ends first.
    private static let graceMs: Int64 = 1_000

    /// `descriptor` is connected. `close` must come before it is closed.
    func open(_ descriptor: Int32) { state.withLock { $0.descriptor = descriptor } }
    func close() { state.withLock { $0.descriptor = -1 } }

    func begin(deadlineMs: Int64) { state.withLock { $0.deadlineMs = deadlineMs } }
    func end() { state.withLock { $0.deadlineMs = nil } }

    /// From any thread: whoever waits on the socket finds it closed by the server, if its time is over.
    func cutIfOverdue(nowMs: Int64) {
        state.withLock { state in
            guard let deadlineMs = state.deadlineMs, nowMs > deadlineMs + Self.graceMs else { return }
            if state.descriptor >= 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func cut() {
        state.withLock { if $0.descriptor >= 0 { shutdown($0.descriptor, Int32(SHUT_RDWR)) } }
    }
}
