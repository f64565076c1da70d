// SPDX-License-Identifier: MIT

import NIOCore
import NIOEmbedded
import Synchronization

/// What a client has received. Waiting is for a reply or for the end of the connection, with a deadline.
final class Inbox: Sendable {
    struct TimedOut: Error, CustomStringConvertible {
        let seen: String
        var description: String { "nothing came within \(Inbox.secondsMax) s; unread so far: \(seen)" }
    }
    struct Closed: Error {}

    static let secondsMax = 30

    private struct State {
        var bytes: [UInt8] = []
        /// How many of them were taken.
        var taken = 0
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func add(_ bytes: some Sequence<UInt8>) { change { $0.bytes.append(contentsOf: bytes) } }

    func close() { change { $0.isClosed = true } }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Octets received in all.
    var total: Int { state.withLock { $0.bytes.count } }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    /// Received and not yet taken.
    var unread: String { state.withLock { String(decoding: $0.bytes[$0.taken...], as: UTF8.self) } }

    /// The next whole reply, its lines joined by line feeds. Throws where the connection ends before.
    func reply() async throws -> String {
        while true {
            // Looked at before taking: what comes in between is not overlooked.
            let (seen, wasClosed) = state.withLock { ($0.bytes.count, $0.isClosed) }
            if let reply = take() { return reply }
            if wasClosed { throw Closed() }
            try await wait(beyond: seen)
        }
    }

    /// Everything up to the end of the connection.
    func rest() async throws -> [String] {
        while !isClosed { try await wait(beyond: total) }
        var replies: [String] = []
        while let reply = take() { replies.append(reply) }
        return replies
    }

    private func take() -> String? {
        state.withLock { state in
            var lines: [String] = []
            var start = state.taken
            while let end = state.bytes[start...].firstIndex(of: 0x0A) {
                let line = String(decoding: state.bytes[start..<end].filter { $0 != 0x0D }, as: UTF8.self)
                lines.append(line)
                start = end + 1
                guard line.utf8.dropFirst(3).first == UInt8(ascii: "-") else {
                    state.taken = start
                    return lines.joined(separator: "\n")
                }
            }
            return nil
        }
    }

    /// For more octets than `seen`, or the end.
    private func wait(beyond seen: Int) async throws {
        let watchdog = Task {
            try await Task.sleep(for: .seconds(Self.secondsMax))
            change { _ in }
        }
        defer { watchdog.cancel() }
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.isClosed || state.bytes.count > seen { return true }
                state.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        if total == seen, !isClosed { throw TimedOut(seen: unread) }
    }
}

/// Stands next to a testing channel's socket: what the server writes goes into an inbox, and each read that
/// it asks for is counted.
final class OutboundTap: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private let inbox: Inbox
    private(set) var reads = 0
    private(set) var largestWrite = 0
    /// After so many octets the client's window is shut.
    var windowOctets = Int.max
    /// The client goes on sending after we have closed our half.
    var keepsItsHalfOpen = false

    init(_ inbox: Inbox) { self.inbox = inbox }

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data).readableBytesView
        largestWrite = max(largestWrite, bytes.count)
        inbox.add(bytes)
        promise?.succeed()
        windowOctets -= bytes.count
        if windowOctets <= 0 { setWritable(false, context: context) }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output, keepsItsHalfOpen {
            promise?.succeed()
        } else {
            context.close(mode: mode, promise: promise)
        }
    }

    func setWritable(_ isWritable: Bool, context: ChannelHandlerContext) {
        guard let channel = context.channel as? NIOAsyncTestingChannel, channel.isWritable != isWritable
        else {
            return
        }
        channel.isWritable = isWritable
        context.fireChannelWritabilityChanged()
    }
}

/// The end of a client's pipeline on a real socket.
final class InboundTap: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbox.add(unwrapInboundIn(data).readableBytesView)
    }

    func channelInactive(context: ChannelHandlerContext) { inbox.close() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
