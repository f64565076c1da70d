// SPDX-License-Identifier: MIT

internal import Gates
package import Lookups
package import Mail
package import NIOCore
package import NIOPosix
package import ScannerHost
package import Telemetry

/// Carries questions to where the answers are: scans to the scanners, the time and dice to the machine, all
/// others to the lookups role.
package final class WorldCarrier: QuestionCarrier {
    private let lookups: LookupsClient
    private let scanners: [String: ScannerClient]
    private let threads: NIOThreadPool
    private let counters: CounterPage

    /// `threads` carries scans, which block: as many run at once as it has threads.
    package init(
        lookups: LookupsClient, scanners: [String: ScannerClient], threads: NIOThreadPool,
        counters: CounterPage
    ) {
        self.lookups = lookups
        self.scanners = scanners
        self.threads = threads
        self.counters = counters
    }

    package func known(_ question: Question, message: MessageBytes?) -> Answer? {
        switch question {
        case .time: .time(Worker.clockMs() / 1_000)
        case .dns(let question): lookups.known(question).map(Answer.dns)
        case .scan(let name) where scanners[name] == nil || message == nil:
            .unavailable("scanner \(name) is not configured")
        case .callout(let callout): .unavailable("callout \(callout.image),\(callout.routine) is not known")
        case .dice: .dice(Int.random(in: 0..<1_000_000))
        case .scan, .sequence, .database, .directory, .meter, .recipient, .memory, .identity, .script: nil
        }
    }

    package func ask(
        _ question: Question, message: MessageBytes?, secret: [UInt8]?, deadline: NIODeadline,
        on loop: any EventLoop
    ) -> EventLoopFuture<Answer> {
        switch question {
        case .dns, .sequence, .database, .directory, .meter, .recipient, .memory, .identity, .script:
            return lookups.ask(question, secret: secret, deadline: deadline)
        case .scan(let name):
            guard let scanner = scanners[name], let message else { break }
            return scan(message, with: scanner, deadline: deadline, on: loop)
        case .callout, .time, .dice:
            break
        }
        return loop.makeSucceededFuture(known(question, message: message) ?? .unavailable("nobody to ask"))
    }

    private func scan(
        _ message: MessageBytes, with scanner: ScannerClient, deadline: NIODeadline, on loop: any EventLoop
    ) -> EventLoopFuture<Answer> {
        let counters = counters
        let scanning = threads.runIfActive(eventLoop: loop) { () -> Answer in
            // It may have stood in line for a thread until nobody wants the answer any more. To scan all the
            // same would make whoever stands behind it late as well.
            guard NIODeadline.now() < deadline else {
                counters.add(.scansUnscanned)
                return .unavailable("no thread was free to scan in time")
            }
            let report = scanner.scan(message)
            switch report.state {
            case .clean: counters.add(.scansClean)
            case .infected: counters.add(.scansInfected)
            case .unscanned: counters.add(.scansUnscanned)
            }
            return .scan(report)
        }
        // The pool refuses work only while the process ends; then the answer is lost with the session.
        return scanning.recover { _ in .unavailable("shutting down") }
    }
}
