// SPDX-License-Identifier: MIT

/// How a client's identity is checked: `[authentication]`.
package struct IdentitySettings: Sendable {
    package enum Source: Sendable {
        /// An entry is looked for with `filter`, in which `%u` is the identity, and then bound as. Its mail
        /// address stands in `addressAttribute`.
        case directory(DirectorySettings, filter: String, addressAttribute: String)
        /// A file of `identity:crypt(3) hash` lines, with `:address` behind where the identity is none.
        case passwords(path: String)
    }

    package var source: Source
    /// Milliseconds that one check may take. A good hash takes some 100 ms.
    package var timeoutMs: Int

    package init(source: Source, timeoutMs: Int = 5_000) {
        self.source = source
        self.timeoutMs = timeoutMs
    }
}

/// What checking identities may cost, and how often one may be guessed at.
enum IdentityLimits {
    /// Octets of an identity, at most; see `IdentityQuestion`.
    static let identityOctetsMax = 255
    /// Octets of a secret, at most: what crypt(3) takes, and nobody types more.
    static let secretOctetsMax = 511
    /// Checks at once: a hash keeps a core busy.
    static let threads = 2
    /// Checks that wait: what two threads do in the time of one check.
    static let waitingMax = 50
    /// How long failures are counted, in milliseconds.
    static let windowMs: Int64 = 900_000
    /// Failures of one identity from one client within the window, before it is refused unseen: somebody who
    /// mistypes, with a few programs that try again by themselves.
    static let pairFailuresMax = 10
    /// Failures from one client, whatever the identity.
    static let clientFailuresMax = 50
    /// Failures of one identity, whoever the client.
    static let identityFailuresMax = 100
    /// Counters kept of each kind; the oldest makes room.
    static let countersMax = 10_000
    /// Octets of a password file: ten thousand users with long hashes fit.
    static let fileOctetsMax = 4 << 20
    /// Lines of it.
    static let linesMax = 50_000
    /// Octets of a hash: the longest of crypt(5).
    static let hashOctetsMax = 384
}
