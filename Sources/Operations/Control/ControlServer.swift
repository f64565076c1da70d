// SPDX-License-Identifier: MIT

internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix

/// Opens the control socket.
enum ControlServer {
    /// Who may give orders: the owner and the group.
    static let mode: mode_t = 0o660
    static let backlog: Int32 = 32

    /// Called on `loop`. Replaces what a predecessor left; there is one operations role at a time.
    static func listen(
        _ settings: OperationsSettings, dispatcher: any DispatcherLine, logger: Logger, on loop: any EventLoop
    ) -> EventLoopFuture<Listener> {
        let path = settings.controlSocketPath
        let limits = settings.limits
        let connections = NIOLoopBound(
            OpenConnections(connectionsMax: limits.controlConnectionsMax, loop: loop), eventLoop: loop)
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(ChannelOptions.backlog, value: backlog)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.value.admit(channel) else { throw ChannelError.operationUnsupported }
                    try channel.pipeline.syncOperations.addHandler(
                        ControlHandler(
                            dispatcher: dispatcher, outboundPath: settings.outboundSocketPath, limits: limits,
                            logger: logger))
                }
            }
        let failed: @Sendable (String) -> OperationsError = { reason in
            OperationsError(
                code: .controlSocket,
                message: "control socket \(path): \(reason); check that its folder exists and is writable, "
                    + "and that its path has fewer than 108 octets")
        }
        unlink(path)
        return bootstrap.bind(unixDomainSocketPath: path).flatMapThrowing { channel in
            guard chmod(path, mode) == 0 else {
                let error = failed(String(cString: strerror(errno)))
                channel.close(promise: nil)
                throw error
            }
            return Listener(channel: channel, connections: connections)
        }.flatMapErrorThrowing { error in
            throw error is OperationsError ? error : failed("\(error)")
        }
    }
}
