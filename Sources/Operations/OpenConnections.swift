// SPDX-License-Identifier: MIT

internal import NIOCore

/// The connections of one listener: how many there may be, and how they end. Belongs to its event loop.
final class OpenConnections {
    private let loop: any EventLoop
    private let connectionsMax: Int
    private var channels: [ObjectIdentifier: any Channel] = [:]
    private var emptied: EventLoopPromise<Void>?

    init(connectionsMax: Int, loop: any EventLoop) {
        self.connectionsMax = connectionsMax
        self.loop = loop
    }

    /// False where there are enough already, or we are ending.
    func admit(_ channel: any Channel) -> Bool {
        guard channels.count < connectionsMax, emptied == nil else { return false }
        let id = ObjectIdentifier(channel)
        channels[id] = channel
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.channels[id] = nil
            if self.channels.isEmpty { self.emptied?.succeed(()) }
        }
        return true
    }

    /// Ends those that wait for nothing; the others have `limit` to finish their answer.
    func drain(within limit: TimeAmount) -> EventLoopFuture<Void> {
        if let emptied { return emptied.futureResult }
        let promise = loop.makePromise(of: Void.self)
        emptied = promise
        for channel in channels.values {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        if channels.isEmpty { promise.succeed(()) }
        let timer = loop.assumeIsolated().scheduleTask(in: limit) {
            for channel in self.channels.values { channel.close(promise: nil) }
        }
        return promise.futureResult.always { _ in timer.cancel() }
    }
}
