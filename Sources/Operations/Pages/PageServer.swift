// SPDX-License-Identifier: MIT

internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Telemetry

/// Opens the HTTP port.
enum PageServer {
    /// Called on `loop`. While the port is still a predecessor's, it is tried again for
    /// `OperationsLimits.bindMs`.
    static func listen(
        _ settings: OperationsSettings, dispatcher: any DispatcherLine, logger: Logger, on loop: any EventLoop
    ) -> EventLoopFuture<Listener> {
        let limits = settings.limits
        let health = HealthSource(dispatcher: dispatcher, limits: limits, loop: loop)
        let pages = NIOLoopBound(
            Pages(health: health, countersFolder: settings.countersFolder, loop: loop), eventLoop: loop)
        let connections = NIOLoopBound(
            OpenConnections(connectionsMax: limits.pageConnectionsMax, loop: loop), eventLoop: loop)
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(ChannelOptions.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.value.admit(channel) else { throw ChannelError.operationUnsupported }
                    try configure(channel, pages: pages.value, limits: limits)
                }
            }
        return bind(
            NIOLoopBound(bootstrap, eventLoop: loop), settings, logger: logger,
            until: .now() + .milliseconds(Int64(limits.bindMs)),
            hasWaited: false, on: loop
        ).map { Listener(channel: $0, connections: connections) }
    }

    private static func configure(_ channel: any Channel, pages: Pages, limits: OperationsLimits) throws {
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.fieldOctetsMax
        decoding.maxHeaderListSize = limits.headerOctetsMax
        decoding.maxHeaderFieldCount = limits.headerFieldsMax
        // Errors are PageHandler's to answer: it knows the status.
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withErrorHandling: false, withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: decoding)
        try channel.pipeline.syncOperations.addHandler(PageHandler(pages: pages, limits: limits))
    }

    private static func bind(
        _ bootstrap: NIOLoopBound<ServerBootstrap>, _ settings: OperationsSettings, logger: Logger,
        until deadline: NIODeadline,
        hasWaited: Bool, on loop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let (host, port) = (settings.pageAddress, settings.pagePort)
        let address = Result { try SocketAddress(ipAddress: host, port: port) }
        return loop.makeCompletedFuture(address).flatMap { bootstrap.value.bind(to: $0) }.flatMapError {
            error in
            guard (error as? IOError)?.errnoCode == EADDRINUSE, NIODeadline.now() < deadline else {
                return loop.makeFailedFuture(
                    OperationsError(
                        code: .pagePort,
                        message: "operations: \(host) port \(port) can't be opened: \(error); "
                            + "choose another `listen` in [operations], or stop the server that has it"))
            }
            if !hasWaited { logger.log(OperationsEvent.portBusy(address: "\(host) port \(port)")) }
            return loop.scheduleTask(in: .milliseconds(Int64(settings.limits.bindAgainMs))) {}.futureResult
                .flatMap {
                    bind(bootstrap, settings, logger: logger, until: deadline, hasWaited: true, on: loop)
                }
        }
    }

    /// `127.0.0.1:8025`, `[::1]:8025`.
    static func describe(_ address: SocketAddress?) -> String {
        guard let host = address?.ipAddress, let port = address?.port else { return "unknown" }
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
