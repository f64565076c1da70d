// SPDX-License-Identifier: MIT
import Mail
import NIOCore
import NIOPosix
import Testing

@testable import Lookups

/// A worker's end: a client on an event loop of its own.
final class Worker: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let client: NIOLoopBound<LookupsClient>

    private init(
        group: MultiThreadedEventLoopGroup, loop: any EventLoop, client: NIOLoopBound<LookupsClient>
    ) {
        self.group = group
        self.loop = loop
        self.client = client
    }

    /// Runs `body` with a worker, and ends its loop.
    static func with<Value: Sendable>(
        _ path: String, timeoutMs: Int = 60_000, _ body: (Worker) async throws -> Value
    ) async throws -> Value {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.any()
        do {
            let client = try await loop.submit {
                NIOLoopBound(LookupsClient(path: path, timeoutMs: timeoutMs, loop: loop), eventLoop: loop)
            }.get()
            let value = try await body(Worker(group: group, loop: loop, client: client))
            try await group.shutdownGracefully()
            return value
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    /// Seconds that are more than any answer needs.
    private static let enough: Int64 = 60

    func ask(_ name: String, _ type: DNSQuestion.RecordType = .a, seconds: Int64 = enough) async throws
        -> DNSAnswer
    {
        try await begin(name, type, seconds: seconds).get()
    }

    /// As `ask`, without waiting for the answer.
    func begin(_ name: String, _ type: DNSQuestion.RecordType = .a, seconds: Int64 = enough) throws
        -> EventLoopFuture<DNSAnswer>
    {
        let question = try #require(DNSQuestion(name: name, type: type))
        let client = client
        return loop.flatSubmit {
            client.value.ask(question, deadline: .now() + .seconds(seconds))
        }
    }

    func ask(_ question: Question, secret: [UInt8]? = nil, seconds: Int64 = enough) async throws -> Answer {
        try await begin(question, secret: secret, seconds: seconds).get()
    }

    func begin(_ question: Question, secret: [UInt8]? = nil, seconds: Int64 = enough)
        -> EventLoopFuture<Answer>
    {
        let client = client
        return loop.flatSubmit {
            client.value.ask(question, secret: secret, deadline: .now() + .seconds(seconds))
        }
    }

    func carryOut(_ effect: Effect, key: EffectKey, judgedAt: Int64) async throws -> String? {
        let client = client
        return try await loop.flatSubmit {
            client.value.carryOut(
                effect, key: key, judgedAt: judgedAt, deadline: .now() + .seconds(Self.enough))
        }.get()
    }

    /// Returns when what was begun before is on its way.
    func settle() async throws { try await loop.submit {}.get() }

    func known(_ name: String, _ type: DNSQuestion.RecordType = .a) async throws -> DNSAnswer? {
        let question = try #require(DNSQuestion(name: name, type: type))
        let client = client
        return try await loop.submit { client.value.known(question) }.get()
    }
}

extension LookupFrame.Request {
    /// Empty where it is no DNS question.
    var dnsName: String { if case .ask(.dns(let question), _) = errand { question.name } else { "" } }
}

/// A lookups role that does what a test says: for each request, in order, what goes back.
final class ScriptedServer: Sendable {
    enum Act: Sendable {
        case answer(DNSAnswer)
        case silence
        case bytes([UInt8])
        case hangUp
    }

    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    /// Every request that came.
    let requests: AsyncStream<LookupFrame.Request>

    private init(
        group: MultiThreadedEventLoopGroup, channel: any Channel,
        requests: AsyncStream<LookupFrame.Request>
    ) {
        self.group = group
        self.channel = channel
        self.requests = requests
    }

    /// Beyond `acts` every request is answered `.noData`. `answersSilenced`: an answer takes those before it
    /// along that were met with silence.
    static func start(_ path: String, acts: [Act], answersSilenced: Bool = false) async throws
        -> ScriptedServer
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (requests, arrived) = AsyncStream.makeStream(of: LookupFrame.Request.self)
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(acts: acts, answersSilenced: answersSilenced, arrived: arrived))
                }
            }
            .bind(unixDomainSocketPath: path).get()
        return ScriptedServer(group: group, channel: channel, requests: requests)
    }

    func stop() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var acts: [Act]
        private let answersSilenced: Bool
        private let arrived: AsyncStream<LookupFrame.Request>.Continuation
        private var unread: [UInt8] = []
        private var silenced: [UInt32] = []

        init(
            acts: [Act], answersSilenced: Bool, arrived: AsyncStream<LookupFrame.Request>.Continuation
        ) {
            self.acts = acts
            self.answersSilenced = answersSilenced
            self.arrived = arrived
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            unread += unwrapInboundIn(data).readableBytesView
            while case .payload(let payload) = LookupFrame.split(&unread) {
                guard let request = LookupFrame.request(payload) else { continue }
                carryOut(
                    acts.isEmpty ? .answer(.noData(ttlSeconds: 60)) : acts.removeFirst(), request, context)
                arrived.yield(request)
            }
        }

        private func carryOut(_ act: Act, _ request: LookupFrame.Request, _ context: ChannelHandlerContext) {
            switch act {
            case .silence: silenced.append(request.id)
            case .hangUp: context.close(promise: nil)
            case .bytes(let bytes): send(bytes, context)
            case .answer(let answer):
                if answersSilenced {
                    for id in silenced {
                        let late = LookupFrame.Response(
                            id: id, result: .answer(.dns(.records(["192.0.2.99"], ttlSeconds: 60))))
                        send(LookupFrame.encode(late), context)
                    }
                    silenced = []
                }
                send(
                    LookupFrame.encode(LookupFrame.Response(id: request.id, result: .answer(.dns(answer)))),
                    context)
            }
        }

        private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        }
    }
}
