// SPDX-License-Identifier: MIT

internal import Logging
internal import NIOCore
internal import Telemetry

/// One client of the control socket: cuts lines and has one request at a time carried out.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let dispatcher: any DispatcherLine
    private let outboundPath: String
    private let limits: OperationsLimits
    private let logger: Logger
    private var pending = ByteBuffer()
    /// Octets of `pending` that are known to hold no line end, so that a client that drips costs no more than
    /// one that doesn't.
    private var searched = 0
    private var isServing = false
    /// Answers what is being served, then hangs up.
    private var isEnding = false
    /// What comes now is not read: where a request begins is no longer certain.
    private var isFailed = false
    private var idle: Scheduled<Void>?
    /// With outbound, while there is one.
    private var exchange: OutboundExchange?

    init(dispatcher: any DispatcherLine, outboundPath: String, limits: OperationsLimits, logger: Logger) {
        self.dispatcher = dispatcher
        self.outboundPath = outboundPath
        self.limits = limits
        self.logger = logger
    }

    func channelActive(context: ChannelHandlerContext) {
        restartIdle(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isEnding = true
        idle?.cancel()
        exchange?.abandon()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        var bytes = unwrapInboundIn(data)
        if pending.readableBytes == 0 {
            pending = bytes
            searched = 0
        } else {
            pending.writeBuffer(&bytes)
        }
        serve(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed, is ChannelShouldQuiesceEvent:
            // A client that has said all still wants its answer.
            isEnding = true
            if !isServing { context.close(promise: nil) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// The next request, if a whole line is there and none is being served.
    private func serve(_ context: ChannelHandlerContext) {
        while !isServing, !isFailed, context.channel.isActive {
            let view = pending.readableBytesView
            guard let end = view.dropFirst(searched).firstIndex(of: 0x0A) else {
                searched = view.count
                break
            }
            let length = end - view.startIndex
            guard length <= limits.controlLineOctetsMax, let line = pending.readBytes(length: length) else {
                break
            }
            pending.moveReaderIndex(forwardBy: 1)
            pending.discardReadBytes()
            searched = 0
            take(line, context)
        }
        guard pending.readableBytes > limits.controlLineOctetsMax, !isFailed else { return }
        let octets = limits.controlLineOctetsMax
        fail(context, "the request is longer than \(octets) octets; split it, and wait for answers")
    }

    private func take(_ line: [UInt8], _ context: ChannelHandlerContext) {
        let request: ControlRequest
        do throws(ControlRequestError) {
            request = try ControlRequest(parsing: line)
        } catch {
            return fail(context, error.text)
        }
        isServing = true
        idle?.cancel()
        switch request.command {
        case .ask(let act):
            ask(act, context.eventLoop).assumeIsolated().whenComplete { result in
                switch result {
                case .success(let text): self.finish(context, Array(text.utf8) + [0x0A])
                case .failure(let error): self.finish(context, act.rawValue, error)
                }
            }
        case .outbound(let line):
            let exchange = OutboundExchange(line, client: context.channel, limits: limits)
            self.exchange = exchange
            exchange.run(path: outboundPath).assumeIsolated().whenComplete { result in
                self.exchange = nil
                switch result {
                case .success: self.finish(context, [])
                case .failure(let error): self.finish(context, "outbound", error)
                }
            }
        }
    }

    private func finish(_ context: ChannelHandlerContext, _ command: String, _ error: any Error) {
        // A client that left before its answer is nobody's concern.
        guard context.channel.isActive else { return }
        logger.log(OperationsEvent.commandFailed(command: command, reason: "\(error)"))
        finish(context, ControlAnswer.error("\(error)"))
    }

    /// Writes the rest of an answer; the next request is served once the client has taken it.
    private func finish(_ context: ChannelHandlerContext, _ answer: [UInt8]) {
        guard context.channel.isActive else { return }
        restartIdle(context)
        let bytes = context.channel.allocator.buffer(bytes: answer)
        context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in
            self.isServing = false
            guard context.channel.isActive else { return }
            self.serve(context)
            if self.isEnding, !self.isServing { context.close(promise: nil) }
        }
    }

    private func ask(_ act: DispatcherAct, _ loop: any EventLoop) -> EventLoopFuture<String> {
        if act != .status { logger.log(OperationsEvent.commanded(command: act.rawValue)) }
        let limitMs = act == .reload ? limits.reloadMs : limits.dispatcherMs
        let silent = OperationsError(
            code: .dispatcher,
            message: "the dispatcher did not answer \"\(act.rawValue)\" within \(limitMs) ms; see its log")
        return dispatcher.ask(act, on: loop).within(.milliseconds(Int64(limitMs)), orFail: silent)
    }

    /// Answers with an error and hangs up.
    private func fail(_ context: ChannelHandlerContext, _ text: String) {
        isEnding = true
        isFailed = true
        guard !isServing else { return context.close(promise: nil) }
        let line = context.channel.allocator.buffer(bytes: ControlAnswer.error(text))
        context.writeAndFlush(wrapOutboundOut(line)).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    private func restartIdle(_ context: ChannelHandlerContext) {
        idle?.cancel()
        idle = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(limits.controlIdleMs)))
        {
            context.close(promise: nil)
        }
    }
}
