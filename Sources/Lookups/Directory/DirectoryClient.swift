// SPDX-License-Identifier: MIT

internal import Mail

/// Asks one directory: over the connection it has, or over a new one to the first server that answers.
/// Belongs to one thread.
final class DirectoryClient {
    private let settings: DirectorySettings
    private let health: ServerHealth
    private let descriptor: OpenDescriptor
    private var open: (connection: DirectoryConnection, server: Int)?
    private var usedMs: Int64 = 0

    /// On the thread that it will work on.
    init(settings: DirectorySettings, health: ServerHealth, descriptor: OpenDescriptor) {
        DirectoryConnection.shieldThread()
        self.settings = settings
        self.health = health
        self.descriptor = descriptor
    }

    /// Within the directory's `timeoutMs`, and not beyond `deadlineMs`.
    func answer(_ question: DirectoryQuestion, deadlineMs: Int64) -> DirectoryAnswer {
        do throws(DirectoryFailure) {
            let found = try search(question, deadlineMs: deadlineMs)
            return found.isEmpty ? .none : .entries(found)
        } catch {
            return switch error {
            case .gone(let reason), .slow(let reason):
                .unreachable("directory \(settings.name): \(reason)")
            case .refused(let reason): .refused("directory \(settings.name): \(reason)")
            case .wrongSecret: .unreachable("directory \(settings.name): it refuses our own bind")
            }
        }
    }

    func search(
        _ question: DirectoryQuestion, deadlineMs: Int64
    ) throws(DirectoryFailure) -> [DirectoryEntry] {
        let base = question.base.isEmpty ? settings.base : question.base
        return try onAnyServer(deadlineMs: deadlineMs) {
            connection, deadlineMs throws(DirectoryFailure) in
            try connection.search(question, base: base, deadlineMs: deadlineMs)
        }
    }

    /// Whether `secret` is that of the entry `name`: `.wrongSecret` where it isn't. The connection is not
    /// used again: it belongs to somebody else then.
    func check(_ name: String, secret: [UInt8], deadlineMs: Int64) throws(DirectoryFailure) {
        // RFC 4513 §5.1.2: servers take a bind with a name and no secret for one as nobody, and grant it.
        guard !name.isEmpty, !secret.isEmpty else { throw .wrongSecret }
        closeNow()
        defer { closeNow() }
        try onAnyServer(deadlineMs: deadlineMs, bindsFirst: false) {
            connection, deadlineMs throws(DirectoryFailure) in
            try connection.bind(name, secret: secret, deadlineMs: deadlineMs)
        }
    }

    /// Closes a connection that nobody needs.
    func closeIfIdle() {
        if open != nil, SenseTask.nowMs() - usedMs >= DirectoryLimits.idleMs { closeNow() }
    }

    func closeNow() {
        open?.connection.close()
        open = nil
    }

    // MARK: Servers

    private func onAnyServer<Value>(
        deadlineMs: Int64, bindsFirst: Bool = true,
        _ body: (DirectoryConnection, Int64) throws(DirectoryFailure) -> Value
    ) throws(DirectoryFailure) -> Value {
        let now = SenseTask.nowMs()
        let last = min(deadlineMs, now + Int64(settings.timeoutMs))
        descriptor.begin(deadlineMs: last)
        defer { descriptor.end() }
        // A server that is back is preferred to those behind it again.
        let servers = health.worthAsking(nowMs: now)
        if let open, servers.first != open.server { closeNow() }
        guard !servers.isEmpty else { throw .gone(health.reasons(nowMs: now)) }
        var failure = DirectoryFailure.slow("every connection was in use for too long")
        for (turn, server) in servers.enumerated() {
            // Each gets its share of what is left, so that a silent one doesn't take the time of all.
            let left = last - SenseTask.nowMs()
            guard left > 0 else { break }
            let share = SenseTask.nowMs() + left / Int64(servers.count - turn)
            do throws(DirectoryFailure) {
                let value = try onServer(server, deadlineMs: share, bindsFirst: bindsFirst, body)
                health.answered(server)
                usedMs = SenseTask.nowMs()
                return value
            } catch {
                failure = error
                try settle(error, server)
            }
        }
        throw failure
    }

    /// Throws on where no other server would do better.
    private func settle(_ failure: DirectoryFailure, _ server: Int) throws(DirectoryFailure) {
        switch failure {
        case .gone(let reason):
            closeNow()
            health.failed(server, reason, nowMs: SenseTask.nowMs())
        case .slow(let reason):
            closeNow()
            health.wasSlow(server, reason, nowMs: SenseTask.nowMs())
        case .refused, .wrongSecret:
            if open?.connection.isSpent == true { closeNow() }
            health.answered(server)
            throw failure
        }
    }

    private func onServer<Value>(
        _ server: Int, deadlineMs: Int64, bindsFirst: Bool,
        _ body: (DirectoryConnection, Int64) throws(DirectoryFailure) -> Value
    ) throws(DirectoryFailure) -> Value {
        if let open, open.server == server {
            do throws(DirectoryFailure) {
                return try body(open.connection, deadlineMs)
            } catch {
                // Servers and firewalls drop connections that wait: that says nothing, a new one will.
                guard case .gone = error else { throw error }
                closeNow()
            }
        }
        let connection = try connect(server, deadlineMs: deadlineMs, bindsFirst: bindsFirst)
        open = (connection, server)
        return try body(connection, deadlineMs)
    }

    private func connect(
        _ server: Int, deadlineMs: Int64, bindsFirst: Bool
    ) throws(DirectoryFailure) -> DirectoryConnection {
        guard settings.servers.indices.contains(server) else { throw .gone("no such server") }
        let name = settings.servers[server]
        let connection = try DirectoryConnection(
            server: name, settings: settings, descriptor: descriptor, deadlineMs: deadlineMs)
        guard bindsFirst, !settings.bindName.isEmpty else { return connection }
        do throws(DirectoryFailure) {
            try connection.bind(settings.bindName, secret: settings.bindSecret, deadlineMs: deadlineMs)
        } catch {
            connection.close()
            switch error {
            // The operator's mistake, or that of one server's copy: not for the asker to suffer for good.
            case .wrongSecret: throw .gone("\(name): it refuses the bind as \(settings.bindName)")
            case .refused(let reason): throw .gone(reason)
            case .gone, .slow: throw error
            }
        }
        return connection
    }
}
