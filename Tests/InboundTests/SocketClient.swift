// SPDX-License-Identifier: MIT

import Cryptography
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import Inbound

/// A client of a gateway that listens on a real socket.
final class SocketClient: Sendable {
    let channel: any Channel
    let inbox: Inbox

    init(_ gateway: SocketGateway) async throws {
        let inbox = Inbox()
        self.inbox = inbox
        channel = try await ClientBootstrap(group: gateway.group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(InboundTap(inbox))
                }
            }
            .connect(host: "127.0.0.1", port: gateway.port).get()
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Sends as fast as the server takes it; whether it took all.
    func pour(_ text: String, times: Int) async -> Bool {
        let buffer = ByteBuffer(string: text)
        for _ in 0..<times {
            do { try await channel.writeAndFlush(buffer).get() } catch { return false }
        }
        return true
    }

    func reply() async throws -> String { try await inbox.reply() }

    func say(_ line: String) async throws -> String {
        try await send(line + "\r\n")
        return try await reply()
    }

    func begin() async throws -> String {
        #expect(try await reply().hasPrefix("220 mx.test "))
        return try await say("EHLO client.test")
    }

    func startTLS() async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let context = try NIOSSLContext(configuration: configuration)
        let channel = channel
        try await channel.eventLoop.submit {
            let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }.get()
    }
}

/// A gateway behind a listening socket on loopback.
struct SocketGateway: Sendable {
    let gateway: Gateway
    let group: MultiThreadedEventLoopGroup
    let port: Int
    let service: NIOLoopBound<InboundService>

    static func run(
        _ change: (inout Gateway.Plan) -> Void = { _ in }, _ body: (SocketGateway) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let gateway = try await Gateway(loop: loop, change)
        let (descriptor, port) = try listen()
        let service = try await gateway.on { world in
            NIOLoopBound(InboundService(worker: world.worker, loop: loop), eventLoop: loop)
        }
        try await loop.flatSubmit { service.value.start(descriptors: [descriptor]) }.get()
        do {
            try await body(SocketGateway(gateway: gateway, group: group, port: port, service: service))
        } catch {
            Issue.record(error)
        }
        try await gateway.on { _ in service.value.drain {} }
        try await gateway.end()
        try await group.shutdownGracefully()
    }

    private static func listen() throws -> (Int32, Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(descriptor, address, length) == 0, getsockname(descriptor, address, &length) == 0
                else {
                    return 0
                }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
        try #require(descriptor >= 0 && port > 0)
        return (descriptor, port)
    }

    static func tlsContext() throws -> NIOSSLContext {
        let made = try Certificate.makeSelfSigned(hostname: "mx.test", days: 1)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [
                    .certificate(try NIOSSLCertificate(bytes: made.certificatePEM, format: .pem))
                ],
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: made.keyPEM, format: .pem))))
    }
}
