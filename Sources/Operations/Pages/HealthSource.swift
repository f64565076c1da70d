// SPDX-License-Identifier: MIT

internal import FoundationEssentials
internal import NIOCore

/// Asks the dispatcher how the roles are, once for all who want to know at about the same time. Belongs to
/// its event loop.
final class HealthSource {
    private let dispatcher: any DispatcherLine
    private let loop: any EventLoop
    private let limits: OperationsLimits
    private var last: (health: GatewayHealth, at: NIODeadline)?
    private var underWay: EventLoopFuture<GatewayHealth>?

    init(dispatcher: any DispatcherLine, limits: OperationsLimits, loop: any EventLoop) {
        self.dispatcher = dispatcher
        self.limits = limits
        self.loop = loop
    }

    /// Fails with an `OperationsError` where the dispatcher doesn't say in time.
    func current() -> EventLoopFuture<GatewayHealth> {
        if let last, NIODeadline.now() - last.at < .milliseconds(Int64(limits.healthAgeMs)) {
            return loop.makeSucceededFuture(last.health)
        }
        if let underWay { return underWay }
        let silent = OperationsError(
            code: .dispatcher, message: "the dispatcher did not answer within \(limits.healthMs) ms")
        let asked = dispatcher.ask(.status, on: loop)
            .within(.milliseconds(Int64(limits.healthMs)), orFail: silent)
            .flatMapThrowing { try JSONDecoder().decode(GatewayHealth.self, from: Data($0.utf8)) }
        underWay = asked
        asked.assumeIsolated().whenComplete { result in
            self.underWay = nil
            // An old word is no word: a dispatcher that fell silent must show.
            self.last = nil
            if case .success(let health) = result { self.last = (health, .now()) }
        }
        return asked
    }
}
