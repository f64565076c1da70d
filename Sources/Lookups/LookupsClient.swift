// SPDX-License-Identifier: MIT

package import Mail
package import NIOCore
internal import NIOPosix

/// A worker's end of the lookups role, with a small memory of its own, so that what is known is answered at
/// once.
///
/// Belongs to one event loop; `ask` may be called from there only. When the role is gone, what waits is
/// answered "failed", and the next question connects anew: the role is back within two seconds.
package final class LookupsClient {
    private struct Remembered {
        let answer: DNSAnswer
        let until: NIODeadline
    }

    /// A question on its way. Those who ask the same meanwhile wait for the same answer, each until its own
    /// deadline; the look-up goes on when the last has given up, so that the next finds its answer
    /// remembered.
    private struct LookUp {
        let question: DNSQuestion
        var askers: [(number: UInt64, promise: EventLoopPromise<DNSAnswer>, timeout: Scheduled<Void>)] = []
    }

    private enum Connection {
        case none
        case connecting([[UInt8]])
        case open(any Channel)
    }

    private let path: String
    /// For one question, whatever its asker's own deadline.
    private let timeLimit: TimeAmount
    private let loop: any EventLoop
    private var connection = Connection.none
    /// Counts connections, so that the end of one isn't taken for the end of the next.
    private var connectionNumber = 0
    private var underWay: [UInt32: LookUp] = [:]
    private var ids: [DNSQuestion: UInt32] = [:]
    private var cache: [DNSQuestion: Remembered] = [:]
    private var nextID: UInt32 = 0
    private var askerCount: UInt64 = 0

    /// `timeoutMs` is what one question may take, in milliseconds.
    package init(path: String, timeoutMs: Int = 60_000, loop: any EventLoop) {
        self.path = path
        timeLimit = .milliseconds(Int64(timeoutMs))
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

    /// Never fails: `.timedOut` at the deadline or after the time of one question, `.failed` where the role
    /// is gone or too much is under way.
    package func ask(_ question: DNSQuestion, deadline: NIODeadline) -> EventLoopFuture<DNSAnswer> {
        if let answer = known(question) { return loop.makeSucceededFuture(answer) }
        let isNew = ids[question] == nil
        guard !isNew || underWay.count < LookupLimits.outstandingMax else {
            return loop.makeSucceededFuture(.failed("too many look-ups under way"))
        }
        let id = ids[question] ?? begin(question)
        let promise = loop.makePromise(of: DNSAnswer.self)
        askerCount += 1
        let number = askerCount
        let timeout = loop.assumeIsolated().scheduleTask(deadline: min(deadline, .now() + timeLimit)) {
            [self] in
            giveUp(id, number)
        }
        underWay[id]?.askers.append((number, promise, timeout))
        if isNew { send(LookupFrame.encode(LookupFrame.Request(id: id, question: question))) }
        return promise.futureResult
    }

    private func begin(_ question: DNSQuestion) -> UInt32 {
        nextID &+= 1
        ids[question] = nextID
        underWay[nextID] = LookUp(question: question)
        return nextID
    }

    private func giveUp(_ id: UInt32, _ number: UInt64) {
        guard let index = underWay[id]?.askers.firstIndex(where: { $0.number == number }) else { return }
        underWay[id]?.askers.remove(at: index).promise.succeed(.timedOut)
    }

    private func finish(_ id: UInt32, _ answer: DNSAnswer) {
        guard let lookUp = underWay.removeValue(forKey: id) else { return }
        ids[lookUp.question] = nil
        remember(answer, to: lookUp.question)
        for asker in lookUp.askers {
            asker.timeout.cancel()
            asker.promise.succeed(answer)
        }
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
        connectionNumber += 1
        let number = connectionNumber
        let client = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ResponseHandler(client: client.value, number: number)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(unixDomainSocketPath: path)
            .assumeIsolated()
            .whenComplete { [self] result in
                switch result {
                case .failure:
                    lost(number, "the lookups role can't be reached")
                case .success(let channel):
                    // It may have been lost before it was seen to be open.
                    guard number == connectionNumber, case .connecting(let frames) = connection else {
                        return channel.close(promise: nil)
                    }
                    connection = .open(channel)
                    for frame in frames { channel.write(ByteBuffer(bytes: frame), promise: nil) }
                    channel.flush()
                }
            }
    }

    private func lost(_ number: Int, _ reason: String) {
        guard number == connectionNumber else { return }
        connection = .none
        for id in underWay.keys.sorted() { finish(id, .failed(reason)) }
    }

    private final class ResponseHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: LookupsClient
        private let number: Int
        private var unread: [UInt8] = []

        init(client: LookupsClient, number: Int) {
            self.client = client
            self.number = number
        }

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

        func channelInactive(context: ChannelHandlerContext) {
            client.lost(number, "the lookups role is gone")
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
