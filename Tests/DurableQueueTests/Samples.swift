// SPDX-License-Identifier: MIT
import Glibc
import Mail

@testable import DurableQueue

/// Small limits, so that segments fill and bodies spill within a test.
func smallLimits() -> QueueLimits {
    var limits = QueueLimits()
    limits.segmentOctets = 24 << 10
    limits.inlineBodyOctetsMax = 2 << 10
    limits.draftMemoryOctetsMax = 2 << 10
    limits.logOctets = 16 << 10
    limits.reserveOctets = 1 << 10
    limits.reserveFiles = 10
    return limits
}

func address(_ text: String) -> Address { Address(text) ?? Address(localPart: text, domain: "invalid") }

/// A message whose content says whose it is, `octets` long.
func sampleBody(_ name: String, octets: Int) -> [UInt8] {
    var dice = Dice(seed: UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) & 0xFFFF }))
    var bytes = Array("Subject: \(name)\r\n\r\n".utf8)
    let pattern = (0..<97).map { _ in UInt8(0x20 + dice.below(0x5F)) }
    while bytes.count + pattern.count <= octets { bytes += pattern }
    return bytes + pattern.prefix(max(octets - bytes.count, 0))
}

/// A commit with one entry per debt; entry k goes to `recipients[k]`.
func sampleCommit(
    _ name: String, octets: Int = 300, entries: [(recipients: [String], debt: Debt)]? = nil,
    editions: [Edition]? = nil, arrived: Int64 = 1_763_000_000
) -> Commit {
    let body = sampleBody(name, octets: octets)
    let entries = entries ?? [(["\(name)@inside.example"], .deliver(channel: "tcp_local"))]
    let envelope = Envelope(
        sender: address("sender@outside.example"), recipients: entries.flatMap(\.recipients).map(address))
    return Commit(
        caseID: name, envelope: envelope,
        arrived: arrived, note: Array("{\"trail\":\"\(name)\"}".utf8),
        editions: editions ?? [.unchanged(octets: body.count)],
        entries: entries.map {
            CommitEntry(recipients: $0.recipients.map(address), debt: $0.debt, edition: 0)
        },
        body: MessageBytes(body))
}

/// What goes out for an entry.
func outgoing(_ content: QueuedContent) -> [UInt8] {
    content.edition.pieces.flatMap { piece in
        switch piece {
        case .original(let range): content.body.bytes(in: range)
        case .inserted(let bytes): bytes
        }
    }
}

/// A writer of slot `0`, its large bodies included, on one thread.
struct WriterAtHand {
    let writer: SpoolWriter
    var bodies: BodyWriter
    let limits: QueueLimits

    init(_ disk: any QueueDisk, limits: QueueLimits = smallLimits(), slot: String = "0") throws(QueueError) {
        let layout = QueueLayout(root: "state")
        self.limits = limits
        writer = try SpoolWriter(layout: layout, slot: slot, disk: disk, limits: limits)
        bodies = BodyWriter(disk: disk, layout: layout, slot: slot)
        try? writer.ensureSegment()
    }

    /// Tokens are the commits' numbers.
    mutating func commit(_ commits: [Commit]) -> [Result<MessageID, QueueError>] {
        var batch: [PendingCommit] = []
        for (number, commit) in commits.enumerated() {
            let pending = PendingCommit(commit: commit, token: UInt64(number), body: nil, failure: nil)
            if commit.body.count > limits.inlineBodyOctetsMax {
                batch += bodies.prepare([pending], writer: writer.writer)
            } else {
                batch.append(pending)
            }
        }
        var results: [UInt64: Result<MessageID, QueueError>] = [:]
        for result in writer.commit(batch) { results[result.token] = result.result }
        return commits.indices.map {
            results[UInt64($0)] ?? .failure(QueueError(.inconsistent, "no result", isTransient: true))
        }
    }

    mutating func commit(_ commit: Commit) throws(QueueError) -> MessageID {
        try self.commit([commit])[0].get()
    }
}

func newDisk() -> ForgetfulDisk { ForgetfulDisk() }

func openKeeper(
    _ disk: any QueueDisk, limits: QueueLimits = smallLimits(), schedule: RetrySchedule = .init()
) throws(QueueError) -> Keeper {
    try Keeper(root: "state", disk: disk, limits: limits, schedule: schedule)
}

let allStates = Set(QueueItem.State.allCases)

/// A folder of its own below the system's temporary one, removed with this object.
final class TemporaryFolder {
    let path: String

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/postern-queue-XXXXXX".utf8CString)
        guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } })
        else {
            throw DiskError(call: "mkdtemp", path: base, number: errno)
        }
        path = String(cString: made)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in (try? SystemDisk().list(path)) ?? [] { remove("\(path)/\(name)") }
        if unlink(path) != 0 { rmdir(path) }
    }
}
