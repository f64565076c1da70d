// SPDX-License-Identifier: MIT

import Configuration
import Confinement
import Glibc
import Lookups

/// The process that asks DNS, and all else that the gates want to know.
struct LookupsRole {
    let context: RoleContext

    func run() throws {
        let settings = context.settings.lookups
        let anchors = settings.trustAnchor.map { [$0] } ?? []
        let wiring = try SenseWiring(context.settings)
        let confinement = try context.confine(
            .lookups(
                readOnly: ["rulesets"] + anchors + wiring.readOnlyPaths,
                readWrite: ["run", "counters"] + SenseWiring.readWritePaths))
        let senses = wiring.senses(context)
        let server = try LookupServer(
            path: StateFolder.lookupsSocket,
            settings: LookupSettings(
                servers: settings.servers.map { "\($0.address)@\($0.port)" }, localData: settings.localData,
                localZones: settings.localZones, trustAnchorPath: settings.trustAnchor),
            senses: senses, counters: context.counters)
        context.ready(confinement)
        var line = ControlLine(descriptor: RoleContext.control)
        // The dispatcher says only one thing to this role.
        var isTold = false
        server.run(control: RoleContext.control) {
            guard let messages = line.receive() else { return true }
            isTold = messages.contains { if case .drain = $0 { true } else { false } }
            return isTold
        }
        // It is gone. The workers finish their sessions, and have questions until the last one ends. Another
        // gateway may begin meanwhile: what we keep is left to it.
        if !isTold {
            senses.handOver()
            server.run(control: RoleContext.lifeline) { true }
        }
        // The senses' threads may be in the middle of something that takes long; what they said is written.
        Glibc._exit(0)
    }
}
