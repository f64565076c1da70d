// SPDX-License-Identifier: MIT

import Configuration
import Confinement
import Glibc
import Lookups

/// The process that asks DNS.
struct LookupsRole {
    let context: RoleContext

    func run() throws {
        let settings = context.settings.lookups
        let anchors = settings.trustAnchor.map { [$0] } ?? []
        let confinement = try context.confine(
            .lookups(readOnly: ["rulesets"] + anchors, readWrite: ["run", "counters"]))
        let server = try LookupServer(
            path: StateFolder.lookupsSocket,
            settings: LookupSettings(
                servers: settings.servers.map { "\($0.address)@\($0.port)" }, localData: settings.localData,
                localZones: settings.localZones, trustAnchorPath: settings.trustAnchor),
            counters: context.counters)
        context.ready(confinement)
        var line = ControlLine(descriptor: RoleContext.control)
        // The dispatcher says only one thing to this role.
        var isTold = false
        server.run(control: RoleContext.control) {
            guard let messages = line.receive() else { return true }
            isTold = messages.contains { if case .drain = $0 { true } else { false } }
            return isTold
        }
        // It is gone. The workers finish their sessions, and have questions until the last one ends.
        if !isTold { server.run(control: RoleContext.lifeline) { true } }
    }
}
