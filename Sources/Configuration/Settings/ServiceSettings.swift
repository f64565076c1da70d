// SPDX-License-Identifier: MIT

/// What the processes need before the first connection: names, ports, folders, users.
package struct ServiceSettings: Codable, Hashable, Sendable {
    /// Our name in the greeting, EHLO and `Received:`.
    package var hostname: String
    /// Absolute. Queue, cases, archived rulesets, sockets, counters.
    package var stateFolder: String
    /// At least one; names differ.
    package var services: [Service]
    /// Where `/metrics` and `/health` are.
    package var operations: Endpoint
    /// Inbound processes, 1...64.
    package var inboundWorkers: Int
    /// The user that the roles run as when the dispatcher was started as root; nil keeps the one that started
    /// it.
    package var user: String?
    /// Nil: a certificate of our own is made under `tls/` of the state folder.
    package var tls: TLSFiles?

    package init(
        hostname: String, stateFolder: String, services: [Service], operations: Endpoint, inboundWorkers: Int,
        user: String?, tls: TLSFiles?
    ) {
        self.hostname = hostname
        self.stateFolder = stateFolder
        self.services = services
        self.operations = operations
        self.inboundWorkers = inboundWorkers
        self.user = user
        self.tls = tls
    }

    /// One listening port.
    package struct Service: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, Hashable, Sendable, CaseIterable { case smtp }

        package var name: String
        package var kind: Kind
        package var listen: Endpoint

        package init(name: String, kind: Kind, listen: Endpoint) {
            self.name = name
            self.kind = kind
            self.listen = listen
        }
    }

    /// Absolute paths of PEM files.
    package struct TLSFiles: Codable, Hashable, Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }
}
