// SPDX-License-Identifier: MIT

package import DurableQueue
internal import Glibc
package import NIOCore
package import Telemetry

/// Between the event loop and the spool's committer thread: hands commits over, and brings a whole batch of
/// results back in one hop.
package final class CommitHub {
    package private(set) var spool: Spool
    private var waiting: [UInt64: (Result<MessageID, QueueError>) -> Void] = [:]
    private var nextToken: UInt64 = 0
    private let results: BatchedResults
    /// What of a draft is kept in memory, in octets.
    let draftMemoryOctetsMax: Int

    /// Opens this slot's spool under `root`. `wakePath` is where outbound hears that there is work.
    package init(
        root: String, isRootPrepared: Bool = false, slot: String, disk: any QueueDisk, limits: QueueLimits,
        wakePath: String,
        counters: CounterPage, loop: any EventLoop
    ) throws(QueueError) {
        let results = BatchedResults(loop: loop, hint: WakeHint(path: wakePath), counters: counters)
        self.results = results
        draftMemoryOctetsMax = limits.draftMemoryOctetsMax
        spool = try Spool(root: root, isRootPrepared: isRootPrepared, slot: slot, disk: disk, limits: limits)
        { results.take($0) }
        results.hub = NIOLoopBound(self, eventLoop: loop)
    }

    func commit(_ commit: Commit, then finish: @escaping (Result<MessageID, QueueError>) -> Void) {
        nextToken += 1
        waiting[nextToken] = finish
        spool.commit(commit, token: nextToken)
    }

    fileprivate func finish(_ results: [CommitResult]) {
        for each in results { waiting.removeValue(forKey: each.token)?(each.result) }
    }

    /// Commits what is queued and gives the lock back. Call once nothing is judged any more.
    package func close() {
        spool.close()
        // The committer thread has ended. It held this hub, and this hub holds it.
        results.hub = nil
    }
}

/// The committer thread's end.
private final class BatchedResults: @unchecked Sendable {
    // Sendable: `hub` is written before the first commit and after the committer thread has ended; between
    // them only that thread reads it.
    private let loop: any EventLoop
    private let hint: WakeHint
    private let counters: CounterPage
    var hub: NIOLoopBound<CommitHub>?

    init(loop: any EventLoop, hint: WakeHint, counters: CounterPage) {
        self.loop = loop
        self.hint = hint
        self.counters = counters
    }

    func take(_ results: [CommitResult]) {
        counters.add(.queueBatches)
        if results.contains(where: { if case .success = $0.result { true } else { false } }) { hint.send() }
        guard let hub else { return }
        loop.execute { hub.value.finish(results) }
    }
}

/// A datagram to outbound's wake socket. Only a hint: a lost one costs outbound a poll interval.
private final class WakeHint: @unchecked Sendable {
    // Sendable: nothing is written after init.
    private let descriptor: Int32
    private let address: sockaddr_un
    private let length: socklen_t

    init(path: String) {
        descriptor = socket(
            AF_UNIX,
            Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8.prefix(MemoryLayout.size(ofValue: address.sun_path) - 1))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        self.address = address
        length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + 1)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func send() {
        guard descriptor >= 0 else { return }
        var address = address
        let octet: UInt8 = 1
        // Outbound may be restarting; it looks for itself then.
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                withUnsafeBytes(of: octet) {
                    sendto(descriptor, $0.baseAddress, 1, Int32(MSG_DONTWAIT), target, length)
                }
            }
        }
    }
}
