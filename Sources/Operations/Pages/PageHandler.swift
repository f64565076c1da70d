// SPDX-License-Identifier: MIT

internal import NIOCore
internal import NIOHTTP1

/// One HTTP connection: bounds what comes, answers each request whole, keeps the connection while the client
/// wants it.
final class PageHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let pages: Pages
    private let limits: OperationsLimits
    private var head: HTTPRequestHead?
    private var bodyOctets = 0
    private var requests = 0
    private var isEnding = false
    private var deadline: Scheduled<Void>?

    init(pages: Pages, limits: OperationsLimits) {
        self.pages = pages
        self.limits = limits
    }

    func channelActive(context: ChannelHandlerContext) {
        restartDeadline(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isEnding = true
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            bodyOctets = 0
        case .body(let bytes):
            bodyOctets += bytes.readableBytes
            guard bodyOctets > limits.bodyOctetsMax, let head else { return }
            end(context, .refusal(.payloadTooLarge, "The request's body is too long."), version: head.version)
        case .end:
            guard let head else { return }
            self.head = nil
            answer(context, head)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isEnding, let error = error as? HTTPParserError else {
            isEnding = true
            context.close(promise: nil)
            return
        }
        let isLong = if case .headerOverflow = error { true } else { false }
        end(
            context,
            isLong
                ? .refusal(.requestHeaderFieldsTooLarge, "The request's line or header is too long.")
                : .refusal(.badRequest, "This is no HTTP request."), version: .http1_1)
    }

    private func answer(_ context: ChannelHandlerContext, _ request: HTTPRequestHead) {
        deadline?.cancel()
        requests += 1
        let isLast = !request.isKeepAlive || requests >= limits.requestsPerConnectionMax
        pages.answer(request).assumeIsolated().whenSuccess { answer in
            guard context.channel.isActive, !self.isEnding else { return }
            let isHead = request.method == .HEAD
            if isLast || answer.status == .badRequest || !context.channel.isWritable {
                return self.end(context, answer, version: request.version, isHead: isHead)
            }
            self.write(context, answer, version: request.version, isHead: isHead, isLast: false)
            self.restartDeadline(context)
        }
    }

    /// Answers and hangs up.
    private func end(
        _ context: ChannelHandlerContext, _ answer: PageAnswer, version: HTTPVersion, isHead: Bool = false
    ) {
        isEnding = true
        // A client that doesn't read is cut off by the deadline.
        restartDeadline(context)
        let written = write(context, answer, version: version, isHead: isHead, isLast: true)
        written.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    @discardableResult
    private func write(
        _ context: ChannelHandlerContext, _ answer: PageAnswer, version: HTTPVersion, isHead: Bool,
        isLast: Bool
    ) -> EventLoopFuture<Void> {
        let head = HTTPResponseHead(
            version: .http1_1, status: answer.status,
            headers: answer.headers(isLast: isLast, version: version))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHead {
            let body = context.channel.allocator.buffer(string: answer.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        return context.writeAndFlush(wrapOutboundOut(.end(nil)))
    }

    private func restartDeadline(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(limits.requestMs)))
        {
            self.isEnding = true
            context.close(promise: nil)
        }
    }
}
