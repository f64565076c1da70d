// SPDX-License-Identifier: MIT

internal import Glibc
internal import NIOCore
internal import NIOPosix

/// The Unix stream socket on which Operations and the command line ask for acts.
final class CommandSocket: Sendable {
    /// Clients that the kernel lets wait.
    static let backlog: Int32 = 32
    /// Clients at once, at most; one more is told so.
    static let clientsMax = 64

    private let channel: any Channel

    /// Replaces whatever a predecessor left at `path`. Who may connect is a matter of the file's mode: owner
    /// and group. `refused` hears of requests that are turned down, on the loop.
    static func listen(
        path: String, on group: any EventLoopGroup, refused: @escaping @Sendable (Refusal) -> Void,
        submit: @escaping @Sendable (Command) -> Void
    ) throws(OutboundError) -> CommandSocket {
        unlink(path)
        let clients = CommandHandler.Clients()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: backlog)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        CommandHandler(clients: clients, refused: refused, submit: submit))
                }
            }
        do {
            let channel = try bootstrap.bind(unixDomainSocketPath: path).wait()
            chmod(path, 0o660)
            return CommandSocket(channel: channel)
        } catch {
            throw OutboundError(
                code: .socket,
                message: "command socket \(path): \(error); check that its folder exists and is writable, "
                    + "and that the path is shorter than 108 octets")
        }
    }

    private init(channel: any Channel) { self.channel = channel }

    /// No new clients. Those connected get the answers they wait for.
    func close() { channel.close(promise: nil) }
}
