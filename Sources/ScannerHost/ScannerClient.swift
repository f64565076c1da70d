// SPDX-License-Identifier: MIT
package import Mail
package import ScannerWire

/// Asks one `postern-scanner` about messages, over its Unix socket.
///
/// Calls block until the answer or the budget's end: they belong on a thread of their own, never on an event
/// loop. Whatever goes wrong (not up, slow, crashed, an answer that isn't one or isn't ours) is `unscanned`,
/// with a reason that says which; only a whole and valid answer to this very job can be `clean` (promise P8).
package struct ScannerClient: Sendable {
    /// As the configuration names it; for reasons and trails.
    package let name: String
    /// Absolute, or relative to the working folder; at most 107 octets, which is what the kernel takes.
    package let socketPath: String
    /// Wall time for one message, in milliseconds, waiting for a free worker included.
    package let budgetMs: Int

    package init(name: String, socketPath: String, budgetMs: Int) {
        self.name = name
        self.socketPath = socketPath
        self.budgetMs = budgetMs
    }

    /// Scans received bytes, within the budget.
    ///
    /// It never throws: no answer is an answer, and its name is unscanned.
    ///
    /// - Parameter form: a message as SMTP brought it, or a file as it lies on a disk.
    /// - Returns: for an infected message, `part` is the number of the first MIME part that is found infected
    ///   by itself, if one is found within the rest of the budget.
    package func scan(_ bytes: MessageBytes, as form: ScanForm = .message) -> ScanReport {
        let deadline = Deadline(milliseconds: budgetMs)
        var state = ask(about: bytes, as: form, until: deadline)
        if case .infected(let found, part: nil) = state, form == .message {
            let number = InfectedPart(client: self, bytes: bytes).number(until: deadline)
            state = .infected(name: found, part: number)
        }
        return ScanReport(state: state, tookMs: deadline.elapsedMs)
    }

    /// One job, one connection, one answer.
    func ask(about bytes: MessageBytes, as form: ScanForm, until deadline: Deadline) -> ScanReport.State {
        do throws(ScannerFailure) {
            let content = try SealedContent(of: bytes, as: form)
            let job = ScanJob(
                nonce: .random(), octets: UInt64(content.octets),
                budgetMs: UInt32(clamping: deadline.remainingMs))
            let connection = try ScannerConnection(path: socketPath, until: deadline)
            try connection.send(job.frame, with: content.descriptor, until: deadline)
            let frame = try connection.receive(until: deadline)
            guard frame.nonce == job.nonce else { throw ScannerFailure.otherJob }
            return state(of: try parse { () throws(ScanWireError) in try ScanAnswer(frame) }.finding)
        } catch {
            return unscanned(error)
        }
    }

    /// How the scanner is. It answers with a free worker: if all are busy, that ends in `noAnswer`.
    package func status() throws(ScannerFailure) -> ScannerStatus {
        let deadline = Deadline(milliseconds: budgetMs)
        let nonce = ScanNonce.random()
        let connection = try ScannerConnection(path: socketPath, until: deadline)
        try connection.send(ScannerStatus.request(nonce: nonce), with: nil, until: deadline)
        let frame = try connection.receive(until: deadline)
        guard frame.nonce == nonce else { throw .otherJob }
        return try parse { () throws(ScanWireError) in try ScannerStatus(frame) }
    }

    private func state(of finding: ScanAnswer.Finding) -> ScanReport.State {
        switch finding {
        case .clean: .clean
        case .infected(let found): .infected(name: found, part: nil)
        case .unscanned(let reason, let isTransient):
            .unscanned(.init("\(name): \(reason)", isTransient: isTransient))
        }
    }

    /// Every failure between us and the scanner may be gone a minute later.
    private func unscanned(_ failure: ScannerFailure) -> ScanReport.State {
        .unscanned(.init("\(name): \(failure)", isTransient: true))
    }

    private func parse<Value>(_ body: () throws(ScanWireError) -> Value) throws(ScannerFailure) -> Value {
        do {
            return try body()
        } catch {
            throw .badAnswer(error)
        }
    }
}

/// What the bytes of a job are.
package enum ScanForm: Sendable, Hashable {
    /// A message: headers, perhaps MIME.
    case message
    /// Any file, as it is.
    case file
}
