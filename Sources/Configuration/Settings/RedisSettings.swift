// SPDX-License-Identifier: MIT

/// A Redis server that keeps meters or memory for several gateways.
package struct RedisSettings: Codable, Hashable, Sendable {
    package enum Server: Codable, Hashable, Sendable {
        case tcp(NextHop)
        /// Absolute path of its Unix socket.
        case unix(String)
    }

    /// What it keeps instead of this machine.
    package enum Kept: String, Codable, Hashable, Sendable, CaseIterable { case meters, memory }

    package var server: Server
    /// Absolute path of a file whose first line is the password, or nil for none.
    package var passwordFile: String?
    /// Milliseconds that one operation may take.
    package var timeoutMs: Int
    /// Stands before every key of ours.
    package var prefix: String
    package var keeps: Set<Kept>

    package init(server: Server, passwordFile: String?, timeoutMs: Int, prefix: String, keeps: Set<Kept>) {
        self.server = server
        self.passwordFile = passwordFile
        self.timeoutMs = timeoutMs
        self.prefix = prefix
        self.keeps = keeps
    }
}
