// SPDX-License-Identifier: MIT

import Configuration
import Confinement
import DurableQueue
import Glibc
import Outbound

/// The process that delivers, and the only one that changes what the queue holds.
struct OutboundRole {
    /// How long a stop waits for deliveries under way: the dispatcher kills what is left 2 s later.
    static let stopBudgetMs = Int(Dispatcher.killSecondsMax - 2) * 1_000

    let context: RoleContext

    func run() throws {
        let bootID = MachineBoot.id
        let copies = context.settings.queue.copiesFolder
        let maildirs = Set(context.settings.routes.values.compactMap(Self.maildir)).sorted()
        // They may lie where the role can't make folders once it has given its rights up.
        for path in maildirs {
            do {
                try makeFolder(path)
            } catch {
                // One impossible maildir must not stop the other routes: its mail waits, and outbound says
                // why.
                context.logger.error(
                    "maildir.unusable", metadata: ["reason": "\(error); mend it and restart the gateway"])
            }
        }
        if let copies {
            do {
                try makeFolder(copies)
            } catch let error as MaildirError {
                context.logger.log(DeliveryEvent.copiesUnusable(folder: copies, reason: error.reason))
            }
        }
        let confinement = try context.confine(
            .outbound(
                readOnly: ["rulesets"],
                readWrite: ["queue", "spool", "run", "counters", "tmp", "cases", StateFolder.copiesFolder]
                    + (copies.map { [$0] } ?? []) + maildirs))
        let cases = CaseWiring.log(context)
        var tables: DeliveryTables?
        let outbound = try Outbound.OutboundRole.start(
            root: ".", isRootPrepared: true, settings: settings(bootID: bootID),
            queueLimits: QueueWiring.limits(context.settings),
            counters: context.counters, logger: context.logger
        ) { loop in
            let made = DeliveryTables(context, cases: cases, loop: loop)
            tables = made
            return DeliveryCompanions(judge: made, carrier: made)
        }
        context.ready(confinement)
        var line = ControlLine(descriptor: RoleContext.control)
        // The end of the line means what `drain` means.
        var isTold = false
        while !isTold, let messages = line.receive() {
            for message in messages {
                switch message {
                case .judgeBy(let hash): judge(by: hash, tables)
                case .drain: isTold = true
                default: break
                }
            }
        }
        outbound.stop(endingLoop: false)
        cases.close()
        // As in the other roles: what ends the event loops in order trips over the confinement.
        Glibc._exit(0)
    }

    private func judge(by hash: String, _ tables: DeliveryTables?) {
        do {
            tables?.replace(by: try context.load(hash: hash).0)
            ControlLine.send(.acknowledged(ruleset: hash), to: RoleContext.control)
        } catch {
            ControlLine.send(.refused(ruleset: hash, reason: "\(error)"), to: RoleContext.control)
        }
    }

    private func settings(bootID: String) -> OutboundSettings {
        let queue = context.settings.queue
        var settings = OutboundSettings(
            routes: context.settings.routes.mapValues(Self.route),
            hostname: context.settings.service.hostname,
            schedule: RetrySchedule(delaysSeconds: queue.retrySeconds, lifetimeSeconds: queue.expirySeconds))
        settings.limits.stopBudgetMs = Self.stopBudgetMs
        settings.commandSocketPath = StateFolder.outboundSocket
        settings.wakeSocketPath = StateFolder.wakeSocket
        settings.bootID = bootID
        let callAhead = context.settings.callAhead
        settings.probes.connectionsMax = callAhead.connections
        settings.probes.perSecondMax = callAhead.perSecond
        settings.probes.timeoutMs = callAhead.timeoutMs
        settings.copiesFolder = queue.copiesFolder ?? StateFolder.copiesFolder
        settings.limits.copiesReserveOctets = 2 * queue.reserveOctets
        return settings
    }

    private static func route(_ route: RouteSettings) -> OutboundSettings.Route {
        switch route.destination {
        case .maildir(let path): .maildir(path: path)
        case .smtp(let hop): .smtp(host: hop.host, port: hop.port, connectionsMax: route.connections)
        }
    }

    private static func maildir(_ route: RouteSettings) -> String? {
        if case .maildir(let path) = route.destination { path } else { nil }
    }

    /// Makes the folder if it isn't there, and gives it to the user that we will be.
    private func makeFolder(_ path: String) throws {
        if mkdir(path, 0o750) != 0 {
            guard errno == EEXIST else { throw MaildirError(path: path, reason: Self.reason()) }
            return
        }
        guard geteuid() == 0, let name = context.settings.service.user else { return }
        let user = try ProcessUser(named: name)
        guard chown(path, user.uid, user.gid) == 0 else {
            throw MaildirError(path: path, reason: Self.reason())
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}

/// A maildir that can't be made.
struct MaildirError: Error, CustomStringConvertible {
    let path: String
    let reason: String
    var description: String {
        "maildir \(path): \(reason); see `maildir` in postern.toml: "
            + "the folder above must exist and be writable"
    }
}
