// SPDX-License-Identifier: MIT

internal import FoundationEssentials
package import NIOCore
internal import NIOPosix

/// Tells outbound over its command socket to run a channel: one connection, one line, one answer.
package final class OutboundRunner: QueueRunner {
    /// Octets of an answer: two short lines.
    static let answerOctetsMax = 16_384
    /// Runs asked for at once, of one worker. ETRN is rare; a client that asks in a circle waits for nobody.
    static let runsMax = 20

    /// Why outbound could not be told.
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    private let path: String
    private var underWay = 0

    /// `path` is outbound's command socket.
    package init(path: String) { self.path = path }

    package func run(channel: String, deadline: NIODeadline, on loop: any EventLoop) -> EventLoopFuture<Int> {
        guard underWay < Self.runsMax else {
            return loop.makeFailedFuture(Trouble(description: "\(underWay) queue runs are under way"))
        }
        underWay += 1
        let promise = loop.makePromise(of: Int.self)
        let exchange = NIOLoopBound(Exchange(channel: channel, promise: promise), eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(exchange.value)
                }
            }
            .connect(unixDomainSocketPath: path)
            .assumeIsolated()
            .whenFailure { exchange.value.finish(.failure($0)) }
        let timer = loop.assumeIsolated().scheduleTask(deadline: deadline) {
            exchange.value.finish(.failure(Trouble(description: "outbound gave no answer in time")))
        }
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            timer.cancel()
            underWay -= 1
        }
        return promise.futureResult
    }

    private final class Exchange: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private struct Request: Encodable {
            var verb = "run"
            var channel: String
        }

        /// The answer's own line, then the line that ends it; outbound writes more keys than these.
        private struct Line: Decodable {
            var entries: Int?
            var error: String?
        }

        private let channel: String
        private var promise: EventLoopPromise<Int>?
        private var context: ChannelHandlerContext?
        private var unread: [UInt8] = []

        init(channel: String, promise: EventLoopPromise<Int>) {
            self.channel = channel
            self.promise = promise
        }

        func channelActive(context: ChannelHandlerContext) {
            self.context = context
            guard promise != nil, let line = try? JSONEncoder().encode(Request(channel: channel)) else {
                // Too late, or a name that JSON can't hold, which no configuration has.
                return context.close(promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Array(line) + [0x0A])), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            unread += unwrapInboundIn(data).readableBytesView
            while let end = unread.firstIndex(of: 0x0A) {
                // A line that is none of the two says nothing; the deadline bounds the wait for one that
                // does.
                let line = try? JSONDecoder().decode(Line.self, from: Data(unread[..<end]))
                unread.removeFirst(end + 1)
                if let entries = line?.entries { return finish(.success(entries)) }
                if let error = line?.error { return finish(.failure(Trouble(description: error))) }
            }
            guard unread.count <= OutboundRunner.answerOctetsMax else {
                return finish(.failure(Trouble(description: "outbound's answer has no end")))
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            finish(.failure(Trouble(description: "outbound ended before its answer did")))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(.failure(error)) }

        func finish(_ result: Result<Int, any Error>) {
            guard let promise else { return }
            self.promise = nil
            context?.close(promise: nil)
            context = nil
            promise.completeWith(result)
        }
    }
}
