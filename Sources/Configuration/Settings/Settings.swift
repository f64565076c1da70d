// SPDX-License-Identifier: MIT

package import Gates

/// Everything that `postern.toml` says, typed and complete: whatever it left out stands at its default.
///
/// `docs/configuration.md` lists every key; a test compares.
package struct Settings: Codable, Hashable, Sendable {
    package var service: ServiceSettings
    package var policy: Policy
    /// By channel name, for the channels that mail leaves by.
    package var routes: [String: RouteSettings]
    package var session: SessionSettings
    package var queue: QueueSettings
    package var cases: CaseSettings
    package var lookups: LookupSettings
    /// In the order of the file.
    package var scanners: [ScannerSettings]
    /// In the order of the file, as are the meters.
    package var databases: [DatabaseSettings] = []
    package var meters: [MeterSettings] = []
    package var redis: RedisSettings?
    /// In the order of the file.
    package var directories: [DirectorySettings] = []
    /// Nil where nobody can authenticate.
    package var authentication: AuthenticationSettings?
    package var callAhead = CallAheadSettings()
    package var filters = FilterSettings()
    /// In the order of the file.
    package var dnsLists: [DNSListSettings] = []

    package init(
        service: ServiceSettings, policy: Policy, routes: [String: RouteSettings], session: SessionSettings,
        queue: QueueSettings, cases: CaseSettings, lookups: LookupSettings, scanners: [ScannerSettings]
    ) {
        self.service = service
        self.policy = policy
        self.routes = routes
        self.session = session
        self.queue = queue
        self.cases = cases
        self.lookups = lookups
        self.scanners = scanners
    }
}
