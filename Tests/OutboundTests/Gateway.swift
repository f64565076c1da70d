// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Logging
import Mail
import SMTPProtocol
import Telemetry
import Testing

@testable import Outbound

/// A queue in a folder of its own, with Inbound's side of it, and an outbound role that can be started and
/// stopped.
final class Gateway: @unchecked Sendable {
    // Sendable: what changes lies in journals, the rest is the test's own thread's.
    let root: String
    let counters = CounterPage()
    let events = Journal<[String]>([])
    private let committed = Journal<[UInt64: Result<MessageID, QueueError>]>([:])
    private let spool: Spool
    private var role: OutboundRole?
    private var token: UInt64 = 0
    let settings: OutboundSettings
    private let companions: DeliveryCompanions

    /// `root`: a folder that is there already, such as one that `leftByKill` made.
    init(
        _ routes: [String: OutboundSettings.Route], schedule: RetrySchedule = RetrySchedule(),
        root: String? = nil, judge: (any DeliveryJudge)? = nil, carrier: (any EffectCarrier)? = nil,
        _ change: (inout OutboundSettings) -> Void = { _ in }
    ) throws {
        self.root = root ?? Self.newRoot()
        let root = self.root
        companions = DeliveryCompanions(judge: judge, carrier: carrier)
        try FileManager.default.createDirectory(atPath: root + "/run", withIntermediateDirectories: true)
        var settings = OutboundSettings(routes: routes, hostname: "gate.example", schedule: schedule)
        settings.commandSocketPath = root + "/run/outbound.sock"
        settings.wakeSocketPath = root + "/run/wake.sock"
        settings.actLogPath = root + "/queue/acts"
        settings.runningMarkPath = root + "/queue/running"
        settings.copiesFolder = root + "/copies"
        settings.limits.copiesReserveOctets = 0
        settings.bootID = "this boot"
        settings.limits.restMs = 50...200
        settings.limits.stopBudgetMs = 1_000
        change(&settings)
        self.settings = settings
        let committed = committed
        spool = try Spool(root: root, slot: "a", limits: Self.limits) { results in
            committed.change { state in for result in results { state[result.token] = result.result } }
        }
    }

    static func newRoot() -> String { "/tmp/po-\(UInt32.random(in: 0...UInt32.max))" }

    /// What lies in a gateway's folder right now, in a new one: what a `kill -9` at this moment leaves.
    static func leftByKill(_ root: String) throws -> String {
        let copy = newRoot()
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for name in ["spool", "queue"] {
            try FileManager.default.copyItem(atPath: "\(root)/\(name)", toPath: "\(copy)/\(name)")
        }
        return copy
    }

    /// Small files, so that a hundred gateways of a test run don't fill a disk.
    static let limits: QueueLimits = {
        var limits = QueueLimits()
        limits.segmentOctets = 4 << 20
        limits.logOctets = 1 << 20
        limits.reserveOctets = 0
        limits.reserveFiles = 0
        return limits
    }()

    func start() throws {
        var logger = Logger(label: "outbound") { _ in Recorder(events: self.events) }
        logger.logLevel = .debug
        role = try OutboundRole.start(
            root: root, settings: settings, queueLimits: Self.limits, counters: counters, logger: logger
        ) { [companions] _ in companions }
    }

    func stop() {
        role?.stop()
        role = nil
    }

    func end() {
        stop()
        spool.close()
        // The folder is a temporary one.
        try? FileManager.default.removeItem(atPath: root)
    }

    /// Queues a message with an entry for each group of recipients, as Inbound does.
    @discardableResult
    func queue(_ commit: Commit) throws -> MessageID {
        token += 1
        let mine = token
        spool.commit(commit, token: mine)
        #expect(committed.wait { $0[mine] != nil })
        hint()
        return try #require(committed.now[mine]).get()
    }

    @discardableResult
    func queue(
        _ body: [UInt8], from sender: String? = "a@example.com", to groups: [[String]] = [["b@example.net"]],
        channel: String = "relay", holding: String? = nil, note: String = "{\"entries\":[]}",
        hint: Bool = true
    ) throws -> MessageID {
        let mine = try commit(body, from: sender, to: groups, channel: channel, holding: holding, note: note)
        #expect(committed.wait { $0[mine] != nil })
        if hint { self.hint() }
        return try #require(committed.now[mine]).get()
    }

    /// Queues messages as one batch, told apart by their numbers, with one hint.
    func queue(numbered count: Int, channel: String = "relay") throws {
        let tokens = try (0..<count).map {
            try commit(
                sampleMessage("number \($0)"), from: "a@example.com", to: [["b@example.net"]],
                channel: channel,
                holding: nil, note: "{}")
        }
        #expect(committed.wait { state in tokens.allSatisfy { state[$0] != nil } })
        hint()
    }

    private func commit(
        _ body: [UInt8], from sender: String?, to groups: [[String]], channel: String, holding: String?,
        note: String
    ) throws -> UInt64 {
        token += 1
        let mine = token
        let addresses = try groups.map { try $0.map { try #require(Address($0)) } }
        let debt: Debt = holding.map { .hold(channel: channel, reason: $0) } ?? .deliver(channel: channel)
        spool.commit(
            Commit(
                caseID: "CASE\(mine)",
                envelope: Envelope(
                    sender: sender.flatMap { Address($0) }, recipients: addresses.flatMap { $0 }),
                arrived: Int64(Date().timeIntervalSince1970), note: Array(note.utf8),
                editions: [Edition.unchanged(octets: body.count)],
                entries: addresses.map { CommitEntry(recipients: $0, debt: debt, edition: 0) },
                body: MessageBytes(body)),
            token: mine)
        return mine
    }

    /// A datagram on the wake socket.
    func hint() {
        guard var address = WakeSocket.address(settings.wakeSocketPath) else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, "x", 1, 0, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    // MARK: Commands

    var client: CommandClient { CommandClient(path: settings.commandSocketPath, timeoutMs: 30_000) }

    func rows(_ change: (inout QueueRequest) -> Void = { _ in }) throws -> [QueueRow] {
        var request = QueueRequest(.list)
        change(&request)
        let answer = try client.ask(request)
        #expect(answer.end.error == nil)
        return try answer.decoded(as: QueueRow.self)
    }

    func act(_ verb: QueueRequest.Verb, _ ids: [String], key: String? = nil) throws -> [ActResult] {
        let answer = try client.ask(QueueRequest(verb, ids: ids, key: key))
        #expect(answer.end.error == nil)
        return try answer.decoded(as: ActResult.self)
    }

    func sees(_ event: String, times: Int = 1, seconds: Double = 60) -> Bool {
        events.wait(seconds: seconds) { lines in lines.count { $0.contains(event) } >= times }
    }

    private struct Recorder: LogHandler {
        let events: Journal<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        init(events: Journal<[String]>) { self.events = events }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).values.map(\.description).joined(separator: " ")
            events.change { $0.append("\(event.message) \(fields)") }
        }
    }
}

/// A plain message of about `octets` octets.
func sampleMessage(_ text: String = "hello", octets: Int = 0) -> [UInt8] {
    var bytes = Array("From: a@example.com\r\nSubject: test\r\n\r\n\(text)\r\n".utf8)
    let line = Array("The quick brown fox jumps over the lazy dog, and does so again and again.\r\n".utf8)
    while bytes.count < octets { bytes += line }
    return bytes
}

extension OutboundSettings.Route {
    static func sink(_ sink: SMTPSink, connections: Int = 4) -> Self {
        .smtp(host: "127.0.0.1", port: sink.port, connectionsMax: connections)
    }
}
