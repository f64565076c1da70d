// SPDX-License-Identifier: MIT

internal import Mail
package import NIOCore
internal import NIOSSL
internal import NIOTLS
internal import SMTPProtocol
internal import Telemetry

/// The connection of one visit: bytes in, replies out, time, TLS. It decides nothing.
///
/// Replies gather until the client has to be waited for, and go out in one write. A client that doesn't wait
/// for its answers, or doesn't read them, costs bounded memory: nothing more is read once `heldOctetsMax` are
/// buffered while an answer is awaited, and nothing is taken up while what we wrote can't leave.
package final class SessionHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Octets read ahead while an answer is awaited.
    static let heldOctetsMax = 65_536
    /// Octets of replies that gather before they are written.
    static let repliesOctetsMax = 32_768
    /// What is left over of a read is copied up to this size, in octets, so that a few of them don't hold a
    /// whole read's buffer. A command line fits.
    private static let leftoverOctetsMax = 4_096
    /// How long a connection that we closed may stay until the client has read our last reply, in seconds.
    static let lingerSecondsMax: Int64 = 5
    /// Octets that are thrown away meanwhile; more, and the client doesn't want to hear.
    static let lingerOctetsMax = 256 << 20

    private let worker: Worker
    private var visit: Visit?
    private var context: ChannelHandlerContext?
    private var buffer: ByteBuffer?
    /// What is readable of it waits to be written; its memory is used again.
    private var replies = ByteBuffer()
    /// A read that was asked for while reading is paused.
    private var isReadHeld = false
    private var isWritable = true
    private var isTakingUp = false
    private var isClosing = false
    private var isStartingTLS = false
    private var lingeredOctets = 0

    /// Its place in the worker's list.
    var listIndex: Int?
    /// Something happened since the last look at the clock.
    private var hasMoved = true
    private var quietSince = NIODeadline.uptimeNanoseconds(0)
    /// The content whose time is being counted, by its number, and since when.
    private var contentWatched: (number: Int, since: NIODeadline)?

    package init(worker: Worker) { self.worker = worker }

    // MARK: Life

    package func channelActive(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        worker.add(self)
        guard let peer = Self.peer(of: context.channel) else { return context.close(promise: nil) }
        guard worker.sessions.count <= worker.settings.sessionsMax else {
            worker.reportSessionsFull(client: peer.clientAddress.description)
            send(Reply(421, "4.3.2", "Too many sessions, try again later"))
            return close(isGoodbye: true)
        }
        let visit = Visit(worker: worker, peer: peer, line: self)
        self.visit = visit
        visit.begin()
        flushReplies()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        if isStartingTLS { noteTLSFailure("the client closed the connection") }
        self.context = nil
        isClosing = true
        buffer = nil
        // The visit forgets us here: it may live on with a question or a commit that is under way.
        visit?.end()
        visit = nil
        worker.remove(self)
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A broken connection is an end like any other; only a handshake that fails is worth a word.
        if isStartingTLS { noteTLSFailure(String(describing: error)) }
        context.close(promise: nil)
    }

    // MARK: Bytes

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        guard !isClosing else {
            lingeredOctets += incoming.readableBytes
            if lingeredOctets > Self.lingerOctetsMax { context.close(promise: nil) }
            return
        }
        if let visit, !visit.isGreeted { visit.talkFirst() }
        if buffer == nil {
            // The common case has nothing left over, and then nothing is copied.
            buffer = incoming
        } else {
            buffer?.discardReadBytes()
            buffer?.writeBuffer(&incoming)
        }
        takeUp()
    }

    /// Hands the visit what is buffered, as far as it can be taken now.
    private func takeUp() {
        guard !isTakingUp else { return }
        isTakingUp = true
        defer { isTakingUp = false }
        while let visit, isWritable, !isClosing, !isStartingTLS, !visit.isAsking, var pending = buffer {
            buffer = nil
            if visit.receive(&pending) { hasMoved = true }
            if !isClosing, !isStartingTLS { keep(pending) }
            // Else there is nothing more to take up before more bytes or an answer come.
            guard isFull else { return }
            flushReplies()
        }
    }

    private func keep(_ rest: ByteBuffer) {
        switch rest.readableBytes {
        case 0: buffer = nil
        case ...Self.leftoverOctetsMax: buffer = ByteBuffer(buffer: rest)
        default: buffer = rest
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) { flushReplies() }

    package func read(context: ChannelHandlerContext) {
        if isHoldingOff { isReadHeld = true } else { context.read() }
    }

    /// Nothing is read just now, because of what the client has yet to hear or to read.
    var isHoldingOff: Bool {
        guard !isClosing, !isStartingTLS, let visit else { return false }
        return !isWritable || visit.isAsking && (buffer?.readableBytes ?? 0) >= Self.heldOctetsMax
    }

    private func readOn() {
        guard isReadHeld, !isHoldingOff else { return }
        isReadHeld = false
        context?.read()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { goOn() }
    }

    private func goOn() {
        takeUp()
        flushReplies()
        readOn()
    }

    private func flushReplies() {
        guard replies.readableBytes > 0, let context else { return }
        let bytes = replies
        replies.moveReaderIndex(to: replies.writerIndex)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    // MARK: Time

    /// The worker's clock, about once a second. Only whole steps count as a sign of life: a client that sends
    /// one octet of a command a minute is as silent as one that sends none.
    func look(at now: NIODeadline) {
        if isClosing {
            if hasMoved {
                hasMoved = false
                quietSince = now
            } else if now - quietSince >= .seconds(Self.lingerSecondsMax) {
                context?.close(promise: nil)
            }
            return
        }
        guard let visit else { return }
        guard let seconds = visit.machine.secondsMax, !hasMoved else {
            hasMoved = false
            quietSince = now
            return watchContent(of: visit, at: now)
        }
        if now - quietSince >= .seconds(Int64(seconds)) { return timeOut(visit) }
        watchContent(of: visit, at: now)
    }

    /// A client that sends one octet of content a minute never pauses too long.
    private func watchContent(of visit: Visit, at now: NIODeadline) {
        guard visit.machine.isReceivingContent else { return contentWatched = nil }
        guard let watched = contentWatched, watched.number == visit.contentCount else {
            return contentWatched = (visit.contentCount, now)
        }
        if now - watched.since >= .seconds(Int64(worker.settings.limits.contentSecondsMax)) { timeOut(visit) }
    }

    private func timeOut(_ visit: Visit) {
        if isStartingTLS { noteTLSFailure("the handshake took too long") }
        visit.timedOut()
        flushReplies()
    }

    /// The service ends.
    func drain() {
        visit?.drain()
        flushReplies()
    }

    // MARK: TLS

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isStartingTLS, !isClosing, let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            isStartingTLS = false
            hasMoved = true
            let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            // The handler is there, or it had not said so; its version is for the record only.
            visit?.tlsEstablished(handler?.tlsVersion.map(Self.name) ?? "TLS")
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func noteTLSFailure(_ reason: String) {
        worker.counters.add(.tlsFailures)
        worker.logger.log(InboundEvent.tlsFailed(client: visit?.client ?? "", reason: reason))
        // Once for each handshake.
        isStartingTLS = false
        isClosing = true
        context?.close(promise: nil)
    }

    private static func name(_ version: TLSVersion) -> String {
        switch version {
        case .tlsv13: "TLSv1.3"
        case .tlsv12: "TLSv1.2"
        case .tlsv11: "TLSv1.1"
        case .tlsv1: "TLSv1"
        }
    }

    // MARK: Addresses

    private static func peer(of channel: any Channel) -> Peer? {
        guard let remote = channel.remoteAddress, let local = channel.localAddress,
            let clientAddress = address(remote), let serverAddress = address(local)
        else { return nil }
        return Peer(
            clientAddress: clientAddress, clientPort: remote.port ?? 0, serverAddress: serverAddress,
            serverPort: local.port ?? 0)
    }

    private static func address(_ socket: SocketAddress) -> IPAddress? {
        // Where the octets stand in `sockaddr_in` and `sockaddr_in6`; by way of text it would cost every
        // connection.
        let place: Range<Int>
        switch socket {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket: return nil
        }
        return socket.withSockAddr { address, octets in
            guard octets >= place.upperBound else { return nil }
            let bytes = UnsafeRawBufferPointer(start: address, count: octets)
            return IPAddress(octets: Array(bytes[place]))
        }
    }
}

extension SessionHandler: ClientLine {
    func send(_ reply: Reply) {
        guard !isClosing else { return }
        if replies.readableBytes == 0 {
            // Its memory is used again, unless a burst has made it large.
            if replies.capacity > Self.leftoverOctetsMax { replies = ByteBuffer() } else { replies.clear() }
        }
        replies.write(reply)
    }

    var isFull: Bool { replies.readableBytes >= Self.repliesOctetsMax }

    func startTLS() {
        guard let context, let tls = worker.tls else { return }
        isStartingTLS = true
        flushReplies()
        guard !isClosing else { return }
        do {
            let handler = NIOSSLServerHandler(context: tls)
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            errorCaught(context: context, error: error)
        }
    }

    /// What the client has still under way when we close would make the kernel send a reset, and a reset
    /// takes our last reply from the client's hands. So only our half is closed, and what comes is thrown
    /// away for a while.
    func close(isGoodbye: Bool) {
        guard let context, !isClosing else { return }
        isClosing = true
        hasMoved = true
        buffer = nil
        // Nothing can be said in the middle of a handshake.
        guard !isStartingTLS else { return context.close(promise: nil) }
        let bytes = replies
        replies = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in
            guard !isGoodbye else { return context.close(promise: nil) }
            context.close(mode: .output).assumeIsolated().whenFailure { _ in context.close(promise: nil) }
        }
        readOn()
    }

    func resume() {
        hasMoved = true
        // The visit is being handed bytes, and goes on by itself.
        guard !isTakingUp else { return }
        goOn()
    }
}

extension ByteBuffer {
    /// As `Reply.wire`, without the arrays on the way.
    mutating func write(_ reply: Reply) {
        let status = (reply.status ?? "").utf8
        let last = reply.lines.count - 1
        for (index, line) in reply.lines.enumerated() {
            let text = line.utf8
            // Code and separator, status and space, CRLF.
            writeWithUnsafeMutableBytes(minimumWritableBytes: 4 + status.count + 1 + text.count + 2) { line in
                var end = 0
                func put(_ octet: Int) {
                    line[end] = UInt8(truncatingIfNeeded: octet)
                    end += 1
                }
                func put(_ text: String.UTF8View) {
                    UnsafeMutableRawBufferPointer(rebasing: line[end...]).copyBytes(from: text)
                    end += text.count
                }
                put(0x30 + reply.code / 100)
                put(0x30 + reply.code / 10 % 10)
                put(0x30 + reply.code % 10)
                put(index == last ? 0x20 : 0x2D)
                put(status)
                if !status.isEmpty, !text.isEmpty { put(0x20) }
                put(text)
                put(0x0D)
                put(0x0A)
                return end
            }
        }
    }
}
