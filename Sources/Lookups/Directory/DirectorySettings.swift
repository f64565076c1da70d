// SPDX-License-Identifier: MIT

/// How one directory is asked: `[directory.NAME]`.
package struct DirectorySettings: Sendable {
    /// As questions name it.
    package var name: String
    /// `ldap://host:port`, `ldaps://host:port`, `ldapi://%2Fpath`, in the order in which they are tried.
    package var servers: [String]
    /// TLS by the StartTLS operation (RFC 4511 §4.14) before anything else is said, on `ldap://` servers.
    package var startsTLS: Bool
    /// PEM file of the authorities that a server's certificate must come from.
    package var authoritiesPath: String
    /// Whom we bind as; empty: nobody (anonymous).
    package var bindName: String
    /// The secret for `bindName`.
    package var bindSecret: [UInt8]
    /// Where searches begin that don't name a base.
    package var base: String
    /// What one question may take, in milliseconds: connecting, binding, searching, on all servers together.
    package var timeoutMs: Int
    /// How long a server that failed is left alone, in seconds.
    package var retryAfterSeconds: Int
    /// How long entries are remembered, in seconds, and how long that there are none.
    package var cacheSeconds: Int
    package var cacheNegativeSeconds: Int
    /// Answers that are remembered, at most.
    package var cacheEntries: Int
    /// Connections at once, each with a thread.
    package var connections: Int

    /// Where Debian keeps the authorities that its users trust.
    package static let systemAuthoritiesPath = "/etc/ssl/certs/ca-certificates.crt"

    package init(
        name: String, servers: [String], startsTLS: Bool = false,
        authoritiesPath: String = systemAuthoritiesPath, bindName: String = "", bindSecret: [UInt8] = [],
        base: String = "", timeoutMs: Int = 5_000, retryAfterSeconds: Int = 10, cacheSeconds: Int = 300,
        cacheNegativeSeconds: Int = 60, cacheEntries: Int = 10_000, connections: Int = 2
    ) {
        self.name = name
        self.servers = servers
        self.startsTLS = startsTLS
        self.authoritiesPath = authoritiesPath
        self.bindName = bindName
        self.bindSecret = bindSecret
        self.base = base
        self.timeoutMs = timeoutMs
        self.retryAfterSeconds = retryAfterSeconds
        self.cacheSeconds = cacheSeconds
        self.cacheNegativeSeconds = cacheNegativeSeconds
        self.cacheEntries = cacheEntries
        self.connections = connections
    }
}

/// What a directory may cost us, whatever it answers.
enum DirectoryLimits {
    /// Octets of a filter: one with every character of a long address quoted, several times over.
    static let filterOctetsMax = 4_096
    /// Octets of a base: longer names are nobody's.
    static let baseOctetsMax = 1_024
    /// Attributes of one question, and of one entry in an answer: the largest schemas in use have some
    /// hundred for a person.
    static let attributesMax = 200
    /// Octets of an attribute's name, options included.
    static let attributeOctetsMax = 256
    /// Octets of one message from the server, which is one entry: a large group's members fit, a server that
    /// lies about a length doesn't get a gigabyte allocated.
    static let messageOctetsMax = 1 << 20
    /// Octets of names and values in one answer: it has to fit a frame between two of our processes.
    static let answerOctetsMax = 120_000
    /// Messages of one answer: entries, references, and the result.
    static let messagesMax = 1_000
    /// Octets of what a server says of itself that go into a reason.
    static let diagnosticOctetsMax = 200
    /// Octets of the remembered answers of one directory.
    static let cachedOctetsMax = 64 << 20
    /// Different questions under way for one directory: more wait than its connections could answer in time.
    static let underWayMax = 500
    /// Searches in a row that may take too long before the server is left alone. One may be an unlucky
    /// filter.
    static let slowSearchesMax = 3
    /// How long an unused connection is kept, in milliseconds: firewalls forget sooner than servers.
    static let idleMs: Int64 = 60_000
}
