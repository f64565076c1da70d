// SPDX-License-Identifier: MIT

internal import NIOCore

/// A listening socket with the connections that came by it.
final class Listener: Sendable {
    let channel: any Channel
    private let connections: NIOLoopBound<OpenConnections>

    init(channel: any Channel, connections: NIOLoopBound<OpenConnections>) {
        self.channel = channel
        self.connections = connections
    }

    /// No new connections; those open end with the answer that they wait for, or after `limit`.
    func drain(within limit: TimeAmount) -> EventLoopFuture<Void> {
        channel.close(promise: nil)
        let connections = connections
        return channel.eventLoop.flatSubmit { connections.value.drain(within: limit) }
    }
}
