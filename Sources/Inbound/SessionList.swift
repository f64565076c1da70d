// SPDX-License-Identifier: MIT

internal import NIOCore

/// The sessions of a worker, and the one clock that watches over all of them.
///
/// A timer of its own for each session would be set and removed for every connection; here a session costs
/// nothing but a look every second. Belongs to one event loop.
final class SessionList {
    /// Seconds from look to look: so much longer than its limit may a silent client stay.
    private static let periodSeconds: Int64 = 1

    private(set) var all: [SessionHandler] = []
    private let loop: any EventLoop
    private var isWatching = false

    init(loop: any EventLoop) { self.loop = loop }

    var count: Int { all.count }

    func add(_ session: SessionHandler) {
        session.listIndex = all.count
        all.append(session)
        if !isWatching { watch() }
    }

    func remove(_ session: SessionHandler) {
        guard let index = session.listIndex, index < all.count, all[index] === session else { return }
        session.listIndex = nil
        let last = all.removeLast()
        guard last !== session else { return }
        last.listIndex = index
        all[index] = last
    }

    /// Goes on as long as there is a session, so that a worker without any leaves no timer behind.
    private func watch() {
        isWatching = true
        loop.assumeIsolated().scheduleTask(in: .seconds(Self.periodSeconds)) { [self] in
            isWatching = false
            let now = loop.now
            for session in all { session.look(at: now) }
            if !all.isEmpty { watch() }
        }
    }
}
