// SPDX-License-Identifier: MIT

internal import Synchronization

/// Which servers of a directory are worth asking. Shared by its connections: what one of them learned the
/// others needn't.
final class ServerHealth: Sendable {
    private struct Server {
        var restUntilMs: Int64 = 0
        var reason = ""
        var slowInARow = 0
    }

    private let names: [String]
    private let restMs: Int64
    private let servers: Mutex<[Server]>

    init(names: [String], restSeconds: Int) {
        self.names = names
        restMs = Int64(restSeconds) * 1_000
        servers = Mutex([Server](repeating: Server(), count: names.count))
    }

    /// Those that aren't left alone, in order.
    func worthAsking(nowMs: Int64) -> [Int] {
        servers.withLock { servers in servers.indices.filter { servers[$0].restUntilMs <= nowMs } }
    }

    func answered(_ index: Int) {
        servers.withLock { servers in
            guard servers.indices.contains(index) else { return }
            servers[index] = Server()
        }
    }

    func failed(_ index: Int, _ reason: String, nowMs: Int64) {
        servers.withLock { servers in
            guard servers.indices.contains(index) else { return }
            servers[index].restUntilMs = nowMs + restMs
            servers[index].reason = reason
            servers[index].slowInARow = 0
        }
    }

    /// A search took too long: the server may be well and the search wrong, unless it goes on like that.
    func wasSlow(_ index: Int, _ reason: String, nowMs: Int64) {
        let isTooMuch = servers.withLock { servers in
            guard servers.indices.contains(index) else { return false }
            servers[index].slowInARow += 1
            return servers[index].slowInARow >= DirectoryLimits.slowSearchesMax
        }
        if isTooMuch { failed(index, reason, nowMs: nowMs) }
    }

    /// Why nobody is asked, where nobody is.
    func reasons(nowMs: Int64) -> String {
        servers.withLock { servers in
            servers.filter { $0.restUntilMs > nowMs }
                .map { "\($0.reason) (left alone for \(($0.restUntilMs - nowMs + 999) / 1_000) s more)" }
                .joined(separator: "; ")
        }
    }
}
