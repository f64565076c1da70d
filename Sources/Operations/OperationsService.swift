// SPDX-License-Identifier: MIT

package import Logging
package import NIOCore
internal import Telemetry

/// The pages for monitoring and the socket of the command line. Changes nothing itself: it asks the
/// dispatcher and outbound to.
package final class OperationsService: Sendable {
    /// Where the pages are: `127.0.0.1:8025`, `[::1]:8025`.
    package let pageAddress: String
    private let listeners: [Listener]
    private let drainMs: Int
    private let logger: Logger

    private init(pageAddress: String, listeners: [Listener], drainMs: Int, logger: Logger) {
        self.pageAddress = pageAddress
        self.listeners = listeners
        self.drainMs = drainMs
        self.logger = logger
    }

    /// Opens both. The control socket comes first, so that a gateway whose HTTP port is taken can still be
    /// stopped. Fails with an `OperationsError`.
    package static func start(
        _ settings: OperationsSettings, dispatcher: any DispatcherLine, logger: Logger, on loop: any EventLoop
    ) -> EventLoopFuture<OperationsService> {
        loop.flatSubmit {
            ControlServer.listen(settings, dispatcher: dispatcher, logger: logger, on: loop).flatMap {
                control in
                PageServer.listen(settings, dispatcher: dispatcher, logger: logger, on: loop).map { pages in
                    let service = OperationsService(
                        pageAddress: PageServer.describe(pages.channel.localAddress),
                        listeners: [control, pages], drainMs: settings.limits.drainMs, logger: logger)
                    logger.log(
                        OperationsEvent.started(
                            pages: service.pageAddress, control: settings.controlSocketPath))
                    return service
                }.flatMapError { error in
                    control.drain(within: .zero).flatMap { loop.makeFailedFuture(error) }
                }
            }
        }
    }

    /// Takes no new clients and finishes what is being answered, for `OperationsLimits.drainMs` at the most.
    package func drain() -> EventLoopFuture<Void> {
        let loop = listeners[0].channel.eventLoop
        let limit = TimeAmount.milliseconds(Int64(drainMs))
        let logger = logger
        return EventLoopFuture.andAllComplete(listeners.map { $0.drain(within: limit) }, on: loop).map {
            logger.log(OperationsEvent.stopped)
        }
    }
}
