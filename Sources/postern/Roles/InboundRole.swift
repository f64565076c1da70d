// SPDX-License-Identifier: MIT

import Configuration
import Confinement
import DurableQueue
import Gates
import Glibc
import Inbound
import Logging
import Lookups
import NIOCore
import NIOPosix
import NIOSSL
import Replay
import SMTPProtocol
import ScannerHost
import Telemetry

/// A worker that receives mail: one event loop, one committer thread, a few threads for questions that block.
struct InboundRole {
    /// Scans that one worker waits for at the same time.
    static let scanThreads = 8

    let context: RoleContext
    let listenerCount: Int

    func run() throws {
        // What lies outside of what the confinement leaves open is read before.
        let tls = try ServerTLS.context(context.settings.service)
        let confinement = try context.confine(
            .inbound(
                readOnly: ["rulesets", "tls"],
                readWrite: ["spool", "cases", "counters", "attempts", "run", "tmp"]))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let threads = NIOThreadPool(numberOfThreads: Self.scanThreads)
        threads.start()
        let loop = group.next()
        let running = try loop.submit {
            NIOLoopBound(try start(tls: tls, threads: threads, loop: loop), eventLoop: loop)
        }.wait()
        let finished = loop.makePromise(of: Void.self)
        try loop.flatSubmit {
            running.value.service.start(
                descriptors: (0..<listenerCount).map { RoleContext.firstListener + Int32($0) })
        }.wait()
        ControlListener { message in
            loop.execute { running.value.obey(message, finished: finished) }
        }.start()
        context.ready(confinement)
        try finished.futureResult.wait()
        try loop.submit { running.value.end() }.wait()
        // The event loop ends with the process. Its own shutdown would start libdispatch's worker threads,
        // which read /proc/<thread>/stat and trap where the confinement refuses that.
        Glibc._exit(0)
    }

    private func start(
        tls: NIOSSLContext?, threads: NIOThreadPool, loop: any EventLoop
    ) throws -> RunningInbound {
        let settings = context.settings
        let hub = try CommitHub(
            root: ".", isRootPrepared: true, slot: context.slot, disk: SystemDisk(),
            limits: QueueWiring.limits(settings),
            wakePath: StateFolder.wakeSocket, counters: context.counters, loop: loop)
        let scanners = settings.scanners.map { scanner in
            ScannerClient(
                name: scanner.name, socketPath: StateFolder.scannerSocket(scanner.name),
                budgetMs: scanner.budgetSeconds * 1_000)
        }
        let carrier = WorldCarrier(
            lookups: LookupsClient(
                path: StateFolder.lookupsSocket, timeoutMs: settings.lookups.timeoutMs, loop: loop),
            scanners: Dictionary(uniqueKeysWithValues: scanners.map { ($0.name, $0) }), threads: threads,
            counters: context.counters)
        let rulesets = CurrentRuleset(context.ruleset)
        let cases = CaseWiring.log(context)
        let worker = Worker(
            settings: inboundSettings(), rulesets: rulesets, carrier: carrier, hub: hub, keeper: cases,
            attempts: try AttemptTable(
                path: "attempts/table", slot: Int(context.slot) ?? 0, now: Worker.clockMs() / 1_000),
            counters: context.counters, logger: context.logger, tls: tls,
            runner: OutboundRunner(path: StateFolder.outboundSocket), loop: loop)
        return RunningInbound(
            context: context, service: InboundService(worker: worker, loop: loop), rulesets: rulesets,
            hub: hub,
            cases: cases)
    }

    private func inboundSettings() -> InboundSettings {
        let session = context.settings.session
        var limits = SMTPLimits()
        limits.recipientsMax = session.recipientsMax
        limits.commandSecondsMax = session.commandSecondsMax
        limits.rejectedRecipientsMax = session.rejectedRecipientsMax
        limits.contentSecondsMax = session.dataSecondsMax
        return InboundSettings(
            hostname: context.settings.service.hostname, slot: context.slot, limits: limits,
            messageOctetsMax: session.messageOctetsMax, sessionsMax: session.sessionsMax,
            contentSeconds: session.contentSecondsMax, commandSeconds: session.lookupSecondsMax,
            defersWhenHeldFull: context.settings.queue.heldFull == .defer)
    }
}

/// A worker at work. Belongs to its event loop.
private final class RunningInbound {
    let context: RoleContext
    let service: InboundService
    let rulesets: CurrentRuleset
    let hub: CommitHub
    let cases: CaseLog
    private var isDraining = false

    init(
        context: RoleContext, service: InboundService, rulesets: CurrentRuleset, hub: CommitHub,
        cases: CaseLog
    ) {
        self.context = context
        self.service = service
        self.rulesets = rulesets
        self.hub = hub
        self.cases = cases
    }

    func obey(_ message: ControlMessage, finished: EventLoopPromise<Void>) {
        switch message {
        case .judgeBy(let hash):
            do {
                rulesets.replace(by: try context.load(hash: hash).0)
                ControlLine.send(.acknowledged(ruleset: hash), to: RoleContext.control)
            } catch {
                ControlLine.send(.refused(ruleset: hash, reason: "\(error)"), to: RoleContext.control)
            }
        case .adopt(let descriptor):
            guard descriptor >= 0 else { return }
            // Where it can't be accepted on, its clients wait until the slot has a worker of its own again.
            service.start(descriptors: [descriptor]).whenFailure { [context] error in
                context.logger.error("a lent listener can't be served", metadata: ["reason": "\(error)"])
            }
        case .drain:
            guard !isDraining else { return }
            isDraining = true
            service.drain { finished.succeed(()) }
        case .ready, .acknowledged, .refused, .compiled, .request, .response:
            break
        }
    }

    func end() {
        hub.close()
        cases.close()
    }
}
