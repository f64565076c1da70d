// SPDX-License-Identifier: MIT

import NIOCore
import Synchronization

@testable import Inbound

/// Stands for outbound: has so many entries for a channel, or can't be reached.
final class FakeRunner: QueueRunner, Sendable {
    struct Gone: Error {}

    private let entries: [String: Int]
    private let state = Mutex<[String]>([])

    init(_ entries: [String: Int]) { self.entries = entries }

    /// Channels that were run.
    var runs: [String] { state.withLock { $0 } }

    func run(channel: String, deadline: NIODeadline, on loop: any EventLoop) -> EventLoopFuture<Int> {
        state.withLock { $0.append(channel) }
        guard let count = entries[channel] else { return loop.makeFailedFuture(Gone()) }
        return loop.makeSucceededFuture(count)
    }
}
