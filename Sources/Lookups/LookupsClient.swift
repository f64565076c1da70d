// SPDX-License-Identifier: MIT

package import Mail
package import NIOCore
internal import NIOPosix

/// A worker's end of the lookups role, with a small memory of its own, so that what is known is answered at once.
///
/// Belongs to one event loop; `ask` may be called from there only. When the role is gone, what waits is answered
/// "failed", and the next question connects anew: the role is back within two seconds.
package final class LookupsClient {
    private struct Remembered {
        let answer: DNSAnswer
        let until: NIODeadline
    }

    private struct Waiting {
        let question: DNSQuestion
        let promise: EventLoopPromise<DNSAnswer>
        let timeout: Scheduled<Void>
    }

    private enum Connection {
        case none
        case connecting([[UInt8]])
        case open(any Channel)
    }

    private let path: String
    private let loop: any EventLoop
    private var connection = Connection.none
    private var waiting: [UInt32: Waiting] = [:]
    /// Several sessions that ask the same at once share one look-up.
    private var underWay: [DNSQuestion: EventLoopFuture<DNSAnswer>] = [:]
    private var cache: [DNSQuestion: Remembered] = [:]
    private var nextID: UInt32 = 0

    package init(path: String, loop: any EventLoop) {
        self.path = path
        self.loop = loop
    }

    /// The answer, if it is remembered and its time hasn't passed.
    package func known(_ question: DNSQuestion) -> DNSAnswer? {
        guard let remembered = cache[question] else { return nil }
        guard remembered.until > .now() else {
            cache[question] = nil
            return nil
        }
        return remembered.answer
    }

    /// Never fails: `.timedOut` at the deadline, `.failed` where the role is gone.
    package func ask(_ question: DNSQuestion, deadline: NIODeadline) -> EventLoopFuture<DNSAnswer> {
        if let answer = known(question) { return loop.makeSucceededFuture(answer) }
        if let asked = underWay[question] { return asked }
        let promise = loop.makePromise(of: DNSAnswer.self)
        nextID &+= 1
        let id = nextID
        let timeout = loop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            finish(id, .timedOut)
        }
        waiting[id] = Waiting(question: question, promise: promise, timeout: timeout)
        underWay[question] = promise.futureResult
        send(LookupFrame.encode(LookupFrame.Request(id: id, question: question)))
        return promise.futureResult
    }

    private func finish(_ id: UInt32, _ answer: DNSAnswer) {
        guard let asked = waiting.removeValue(forKey: id) else { return }
        asked.timeout.cancel()
        underWay[asked.question] = nil
        remember(answer, to: asked.question)
        asked.promise.succeed(answer)
    }

    private func remember(_ answer: DNSAnswer, to question: DNSQuestion) {
        let ttl: Int
        switch answer {
        case .records(_, let seconds), .noData(let seconds), .noSuchName(let seconds): ttl = seconds
        case .failed, .timedOut: return
        }
        if cache.count >= LookupLimits.cachedMax { cache.removeAll(keepingCapacity: true) }
        let seconds = min(max(ttl, LookupLimits.cacheSecondsMin), LookupLimits.cacheSecondsMax)
        cache[question] = Remembered(answer: answer, until: .now() + .seconds(Int64(seconds)))
    }

    private func send(_ frame: [UInt8]) {
        switch connection {
        case .open(let channel):
            channel.writeAndFlush(ByteBuffer(bytes: frame), promise: nil)
        case .connecting(let frames):
            connection = .connecting(frames + [frame])
        case .none:
            connection = .connecting([frame])
            connect()
        }
    }

    private func connect() {
        let client = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ResponseHandler(client: client.value))
                }
            }
            .connect(unixDomainSocketPath: path)
            .assumeIsolated()
            .whenComplete { [self] result in
                guard case .success(let channel) = result, case .connecting(let frames) = connection else {
                    return lost("the lookups role can't be reached")
                }
                connection = .open(channel)
                for frame in frames { channel.write(ByteBuffer(bytes: frame), promise: nil) }
                channel.flush()
            }
    }

    private func lost(_ reason: String) {
        connection = .none
        for id in waiting.keys { finish(id, .failed(reason)) }
    }

    private final class ResponseHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: LookupsClient
        private var unread: [UInt8] = []

        init(client: LookupsClient) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            unread += unwrapInboundIn(data).readableBytesView
            while true {
                switch LookupFrame.split(&unread) {
                case .needMore: return
                case .payload(let payload):
                    guard let response = LookupFrame.response(payload) else {
                        return context.close(promise: nil)
                    }
                    client.finish(response.id, response.answer)
                case .broken: return context.close(promise: nil)
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { client.lost("the lookups role is gone") }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
