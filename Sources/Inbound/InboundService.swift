// SPDX-License-Identifier: MIT

internal import Glibc
package import NIOCore
internal import NIOPosix

/// The listening sockets of one worker. They came from the dispatcher, which keeps its own ends: when this
/// worker stops accepting, the kernel goes on queueing clients for its successor.
package final class InboundService {
    /// Octets of one read: a small message with its envelope, or a good part of a large one.
    private static let readOctets = 16_384

    private let worker: Worker
    private let loop: any EventLoop
    private var listeners: [any Channel] = []

    package init(worker: Worker, loop: any EventLoop) {
        self.worker = worker
        self.loop = loop
    }

    /// Begins to accept on `descriptors`, which this takes over.
    package func start(descriptors: [Int32]) -> EventLoopFuture<Void> {
        let service = NIOLoopBound(self, eventLoop: loop)
        let bound = descriptors.map { descriptor in
            ServerBootstrap(group: loop)
                .serverChannelOption(.backlog, value: 1_024)
                // Linux hands it on to what is accepted: one call instead of one for each client.
                .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(
                    .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.readOctets)
                )
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            SessionHandler(worker: service.value.worker))
                    }
                }
                .withBoundSocket(descriptor)
        }
        return EventLoopFuture.whenAllSucceed(bound, on: loop).map { service.value.listeners += $0 }
    }

    /// Accepts nobody any more; sessions without a transaction end now, the others after theirs. Calls back
    /// when the last is gone and what it sent is settled.
    package func drain(then finish: @escaping () -> Void) {
        for listener in listeners { listener.close(promise: nil) }
        listeners = []
        worker.drain(then: finish)
    }
}
