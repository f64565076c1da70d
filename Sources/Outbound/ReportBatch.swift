// SPDX-License-Identifier: MIT

internal import NIOCore

/// Reports of one event loop on their way to the controller: all of one turn of the loop travel together.
final class ReportBatch: @unchecked Sendable {
    // Sendable: `reports` is touched on `loop` alone.
    private let loop: any EventLoop
    private let mailbox: Mailbox<ControllerLetter>
    private var reports: [DeliveryReport] = []

    init(loop: any EventLoop, mailbox: Mailbox<ControllerLetter>) {
        self.loop = loop
        self.mailbox = mailbox
    }

    func append(_ report: DeliveryReport) {
        reports.append(report)
        guard reports.count == 1 else { return }
        loop.execute {
            self.mailbox.post(.reports(self.reports))
            self.reports = []
        }
    }
}
