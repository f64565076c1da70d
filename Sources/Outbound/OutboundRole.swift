// SPDX-License-Identifier: MIT

package import DurableQueue
package import Logging
package import NIOCore
internal import NIOPosix
internal import Synchronization
package import Telemetry

/// The outbound role: the only process that delivers, and the only one that changes the queue's logs and
/// store.
///
///     spool -> Keeper -> JobController -> NextHop (event loop)        -> SMTP
///                                      -> MaildirWriter (thread each) -> files
///     Operations, CLI -> CommandSocket -> JobController
package final class OutboundRole: Sendable {
    private let mailbox: Mailbox<ControllerLetter>
    private let socket: CommandSocket
    private let group: MultiThreadedEventLoopGroup
    private let thread: Mutex<WorkThread?>

    /// Takes the queue below `root`, recovers it, opens the sockets and begins to deliver. Throws a
    /// `QueueError` (the queue is in use, damaged, of a newer version) or an `OutboundError` (sockets,
    /// threads). A maildir that can't be used is no error: its mail waits, and the other routes go on.
    /// `companions` makes those who judge and remember; it gets the event loop on which they may live.
    package static func start(
        root: String = ".", isRootPrepared: Bool = false, settings: OutboundSettings,
        queueLimits: QueueLimits = QueueLimits(),
        disk: any QueueDisk = SystemDisk(), counters: CounterPage, logger: Logger,
        companions: ((any EventLoop) throws -> DeliveryCompanions)? = nil
    ) throws -> OutboundRole {
        let keeper = try Keeper(
            root: root, isRootPrepared: isRootPrepared, disk: disk, limits: queueLimits,
            schedule: settings.schedule)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let mailbox = try Mailbox<ControllerLetter>()
            let companions =
                try companions?(group.next()) ?? DeliveryCompanions(judge: nil, carrier: nil)
            let controller = try JobController(
                keeper: keeper, settings: settings, companions: companions, counters: counters,
                logger: logger, mailbox: mailbox)
            controller.destinations = try destinations(
                settings, judge: companions.judge, loop: group.next(), mailbox: mailbox, counters: counters)
            let socket = try CommandSocket.listen(path: settings.commandSocketPath, on: group) {
                logger.log(OutboundEvent.commandRefused(reason: $0.reason))
            } submit: {
                mailbox.post(.command($0))
            }
            let thread = try WorkThread(name: "controller") { controller.run() }
            return OutboundRole(mailbox: mailbox, socket: socket, group: group, thread: thread)
        } catch {
            // The first error is the one to tell; the lock goes with the process anyway. So does the event
            // loop: its own shutdown trips over the confinement.
            try? keeper.close()
            throw error
        }
    }

    private init(
        mailbox: Mailbox<ControllerLetter>, socket: CommandSocket, group: MultiThreadedEventLoopGroup,
        thread: WorkThread
    ) {
        self.mailbox = mailbox
        self.socket = socket
        self.group = group
        self.thread = Mutex(thread)
    }

    /// Takes no more work, finishes what is in flight within `OutboundLimits.stopBudgetMs`, lets the queue
    /// go. Returns when that is done; blocks. Idempotent. `endingLoop`: false in a process that ends next,
    /// and whose confinement the loop's own shutdown trips over.
    package func stop(endingLoop: Bool = true) {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        mailbox.post(.stop)
        running.join()
        socket.close()
        // Nothing is left on the loop that anyone waits for.
        if endingLoop { try? group.syncShutdownGracefully() }
    }

    private static func destinations(
        _ settings: OutboundSettings, judge: (any DeliveryJudge)?, loop: any EventLoop,
        mailbox: Mailbox<ControllerLetter>,
        counters: CounterPage
    ) throws -> [String: Destination] {
        let reports = ReportBatch(loop: loop, mailbox: mailbox)
        var destinations: [String: Destination] = [:]
        var writers: [String: MaildirWriter] = [:]
        for (channel, route) in settings.routes {
            switch route {
            case .smtp(let host, let port, let connectionsMax):
                let hop = NextHop(
                    channel: channel, host: host, port: port, connectionsMax: connectionsMax,
                    settings: settings, judge: judge, loop: loop, reports: reports)
                let prober = RecipientProber(
                    host: host, port: port, settings: settings, loop: loop, counters: counters)
                destinations[channel] = Destination(
                    channel: channel, outlet: .nextHop(hop),
                    window: max(connectionsMax, 1) * max(settings.limits.windowPerConnection, 1),
                    prober: prober)
            case .maildir(let path):
                let writer =
                    try writers[path] ?? MaildirWriter.start(path: path, settings: settings, reports: mailbox)
                writers[path] = writer
                destinations[channel] = Destination(
                    channel: channel, outlet: .maildir(writer),
                    window: 2 * max(settings.limits.maildirBatchMax, 1))
            }
        }
        return destinations
    }
}
