// SPDX-License-Identifier: MIT

internal import Mail
internal import NIOCore
internal import SMTPProtocol

/// One connection to a next hop: bytes to the sending machine and back, one message after another.
///
/// What a burst of replies leads to (the next commands, a message's content) is gathered in one buffer and
/// goes out with one write.
final class NextHopConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Chunks of one message encoded before other connections get their turn on the loop.
    private static let chunksPerTurnMax = 8

    private let hop: NextHop
    let attempt: NextHop.Attempt
    private let settings: OutboundSettings
    private var machine: SendingMachine
    private var context: ChannelHandlerContext?
    /// What the server sent and the machine has not consumed.
    private var incoming = ByteBuffer()
    private var outgoing = ByteBuffer()

    private var delivery: Delivery?
    private var feed: ContentFeed?
    private var isFeeding = false
    private var wasContentSent = false
    /// Something came since the message was begun.
    private var isAnswered = false
    private var messagesBegun = 0
    /// Past it, the server took too long, or an idle connection has waited long enough.
    private var deadline: NIODeadline?
    /// EHLO was answered: the connection has been of use.
    private(set) var isReady = false

    init(hop: NextHop, attempt: NextHop.Attempt, settings: OutboundSettings) {
        self.hop = hop
        self.attempt = attempt
        self.settings = settings
        machine = SendingMachine(helloName: settings.hostname, limits: settings.sending)
    }

    // MARK: What the hop tells

    /// Begins a message. Only on a connection that waits for one.
    func begin(_ delivery: Delivery) {
        perform(start(delivery))
        flush()
    }

    /// Called a few times a second.
    func tick(_ now: NIODeadline) {
        guard let deadline, deadline <= now else { return }
        if machine.isIdle { return leave() }
        perform(machine.timedOut())
        flush()
    }

    /// Says goodbye, if no message is under way.
    func leave() {
        guard machine.isIdle else { return }
        hop.isLeaving(self)
        perform(machine.quit())
        flush()
    }

    /// Ends it as it stands; a message under way is settled as the machine sees it.
    func abort() {
        perform(machine.disconnected())
        flush()
    }

    // MARK: What the channel tells

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        guard hop.isConnected(self) else { return context.close(promise: nil) }
        perform(machine.connected())
        setDeadline()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if incoming.readableBytes == 0 { incoming = bytes } else { incoming.writeBuffer(&bytes) }
        isAnswered = true
        while true {
            var consumed = 0
            let step = incoming.withUnsafeReadableBytes { machine.receive($0, consumed: &consumed) }
            incoming.moveReaderIndex(forwardBy: consumed)
            if case .needMore = step { break }
            perform(step)
        }
        // What is left is less than a line; what was read must not be kept behind it.
        incoming.discardReadBytes()
        flush()
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(machine.disconnected())
        hop.isGone(self, machine.end ?? .quit)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { feedOn() }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Steps

    private func start(_ delivery: Delivery) -> SendingStep {
        self.delivery = delivery
        messagesBegun += 1
        isAnswered = false
        let wishes =
            delivery.options.isEmpty ? .none : SendingWishes(delivery.options, now: Timestamp.now)
        return machine.send(delivery.envelope, octets: delivery.octets, wishes: wishes)
    }

    private func perform(_ first: SendingStep) {
        var step = first
        // Every turn ends a message or the connection, or leaves the loop.
        while true {
            switch step {
            case .needMore: return
            case .send(let bytes):
                outgoing.writeBytes(bytes)
                return setDeadline()
            case .sendContent:
                guard let delivery else { return }
                feed = ContentFeed(delivery)
                setDeadline()
                return feedOn()
            case .ready:
                isReady = true
                hop.isReady(self)
            case .settled(let results):
                settle(results)
                guard machine.end == nil else { return close() }
            case .closed: return close()
            }
            guard messagesBegun < settings.limits.messagesPerConnectionMax else { return leave() }
            guard let next = hop.next() else {
                deadline = .now() + .milliseconds(Int64(settings.limits.idleMs))
                return hop.isIdle(self)
            }
            step = start(next)
        }
    }

    private func settle(_ results: [RecipientResult]) {
        feed = nil
        guard let delivery else { return }
        self.delivery = nil
        if machine.end != nil, !isAnswered, messagesBegun > 1, !wasContentSent {
            // The server closed a connection that had waited for work: that says nothing about this message.
            hop.takeBack(delivery)
        } else {
            hop.settled(DeliveryReport(id: delivery.id, results: results, isUnreachable: false))
        }
        wasContentSent = false
    }

    /// Content, as long as the socket takes it.
    private func feedOn() {
        guard !isFeeding, var feed = self.feed, let context else { return }
        isFeeding = true
        defer { isFeeding = false }
        self.feed = nil
        for _ in 0..<Self.chunksPerTurnMax {
            feed.fill(&outgoing, octetsMax: settings.limits.chunkOctetsMax)
            if feed.isDamaged { return giveUp() }
            if feed.isDone {
                wasContentSent = true
                perform(machine.contentSent())
                setDeadline()
                return flush()
            }
            flush()
            setDeadline()
            guard machine.end == nil else { return }
            guard context.channel.isWritable else {
                self.feed = feed
                return
            }
        }
        self.feed = feed
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.feedOn() }
    }

    /// The content can't be read: the connection ends without a final dot, so that nothing of it is taken.
    private func giveUp() {
        if let delivery {
            hop.settled(
                delivery.report(
                    .rejected(Reply(554, "5.3.0", "the queue names octets that the message doesn't have"))))
        }
        delivery = nil
        _ = machine.disconnected()
        close()
    }

    private func setDeadline() {
        deadline = machine.secondsMax.map { .now() + .seconds(Int64($0)) }
    }

    private func flush() {
        guard outgoing.readableBytes > 0, let context else { return }
        context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
        // The storage is used again if the socket took all of it.
        outgoing.clear()
    }

    private func close() {
        deadline = nil
        flush()
        hop.isGone(self, machine.end ?? .quit)
        context?.close(promise: nil)
    }
}
