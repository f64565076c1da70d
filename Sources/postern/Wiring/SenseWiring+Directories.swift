// SPDX-License-Identifier: MIT

import Configuration
import Lookups

/// Senses that ask others: directories, next hops, and the watch over DNS lists.
extension SenseWiring {
    /// Read again whenever they change.
    var passwordPaths: [String] {
        if case .passwords(let path) = settings.authentication?.source { [path] } else { [] }
    }

    /// Read with each connection.
    var authoritiesPaths: [String] { settings.directories.compactMap(\.authoritiesPath) }

    func addDirectories(_ context: RoleContext, to senses: inout Senses) {
        let (counters, logger) = (context.counters, context.logger)
        if !directories.isEmpty { senses.directory = DirectorySense(directories, counters: counters) }
        senses.identity = identitySettings.map {
            IdentitySense($0, counters: counters, logger: logger)
        }
        let callAhead = settings.callAhead
        senses.recipient = CallAheadSense(
            CallAheadSettings(
                socketPath: StateFolder.outboundSocket, positiveSeconds: callAhead.positiveSeconds,
                negativeSeconds: callAhead.negativeSeconds, cacheEntries: callAhead.cacheEntries,
                timeoutMs: callAhead.timeoutMs, connections: callAhead.connections),
            counters: counters, logger: logger)
        let lists = settings.dnsLists.filter(\.isSelfTested).map {
            ListSettings(name: $0.name, zone: $0.zone, kind: $0.isByName ? .domain : .address)
        }
        if !lists.isEmpty {
            senses.nameWatch = ListWatch(lists, counters: counters, logger: logger)
        }
    }

    /// Nil where nobody can authenticate.
    private var identitySettings: IdentitySettings? {
        guard let said = settings.authentication else { return nil }
        switch said.source {
        case .passwords(let path):
            return IdentitySettings(source: .passwords(path: path), timeoutMs: said.timeoutMs)
        case .directory(let name, let filter, let addressAttribute):
            guard let directory = directories.first(where: { $0.name == name }) else { return nil }
            return IdentitySettings(
                source: .directory(directory, filter: filter, addressAttribute: addressAttribute),
                timeoutMs: said.timeoutMs)
        }
    }

    /// Throws where the secret's file can't be read.
    static func directory(_ said: Configuration.DirectorySettings) throws -> Lookups.DirectorySettings {
        Lookups.DirectorySettings(
            name: said.name, servers: said.servers.map(\.description), startsTLS: said.startsTLS,
            authoritiesPath: said.authoritiesPath ?? Lookups.DirectorySettings.systemAuthoritiesPath,
            bindName: said.bindName ?? "", bindSecret: try said.passwordFile.map(password) ?? [],
            base: said.base, timeoutMs: said.timeoutMs, retryAfterSeconds: said.retryAfterSeconds,
            cacheSeconds: said.cacheSeconds, cacheNegativeSeconds: said.cacheNegativeSeconds,
            cacheEntries: said.cacheEntries, connections: said.connections)
    }
}
