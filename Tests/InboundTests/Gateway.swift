// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Gates
import Logging
import Mail
import NIOCore
import NIOEmbedded
import NIOPosix
import NIOSSL
import SMTPProtocol
import Telemetry
import Testing

@testable import Inbound

/// What belongs to a gateway's event loop.
final class World {
    let worker: Worker
    let hub: CommitHub
    let carrier: FakeCarrier
    let rulesets: CurrentRuleset

    init(worker: Worker, hub: CommitHub, carrier: FakeCarrier, rulesets: CurrentRuleset) {
        self.worker = worker
        self.hub = hub
        self.carrier = carrier
        self.rulesets = rulesets
    }
}

/// An inbound worker with a queue in a folder of its own, judged by the sample rules.
final class Gateway: Sendable {
    struct Plan {
        var scanners: [Policy.ScannerPolicy] = []
        var settings = InboundSettings(hostname: "mx.test", slot: "0", messageOctetsMax: 10 << 20)
        var limits = Gateway.limits
        var level = CaseLevel.headers
        var disk = ControlledDisk()
        var tls: NIOSSLContext?
        /// Of an earlier gateway that died.
        var root: String?
        /// Tables besides the sample's, and what differs from its policy.
        var mappings = ""
        /// Instead of the sample's.
        var sampleMappings = Sample.mappings
        var policy: @Sendable (inout Policy) -> Void = { _ in }
        var runner: FakeRunner?
    }

    /// Small files, so that a hundred gateways of a test run don't fill a disk; and the disk is looked at
    /// once only.
    static let limits: QueueLimits = {
        var limits = QueueLimits()
        limits.segmentOctets = 4 << 20
        limits.logOctets = 1 << 20
        limits.reserveOctets = 0
        limits.reserveFiles = 0
        limits.admissionRenewMs = 3_600_000
        return limits
    }()

    let loop: any EventLoop
    let world: NIOLoopBound<World>
    let cases: RecordingKeeper
    let counters = CounterPage()
    let disk: ControlledDisk
    let root: String
    private let queueLimits: QueueLimits

    init(loop: any EventLoop, _ change: (inout Plan) -> Void = { _ in }) async throws {
        var plan = Plan()
        change(&plan)
        self.loop = loop
        cases = RecordingKeeper(level: plan.level)
        disk = plan.disk
        queueLimits = plan.limits
        root = plan.root ?? "/tmp/pi-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let ruleset = try Sample.ruleset(
            mappings: plan.sampleMappings + plan.mappings, scanners: plan.scanners, change: plan.policy)
        let runner = plan.runner
        let (cases, counters, root, settings) = (cases, counters, root, plan.settings)
        let (disk, limits, tls) = (plan.disk, plan.limits, plan.tls)
        world = try await loop.submit {
            let hub = try CommitHub(
                root: root, slot: settings.slot, disk: disk, limits: limits, wakePath: root + "/wake",
                counters: counters, loop: loop)
            let carrier = FakeCarrier()
            let rulesets = CurrentRuleset(ruleset)
            let worker = Worker(
                settings: settings, rulesets: rulesets, carrier: carrier, hub: hub, keeper: cases,
                attempts: try AttemptTable(path: root + "/attempts", slot: 0, now: FakeCarrier.seconds),
                counters: counters, logger: Logger(label: "inbound") { _ in SwiftLogNoOpLogHandler() },
                tls: tls, runner: runner, loop: loop)
            return NIOLoopBound(
                World(worker: worker, hub: hub, carrier: carrier, rulesets: rulesets), eventLoop: loop)
        }.get()
    }

    /// Runs `body` on a gateway whose time stands still until the test moves it.
    static func run<Value: Sendable>(
        _ change: (inout Plan) -> Void = { _ in },
        _ body: (Gateway, NIOAsyncTestingEventLoop) async throws -> Value
    ) async throws -> Value {
        let loop = NIOAsyncTestingEventLoop()
        let gateway = try await Gateway(loop: loop, change)
        do {
            let value = try await body(gateway, loop)
            try await gateway.end()
            await loop.shutdownGracefully()
            return value
        } catch {
            try await gateway.end()
            await loop.shutdownGracefully()
            throw error
        }
    }

    func on<Value: Sendable>(_ body: @escaping @Sendable (World) throws -> Value) async throws -> Value {
        let world = world
        return try await loop.submit { try body(world.value) }.get()
    }

    /// Everything that a test left open comes to its end, and the folder goes.
    func end() async throws {
        disk.letSyncsGo()
        try await on { world in
            world.carrier.answerAll(.unavailable("the test is over"))
            for session in world.worker.sessions.all { session.abort() }
            world.carrier.answerAll(.unavailable("the test is over"))
            world.hub.close()
        }
        // What the committer answered last is still on its way.
        try await on { _ in }
        try FileManager.default.removeItem(atPath: root)
    }

    // MARK: What the queue has

    struct Queued: Hashable {
        var sender: String
        var recipients: [String]
        var state: String
        var message: String
    }

    /// What was committed, as outbound finds it. Closes this side's spool.
    func queued() async throws -> [Queued] {
        try await on { $0.hub.close() }
        let keeper = try Keeper(root: root, limits: queueLimits)
        var found: [Queued] = []
        _ = try keeper.poll()
        for item in keeper.list(Set(QueueItem.State.allCases)) {
            let content = try keeper.show(item.id)
            found.append(
                Queued(
                    sender: item.sender?.description ?? "", recipients: item.recipients.map(\.description),
                    state: item.state.rawValue,
                    message: String(decoding: content.edition.bytes(of: content.body), as: UTF8.self)))
        }
        try keeper.close()
        return found
    }
}

extension NIOAsyncTestingEventLoop {
    /// Time goes on, and whatever waits for it or for its turn gets it.
    func pass(seconds: Int64) async { await advanceTime(by: .seconds(seconds)) }
}

extension SessionHandler {
    /// For the end of a test.
    fileprivate func abort() { close(isGoodbye: true) }
}
