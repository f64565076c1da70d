// SPDX-License-Identifier: MIT

package import Logging
internal import Mail
package import Telemetry

/// Says whether a client knows an identity's secret (RFC 4954 §4), by binding to a directory as that
/// identity, or by a file of hashes. The secret is used once, written nowhere and kept by nobody.
package final class IdentitySense: Sense, Sendable {
    package let name = "the identity check"
    package let budgetMs: Int
    private let meter = FailureMeter()
    private let line: SenseLine
    private let descriptors: [OpenDescriptor]
    private let counters: CounterPage
    private let logger: Logger

    /// Before any other thread begins.
    package init(_ settings: IdentitySettings, counters: CounterPage, logger: Logger) {
        DirectoryConnection.prepare()
        self.counters = counters
        self.logger = logger
        let descriptors = (0..<IdentityLimits.threads).map { _ in OpenDescriptor() }
        self.descriptors = descriptors
        let free = FreeList(descriptors)
        let health: ServerHealth? =
            if case .directory(let directory, _, _) = settings.source {
                ServerHealth(names: directory.servers, restSeconds: directory.retryAfterSeconds)
            } else { nil }
        let meter = meter
        budgetMs = settings.timeoutMs + 500
        line = SenseLine(
            name: "the identity check", budgetMs: budgetMs, threads: IdentityLimits.threads,
            waitingMax: IdentityLimits.waitingMax
        ) {
            let checker: any SecretChecker =
                switch settings.source {
                case .passwords(let path): PasswordChecker(path: path)
                case .directory(let directory, let filter, let attribute):
                    BindChecker(
                        client: DirectoryClient(
                            settings: directory,
                            health: health ?? ServerHealth(names: [], restSeconds: 0),
                            descriptor: free.take() ?? OpenDescriptor()),
                        directory: directory.name, filter: filter, addressAttribute: attribute)
                }
            return IdentityWork(
                checker: checker, meter: meter, marginMs: 500, counters: counters, logger: logger)
        }
    }

    package func take(_ task: SenseTask) {
        guard case .ask(.identity(let question), let secret) = task.errand else {
            return task.fail("only identities are checked here")
        }
        let now = SenseTask.nowMs()
        for descriptor in descriptors { descriptor.cutIfOverdue(nowMs: now) }
        // An empty secret would be a bind as nobody, which succeeds (RFC 4513 §5.1.2).
        guard let secret, !secret.isEmpty, secret.count <= IdentityLimits.secretOctetsMax,
            (1...IdentityLimits.identityOctetsMax).contains(question.identity.utf8.count),
            !question.identity.utf8.contains(0), !secret.contains(0),
            !meter.isOver(
                identity: question.identity, client: question.client?.description ?? "", nowMs: now)
        else {
            // What is over its limit hears the same as what is wrong: a guess teaches nothing.
            counters.add(.identitiesRefused)
            return task.answer(.identity(.refused))
        }
        line.take(task)
    }

    package func close() {
        for descriptor in descriptors { descriptor.cut() }
        line.close()
    }
}

/// Where identities and their secrets are known. Belongs to one thread.
protocol SecretChecker: AnyObject {
    func check(_ identity: String, secret: [UInt8], deadlineMs: Int64) -> IdentityAnswer
    func rest()
    func end()
}

/// One thread's part: checks, counts failures, tells.
final class IdentityWork: SenseWork {
    private let checker: any SecretChecker
    private let meter: FailureMeter
    private let marginMs: Int64
    private let counters: CounterPage
    private let logger: Logger

    init(
        checker: any SecretChecker, meter: FailureMeter, marginMs: Int64, counters: CounterPage,
        logger: Logger
    ) {
        self.checker = checker
        self.meter = meter
        self.marginMs = marginMs
        self.counters = counters
        self.logger = logger
    }

    func work(_ tasks: [SenseTask]) {
        for task in tasks {
            guard case .ask(.identity(let question), let secret?) = task.errand else {
                task.fail("only identities are checked here")
                continue
            }
            let answer = checker.check(
                question.identity, secret: secret, deadlineMs: task.deadlineMs - marginMs)
            note(answer, question)
            task.answer(.identity(answer))
        }
    }

    func rest() { checker.rest() }
    func end() { checker.end() }

    private func note(_ answer: IdentityAnswer, _ question: IdentityQuestion) {
        let client = question.client?.description ?? ""
        switch answer {
        case .verified:
            counters.add(.identitiesVerified)
            meter.succeeded(identity: question.identity, client: client)
        case .refused:
            counters.add(.identitiesRefused)
            let isLimit = meter.failed(
                identity: question.identity, client: client, nowMs: SenseTask.nowMs())
            guard isLimit else { return }
            logger.log(
                WatchEvent.identityLimited(
                    identity: question.identity, client: client,
                    minutes: Int(IdentityLimits.windowMs / 60_000)))
        case .failed(let reason):
            counters.add(.identitiesUnknown)
            logger.log(WatchEvent.identityFailed(reason: reason))
        }
    }
}
