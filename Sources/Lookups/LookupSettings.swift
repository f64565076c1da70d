// SPDX-License-Identifier: MIT

/// How names are looked up.
package struct LookupSettings: Sendable {
    /// Resolvers to ask, `address` or `address@port`; empty: those of `/etc/resolv.conf`.
    package var servers: [String]
    /// Records that we know ourselves, in zone file form: `9.0.0.127.dnsbl.example. 300 IN A 127.0.0.2`. They
    /// stand before anything the network says.
    package var localData: [String]
    /// Zones that are answered from `localData` alone: other names in them don't exist, and nobody is asked.
    package var localZones: [String]
    /// Path of a trust anchor file for DNSSEC, or nil for no validation.
    package var trustAnchorPath: String?

    package init(
        servers: [String] = [], localData: [String] = [], localZones: [String] = [],
        trustAnchorPath: String? = nil
    ) {
        self.servers = servers
        self.localData = localData
        self.localZones = localZones
        self.trustAnchorPath = trustAnchorPath
    }
}

/// What look-ups may cost.
enum LookupLimits {
    /// Octets of one frame: a hundred TXT records of a few hundred octets, with room.
    static let frameOctetsMax = 131_072
    /// Look-ups under way for one worker; more are answered "failed", by the worker's own end and by the
    /// role.
    static let outstandingMax = 1_000
    /// Client processes at once: workers, their successors, and a command line or two.
    static let clientsMax = 200
    /// Octets that wait to be written to one client before it is taken for dead.
    static let unwrittenOctetsMax = 4 << 20
    /// Records kept by a worker; beyond it the memory begins anew.
    static let cachedMax = 20_000
    /// A record is kept at least this long, in seconds, whatever its TTL: the questions of one session go
    /// together.
    static let cacheSecondsMin = 1
    /// And at most this long, in seconds: a list entry that was withdrawn must not outlive the complaint.
    static let cacheSecondsMax = 3_600
}
