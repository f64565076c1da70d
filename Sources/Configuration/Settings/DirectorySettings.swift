// SPDX-License-Identifier: MIT

/// An LDAP directory: `[directory.NAME]`.
package struct DirectorySettings: Codable, Hashable, Sendable {
    package var name: String
    /// In the order in which they are tried; at least one.
    package var servers: [DirectoryServer]
    /// TLS by the StartTLS operation on `ldap://` servers.
    package var startsTLS: Bool
    /// Absolute path of the PEM file of authorities, or nil for the system's.
    package var authoritiesPath: String?
    /// Whom we bind as, or nil for nobody.
    package var bindName: String?
    /// Absolute path of a file whose first line is the secret for `bindName`.
    package var passwordFile: String?
    /// Where searches begin that name no base.
    package var base: String
    /// Milliseconds that one question may take, on all servers together.
    package var timeoutMs: Int
    /// Seconds for which a server that failed is left alone.
    package var retryAfterSeconds: Int
    /// Seconds for which entries are remembered, and that there are none.
    package var cacheSeconds: Int
    package var cacheNegativeSeconds: Int
    /// Answers that are remembered, at most.
    package var cacheEntries: Int
    package var connections: Int

    package init(
        name: String, servers: [DirectoryServer], startsTLS: Bool, authoritiesPath: String?,
        bindName: String?,
        passwordFile: String?, base: String, timeoutMs: Int, retryAfterSeconds: Int, cacheSeconds: Int,
        cacheNegativeSeconds: Int, cacheEntries: Int, connections: Int
    ) {
        self.name = name
        self.servers = servers
        self.startsTLS = startsTLS
        self.authoritiesPath = authoritiesPath
        self.bindName = bindName
        self.passwordFile = passwordFile
        self.base = base
        self.timeoutMs = timeoutMs
        self.retryAfterSeconds = retryAfterSeconds
        self.cacheSeconds = cacheSeconds
        self.cacheNegativeSeconds = cacheNegativeSeconds
        self.cacheEntries = cacheEntries
        self.connections = connections
    }
}
