// SPDX-License-Identifier: MIT

import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Inbound

/// A client of a gateway whose time stands still. What it sends is dealt with before `send` returns, as far
/// as nobody has to be asked.
final class Client: Sendable {
    let channel: NIOAsyncTestingChannel
    let inbox = Inbox()
    /// Whether the server's end of the session is still in memory.
    let handler: WeakHandler

    final class WeakHandler: @unchecked Sendable {
        // Sendable: written once, before it is shared; reading a weak reference is atomic.
        private weak var handler: SessionHandler?
        init(_ handler: SessionHandler) { self.handler = handler }
        var isFreed: Bool { handler == nil }
    }

    init(_ gateway: Gateway, _ loop: NIOAsyncTestingEventLoop, from address: String = "192.0.2.1")
        async throws
    {
        channel = NIOAsyncTestingChannel(loop: loop)
        channel.localAddress = try SocketAddress(ipAddress: "198.51.100.1", port: 25)
        channel.remoteAddress = try SocketAddress(ipAddress: address, port: 40_000)
        let (channel, inbox) = (channel, inbox)
        handler = try await gateway.on { world in
            let handler = SessionHandler(worker: world.worker)
            try channel.pipeline.syncOperations.addHandlers([OutboundTap(inbox), handler])
            return WeakHandler(handler)
        }
        channel.closeFuture.whenComplete { _ in inbox.close() }
        try await channel.connect(to: try SocketAddress(ipAddress: address, port: 40_000)).get()
    }

    var isOpen: Bool { channel.isActive }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        guard channel.isActive else { return }
        try await channel.writeInbound(ByteBuffer(bytes: bytes))
        await channel.testingEventLoop.run()
    }

    func reply() async throws -> String { try await inbox.reply() }

    /// One line, and its reply.
    func say(_ line: String) async throws -> String {
        try await send(line + "\r\n")
        return try await reply()
    }

    /// Past EHLO.
    func begin() async throws {
        #expect(try await reply().hasPrefix("220 mx.test "))
        #expect(try await say("EHLO client.test").hasPrefix("250-mx.test\n"))
    }

    /// A message from MAIL to its reply. Dots at the head of lines are doubled.
    func deliver(
        _ message: String = Sample.clean, from sender: String = "a@sender.test",
        to recipients: [String] = ["b@example.test"]
    ) async throws -> String {
        #expect(try await say("MAIL FROM:<\(sender)>") == "250 2.1.0 Sender ok")
        for recipient in recipients {
            #expect(try await say("RCPT TO:<\(recipient)>") == "250 2.1.5 Recipient ok")
        }
        #expect(try await say("DATA").hasPrefix("354 "))
        try await send(message.replacing("\r\n.", with: "\r\n..") + ".\r\n")
        return try await reply()
    }

    /// The connection breaks.
    func hangUp() async throws {
        try await channel.close()
        await channel.testingEventLoop.run()
    }
}
