// SPDX-License-Identifier: MIT

internal import FoundationEssentials
internal import NIOCore

/// A request on its way to the controller's thread, and the way back.
struct Command: Sendable {
    let request: QueueRequest
    /// Called once, on any thread, with the answer's lines, each with its LF.
    let answer: @Sendable ([UInt8]) -> Void
}

/// One client of the command socket: cuts lines, has them decoded, and serves one request at a time.
final class CommandHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long a client may take over a request, and how long it may be silent. It is one of our own
    /// processes.
    static let idleSeconds = 600

    private let clients: Clients
    private let refused: @Sendable (Refusal) -> Void
    private let submit: @Sendable (Command) -> Void
    private var pending = ByteBuffer()
    private var isServing = false
    private var isInputClosed = false
    /// It was told so, and is being hung up on.
    private var isRefused = false
    private var idle: Scheduled<Void>?

    /// How many there are.
    final class Clients: @unchecked Sendable {
        // Sendable: touched on the one loop that all of them live on.
        var count = 0
    }

    init(
        clients: Clients, refused: @escaping @Sendable (Refusal) -> Void,
        submit: @escaping @Sendable (Command) -> Void
    ) {
        self.clients = clients
        self.refused = refused
        self.submit = submit
    }

    func channelActive(context: ChannelHandlerContext) {
        clients.count += 1
        if clients.count > CommandSocket.clientsMax {
            fail(context, "\(CommandSocket.clientsMax) clients ask already; try again")
        }
        restartIdle(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        clients.count -= 1
        idle?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        var bytes = unwrapInboundIn(data)
        if pending.readableBytes == 0 { pending = bytes } else { pending.writeBuffer(&bytes) }
        serve(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent {
            // A client that has said all (`nc -N`) still wants its answer.
            isInputClosed = true
            if !isServing { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// The next request, if a whole line is there and none is being served.
    private func serve(_ context: ChannelHandlerContext) {
        guard !isServing else {
            // One request may wait behind the one being served, not more.
            if pending.readableBytes > QueueRequest.octetsMax {
                fail(context, "too much was sent ahead; wait for answers")
            }
            return
        }
        guard
            let length = pending.readableBytesView.firstIndex(of: UInt8(ascii: "\n")).map({
                $0 - pending.readerIndex
            })
        else {
            if pending.readableBytes > QueueRequest.octetsMax {
                fail(context, "the request is longer than \(QueueRequest.octetsMax) octets; split it")
            }
            return
        }
        guard length <= QueueRequest.octetsMax, let line = pending.readBytes(length: length) else {
            return fail(context, "the request is longer than \(QueueRequest.octetsMax) octets; split it")
        }
        pending.moveReaderIndex(forwardBy: 1)
        pending.discardReadBytes()
        let request: QueueRequest
        do {
            request = try JSONDecoder().decode(QueueRequest.self, from: Data(line))
        } catch {
            return fail(
                context, "the request isn't a JSON object with a known \"verb\": \(Self.reason(error))")
        }
        if let complaint = request.complaint { return fail(context, complaint) }
        isServing = true
        idle?.cancel()
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        submit(
            Command(request: request) { lines in
                loop.execute {
                    let (handler, context) = bound.value
                    handler.finish(context, lines)
                }
            })
    }

    private func finish(_ context: ChannelHandlerContext, _ lines: [UInt8]) {
        isServing = false
        guard context.channel.isActive, !isRefused else { return }
        let written = context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: lines)))
        restartIdle(context)
        serve(context)
        // Closing at once would drop what the socket has not taken yet.
        if isInputClosed, !isServing {
            written.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
    }

    /// Answers with an error and hangs up: where the next request begins is no longer certain.
    private func fail(_ context: ChannelHandlerContext, _ text: String) {
        isRefused = true
        let refusal = Refusal(text)
        refused(refusal)
        let lines = AnswerLines.error(refusal.text)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: lines)))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func restartIdle(_ context: ChannelHandlerContext) {
        idle?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        idle = context.eventLoop.scheduleTask(in: .seconds(Int64(Self.idleSeconds))) {
            bound.value.close(promise: nil)
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context), DecodingError.keyNotFound(_, let context):
            context.debugDescription
        default: "\(error)"
        }
    }
}
