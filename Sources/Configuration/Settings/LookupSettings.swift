// SPDX-License-Identifier: MIT

/// What the `lookups` role asks, and how long it waits.
package struct LookupSettings: Codable, Hashable, Sendable {
    /// Resolvers to forward to; empty: those of `/etc/resolv.conf`.
    package var servers: [Endpoint]
    /// Records of our own, in zone file form: `9.0.0.127.dnsbl.example. A 127.0.0.2`.
    package var localData: [String]
    /// Zones, lower case without trailing dot, that are answered from `localData` alone: a name in them that
    /// has no record there doesn't exist, and nobody is asked.
    package var localZones: [String]
    /// Milliseconds that one DNS question may take.
    package var timeoutMs: Int
    /// Absolute path of the DNSSEC trust anchor (a file of DS or DNSKEY records), or nil for no validation.
    package var trustAnchor: String?

    package init(
        servers: [Endpoint], localData: [String], localZones: [String], timeoutMs: Int, trustAnchor: String?
    ) {
        self.servers = servers
        self.localData = localData
        self.localZones = localZones
        self.timeoutMs = timeoutMs
        self.trustAnchor = trustAnchor
    }
}
