// SPDX-License-Identifier: MIT

import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Inbound

@Suite("Telling outbound to run a channel")
struct OutboundRunnerTests {
    /// A socket that answers every connection's first line with this, and nothing where it is nil.
    private final class Outbound: Sendable {
        let path = "/tmp/pr-\(UInt64.random(in: 0 ... .max))"
        let lines = Mutex<[String]>([])
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        private let answer: String?

        init(_ answer: String?) { self.answer = answer }

        func start() async throws -> any Channel {
            try await ServerBootstrap(group: group).childChannelInitializer { channel in
                channel.pipeline.addHandler(Answering(self))
            }.bind(unixDomainSocketPath: path).get()
        }

        func run(seconds: Int64) async -> Result<Int, any Error> {
            let path = path
            let loop = group.next()
            let future = loop.flatSubmit {
                OutboundRunner(path: path).run(
                    channel: "inside", deadline: .now() + .seconds(seconds), on: loop)
            }
            do { return .success(try await future.get()) } catch { return .failure(error) }
        }

        func stop() async throws {
            try await group.shutdownGracefully()
            // It is gone with the socket, or was never there.
            try? FileManager.default.removeItem(atPath: path)
        }

        private final class Answering: ChannelInboundHandler, Sendable {
            typealias InboundIn = ByteBuffer
            private let outbound: Outbound

            init(_ outbound: Outbound) { self.outbound = outbound }

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                let text = String(buffer: unwrapInboundIn(data))
                outbound.lines.withLock { $0.append(text) }
                guard let answer = outbound.answer else { return }
                context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
                if !answer.hasSuffix("\n") { context.close(promise: nil) }
            }
        }
    }

    private static func result(_ answer: String?, seconds: Int64 = 20) async throws -> Result<Int, any Error>
    {
        let outbound = Outbound(answer)
        _ = try await outbound.start()
        let result = await outbound.run(seconds: seconds)
        try await outbound.stop()
        return result
    }

    private static func trouble(_ result: Result<Int, any Error>) -> String? {
        if case .failure(let error) = result { "\(error)" } else { nil }
    }

    @Test("gives the number of entries, and asks on one line")
    func entries() async throws {
        let outbound = Outbound("{\"channel\":\"inside\",\"entries\":3}\n{\"done\":true}\n")
        _ = try await outbound.start()
        #expect(try await outbound.run(seconds: 20).get() == 3)
        let lines = outbound.lines.withLock { $0 }
        #expect(lines.count == 1 && lines.first?.hasSuffix("\n") == true)
        #expect(lines.first?.contains("\"verb\":\"run\"") == true)
        #expect(lines.first?.contains("\"channel\":\"inside\"") == true)
        try await outbound.stop()
    }

    @Test("an error, an answer cut short, one without end, silence and nobody at all are said as such")
    func troubles() async throws {
        #expect(Self.trouble(try await Self.result("{\"error\":\"no such channel\"}\n")) == "no such channel")
        #expect(Self.trouble(try await Self.result("{\"ent"))?.contains("ended before") == true)
        let endless = String(repeating: "x", count: 20_000)
        #expect(Self.trouble(try await Self.result(endless))?.contains("has no end") == true)
        #expect(Self.trouble(try await Self.result(nil, seconds: 1))?.contains("no answer in time") == true)
        let nobody = Outbound(nil)
        #expect(Self.trouble(await nobody.run(seconds: 20)) != nil)
        try await nobody.stop()
    }
}
