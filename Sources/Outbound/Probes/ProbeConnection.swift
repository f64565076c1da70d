// SPDX-License-Identifier: MIT

internal import Mail
internal import NIOCore
internal import SMTPProtocol

/// One connection that asks a next hop about recipients: bytes to the probe machine and back.
final class ProbeConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let prober: RecipientProber
    private let settings: OutboundSettings
    private var machine: ProbeMachine
    private var context: ChannelHandlerContext?
    /// What the server sent and the machine has not consumed.
    private var incoming = ByteBuffer()
    private var outgoing: [UInt8] = []
    private var deadline: Scheduled<Void>?

    /// What is being asked.
    private(set) var probe: Probe?
    /// EHLO was answered.
    private(set) var isOfUse = false
    private var probesBegun = 0
    /// Something came since the question was sent.
    private var isAnswered = false
    /// Why it was aborted; nil unless it was.
    private var abortReason: String?

    init(prober: RecipientProber, settings: OutboundSettings) {
        self.prober = prober
        self.settings = settings
        machine = ProbeMachine(helloName: settings.hostname, limits: settings.probes.sending)
    }

    // MARK: What the prober tells

    /// Asks. Only on a connection that has told `isReady`.
    func begin(_ probe: Probe) {
        self.probe = probe
        probesBegun += 1
        isAnswered = false
        perform(machine.probe(probe.recipient))
        flush()
    }

    /// Ends it; a question under way is answered "unsure", with `reason`.
    func abort(_ reason: String) {
        abortReason = reason
        perform(machine.disconnected())
    }

    // MARK: What the channel tells

    /// It is added to a channel that is connected.
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        perform(machine.connected())
        setDeadline()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

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
        // What is left is less than a line.
        incoming.discardReadBytes()
        flush()
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(machine.disconnected())
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: Steps

    private func perform(_ step: ProbeStep) {
        switch step {
        case .needMore: return
        case .send(let bytes):
            outgoing += bytes
            setDeadline()
        case .answered(let answer, let bytes):
            outgoing += bytes
            setDeadline()
            finish(answer)
            // Without a word to the server, it is as ready as before.
            if machine.isIdle { beReady() }
        case .ready:
            isOfUse = true
            beReady()
        case .closed(let end): close(end)
        }
    }

    private func beReady() {
        guard probesBegun < settings.probes.perConnectionMax else { return leave() }
        setDeadline()
        // Afterwards, so that what is in hand is done first: it may be asked at once.
        flush()
        prober.isReady(self)
    }

    private func leave() {
        prober.isLeaving(self)
        perform(machine.quit())
        flush()
    }

    private func finish(_ answer: RecipientAnswer) {
        let probe = self.probe
        self.probe = nil
        probe?.finish(answer)
    }

    private func close(_ end: SendingEnd) {
        deadline?.cancel()
        if let probe {
            self.probe = nil
            if abortReason == nil, !isAnswered, probesBegun > 1 {
                // The server closed a connection that had waited for work: that says nothing of a recipient.
                prober.takeBack(probe)
            } else {
                probe.finish(.unsure(abortReason ?? prober.naming(RecipientProber.reason(end))))
            }
        }
        flush()
        prober.isGone(self, end, wasOfUse: isOfUse)
        context?.close(promise: nil)
    }

    /// The server's, or that of an idle connection.
    private func setDeadline() {
        deadline?.cancel()
        guard let context, machine.end == nil else { return }
        let amount: TimeAmount =
            machine.secondsMax.map { .seconds(Int64($0)) } ?? .milliseconds(Int64(settings.probes.idleMs))
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: amount) {
            let connection = bound.value
            if connection.machine.isIdle { return connection.leave() }
            connection.perform(connection.machine.timedOut())
        }
    }

    private func flush() {
        guard !outgoing.isEmpty, let context else { return }
        let bytes = context.channel.allocator.buffer(bytes: outgoing)
        outgoing = []
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
}
