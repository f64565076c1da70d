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

    /// An errand on its way. Those who ask the same meanwhile wait for the same answer, each until its own
    /// deadline; the look-up goes on when the last has given up, so that the next finds its answer
    /// remembered.
    private struct LookUp {
        let errand: Errand
        var askers: [Asker] = []
    }

    private struct Asker {
        let number: UInt64
        let promise: EventLoopPromise<ErrandResult>
        let timeout: Scheduled<Void>
    }

    private enum Connection {
        case none
        case connecting([[UInt8]])
        case open(any Channel)
    }

    private let path: String
    /// For one DNS question, whatever its asker's own deadline.
    private let timeLimit: TimeAmount
    private let loop: any EventLoop
    private var connection = Connection.none
    /// Counts connections, so that the end of one isn't taken for the end of the next.
    private var connectionNumber = 0
    private var underWay: [UInt32: LookUp] = [:]
    /// Of what may be shared.
    private var ids: [Errand: UInt32] = [:]
    private var cache: [DNSQuestion: Remembered] = [:]
    private var nextID: UInt32 = 0
    private var askerCount: UInt64 = 0

    /// `timeoutMs` is what one DNS question may take, in milliseconds.
    package init(path: String, timeoutMs: Int = 60_000, loop: any EventLoop) {
        self.path = path
        timeLimit = .milliseconds(Int64(timeoutMs))
        self.loop = loop
    }

    /// The answer, if it is remembered and its time hasn't passed. DNS only: no other answer says how long it
    /// may be kept, and the role keeps its own cache of directories for all workers.
    package func known(_ question: DNSQuestion) -> DNSAnswer? {
        guard let remembered = cache[question] else { return nil }
        guard remembered.until > .now() else {
            cache[question] = nil
            return nil
        }
        return remembered.answer
    }

    package func known(_ question: Question) -> Answer? {
        guard case .dns(let question) = question else { return nil }
        return known(question).map(Answer.dns)
    }

    /// Never fails: `.timedOut` at the deadline or after the time of one question, `.failed` where the role
    /// is gone or too much is under way.
    package func ask(_ question: DNSQuestion, deadline: NIODeadline) -> EventLoopFuture<DNSAnswer> {
        ask(.dns(question), deadline: deadline).map { answer in
            // Nothing but a DNS answer comes back to a DNS question, or `finish` says why not.
            if case .dns(let answer) = answer { answer } else { .failed("no DNS answer came back") }
        }
    }

    /// Never fails: an answer that says why there is none, in the form of its question, at the deadline,
    /// where the role is gone, or where too much is under way. `secret` goes with an identity question.
    package func ask(
        _ question: Question, secret: [UInt8]? = nil, deadline: NIODeadline
    ) -> EventLoopFuture<Answer> {
        if let answer = known(question) { return loop.makeSucceededFuture(answer) }
        guard LookupFrame.carries(question) else {
            return loop.makeSucceededFuture(.unavailable("the lookups role doesn't answer that"))
        }
        return go(.ask(question, secret: secret), isShared: Self.isShared(question), deadline: deadline).map {
            result in
            if case .answer(let answer) = result { answer } else { question.failure("no answer came back") }
        }
    }

    /// Carries out `effect`, once however often it is handed in under `key`. Nil when it is done and will be
    /// remembered after a power cut; otherwise why it isn't, and then it is to be handed in again later.
    /// `judgedAt` is when the message was judged, in seconds since 1970-01-01 UTC.
    package func carryOut(
        _ effect: Effect, key: EffectKey, judgedAt: Int64, deadline: NIODeadline
    ) -> EventLoopFuture<String?> {
        go(.carryOut(effect, key, judgedAt: judgedAt), isShared: true, deadline: deadline).map { result in
            switch result {
            case .carriedOut: nil
            case .notCarriedOut(let reason): reason
            case .answer: "no result came back"
            }
        }
    }

    /// Whether two who ask at once may be given one answer: not where asking counts, and not where a secret
    /// goes along.
    private static func isShared(_ question: Question) -> Bool {
        switch question {
        case .dns, .database, .directory, .recipient, .memory, .script: true
        case .sequence, .meter, .identity, .callout, .scan, .time, .dice: false
        }
    }

    private func go(
        _ errand: Errand, isShared: Bool, deadline: NIODeadline
    ) -> EventLoopFuture<ErrandResult> {
        let shared = isShared ? ids[errand] : nil
        guard shared != nil || underWay.count < LookupLimits.outstandingMax else {
            return loop.makeSucceededFuture(errand.failure("too many look-ups under way"))
        }
        let id = shared ?? begin(errand, isShared: isShared)
        let promise = loop.makePromise(of: ErrandResult.self)
        askerCount += 1
        let number = askerCount
        // The other senses have budgets of their own, which the role keeps.
        let isName = if case .ask(.dns, _) = errand { true } else { false }
        let last = isName ? min(deadline, .now() + timeLimit) : deadline
        let timeout = loop.assumeIsolated().scheduleTask(deadline: last) { [self] in giveUp(id, number) }
        underWay[id]?.askers.append(Asker(number: number, promise: promise, timeout: timeout))
        if shared == nil { send(LookupFrame.encode(LookupFrame.Request(id: id, errand: errand))) }
        return promise.futureResult
    }

    private func begin(_ errand: Errand, isShared: Bool) -> UInt32 {
        nextID &+= 1
        if isShared { ids[errand] = nextID }
        underWay[nextID] = LookUp(errand: errand)
        return nextID
    }

    private func giveUp(_ id: UInt32, _ number: UInt64) {
        guard let lookUp = underWay[id], let index = lookUp.askers.firstIndex(where: { $0.number == number })
        else { return }
        let result =
            if case .ask(.dns, _) = lookUp.errand { ErrandResult.answer(.dns(.timedOut)) } else {
                lookUp.errand.failure("the lookups role did not answer in time")
            }
        underWay[id]?.askers.remove(at: index).promise.succeed(result)
    }

    private func finish(_ id: UInt32, _ result: ErrandResult) {
        guard let lookUp = underWay.removeValue(forKey: id) else { return }
        if ids[lookUp.errand] == id { ids[lookUp.errand] = nil }
        if case .ask(.dns(let question), _) = lookUp.errand, case .answer(.dns(let answer)) = result {
            remember(answer, to: question)
        }
        for asker in lookUp.askers {
            asker.timeout.cancel()
            asker.promise.succeed(result)
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
        for id in underWay.keys.sorted() {
            if let lookUp = underWay[id] { finish(id, lookUp.errand.failure(reason)) }
        }
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
                    client.finish(response.id, response.result)
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
