// SPDX-License-Identifier: MIT

internal import FoundationEssentials
internal import NIOCore
internal import NIOPosix

/// One request to outbound over a connection of its own, and its answer on the way back to a client of ours.
///
/// Whole lines are passed on as they come, and no more is read until the client took what was: a client that
/// doesn't read makes outbound wait, not us keep the answer. The last line is the one that says `done` or
/// `error`.
final class OutboundExchange: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Lines beyond this are rows, whatever they hold: the end of an answer is short.
    static let endOctetsMax = 16_384

    private let request: [UInt8]
    private let client: any Channel
    private let limits: OperationsLimits
    private let finished: EventLoopPromise<Void>
    private var context: ChannelHandlerContext?
    private var pending = ByteBuffer()
    private var octets = 0
    private var isOver = false
    private var timer: Scheduled<Void>?

    /// `request` is the line without its end. All happens on the event loop of `client`.
    init(_ request: [UInt8], client: any Channel, limits: OperationsLimits) {
        self.request = request
        self.client = client
        self.limits = limits
        finished = client.eventLoop.makePromise()
    }

    /// Done when the last line is with the client. Fails with an `OperationsError` where outbound gave no
    /// whole answer: the client has then had the lines so far. Called once.
    func run(path: String) -> EventLoopFuture<Void> {
        let bound = NIOLoopBound(self, eventLoop: client.eventLoop)
        ClientBootstrap(group: client.eventLoop)
            .channelOption(ChannelOptions.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(unixDomainSocketPath: path)
            .assumeIsolated()
            .whenFailure { error in
                self.end(
                    .failure(
                        OperationsError(
                            code: .outbound,
                            message: "outbound does not answer on \(path): \(error); "
                                + "it is restarted when it dies, so try again, and see `postern status`")))
            }
        return finished.futureResult
    }

    /// The client is gone.
    func abandon() { end(.failure(ChannelError.eof)) }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        guard !isOver else { return context.close(promise: nil) }
        let line = context.channel.allocator.buffer(bytes: request + [0x0A])
        context.writeAndFlush(wrapOutboundOut(line), promise: nil)
        readOn(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        var bytes = unwrapInboundIn(data)
        octets += bytes.readableBytes
        guard octets <= limits.answerOctetsMax else {
            return fail("outbound's answer is longer than \(limits.answerOctetsMax) octets; ask for less")
        }
        let newline = bytes.readableBytesView.lastIndex(of: 0x0A)
        guard let newline, let lines = bytes.readSlice(length: newline - bytes.readerIndex + 1) else {
            pending.writeBuffer(&bytes)
            return readOn(context)
        }
        var whole = pending
        whole.writeImmutableBuffer(lines)
        pending = bytes
        let isEnd = Self.isEnd(lastLine(of: whole))
        client.writeAndFlush(whole).assumeIsolated().whenComplete { result in
            if case .failure(let error) = result { return self.end(.failure(error)) }
            if isEnd { return self.end(.success(())) }
            if !self.isOver { self.readOn(context) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("outbound ended before its answer did; ask again: an act with the same key is done once")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail("the connection to outbound broke: \(error); ask again: an act with the same key is done once")
    }

    private func lastLine(of lines: ByteBuffer) -> [UInt8] {
        let view = lines.readableBytesView.dropLast()
        guard let newline = view.lastIndex(of: 0x0A) else { return Array(view) }
        return Array(view[(newline + 1)...])
    }

    /// Rows have neither member.
    static func isEnd(_ line: [UInt8]) -> Bool {
        struct End: Decodable {
            var done: Bool?
            var error: String?
        }
        // What isn't such an object is a row, and more is to come.
        guard line.count <= endOctetsMax, let end = try? JSONDecoder().decode(End.self, from: Data(line))
        else {
            return false
        }
        return end.done != nil || end.error != nil
    }

    /// The time runs until the client took what comes.
    private func readOn(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(limits.outboundMs))) {
            self.fail(
                "outbound's answer stood still for \(self.limits.outboundMs) ms; "
                    + "see `postern status` and its log"
            )
        }
        context.read()
    }

    private func fail(_ text: String) {
        end(.failure(OperationsError(code: .outbound, message: text)))
    }

    private func end(_ result: Result<Void, any Error>) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        context?.close(promise: nil)
        context = nil
        finished.completeWith(result)
    }
}
