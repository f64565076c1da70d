// SPDX-License-Identifier: MIT

import Configuration
import CPostern
import Glibc
import Telemetry

extension Dispatcher {
    // MARK: Starting roles

    /// Starts every role that is gone and due. Those that others need come first in `roles`.
    mutating func startDue(_ now: Int64) {
        for index in roles.indices
        where roles[index].state == .gone && roles[index].lentTo == nil && roles[index].restartAt <= now {
            start(index)
        }
    }

    private mutating func start(_ index: Int) {
        let slot = roles[index].slot
        var descriptors: [Int32] = []
        var program = "/proc/self/exe"
        var arguments = [
            "postern", "role", slot.role.rawValue, "--state", settings.stateFolder, "--folder", folder,
            "--ruleset",
            ruleset,
        ]
        switch slot.role {
        case .inbound:
            descriptors = (listeners[slot.instance] ?? []).map(\.descriptor)
            arguments += ["--slot", slot.instance, "--listeners", "\(descriptors.count)"]
            descriptors.append(lifeline.writer)
        case .scanner:
            guard let scanner = scanners.first(where: { $0.name == slot.instance }) else { return }
            descriptors = [lifeline.reader]
            program = ScannerProgram.path
            arguments = ScannerProgram.arguments(scanner, user: settings.user)
        case .lookups:
            descriptors = [lifeline.reader]
        case .outbound, .operations:
            break
        }
        guard let (pid, control) = Self.spawn(program, arguments, passing: descriptors) else {
            roles[index].died(now: Self.now)
            return
        }
        roles[index].state = .starting
        roles[index].pid = pid
        roles[index].control = control
        roles[index].startedAt = Self.nowMs
        roles[index].ruleset = ruleset
        roles[index].confinement = []
        logger.log(DispatcherEvent.roleStarted(slot: slot.description, pid: pid))
    }

    /// Runs `program` with `arguments`; the child has its end of a control socket as descriptor 3 and
    /// `passing` from 4 on.
    static func spawn(
        _ program: String, _ arguments: [String], passing: [Int32]
    ) -> (pid: Int32, control: Int32)? {
        var pair: [Int32] = [-1, -1]
        guard postern_socket_pair(&pair) == 0 else { return nil }
        defer { close(pair[1]) }
        let words = arguments.map { strdup($0) }
        defer { for word in words { free(word) } }
        var argv: [UnsafeMutablePointer<CChar>?] = words + [nil]
        let given = [pair[1]] + passing
        let pid = given.withUnsafeBufferPointer {
            postern_spawn(program, &argv, environ, $0.baseAddress, $0.count)
        }
        guard pid > 0 else {
            close(pair[0])
            return nil
        }
        return (pid, pair[0])
    }

    // MARK: Lending listeners

    /// A slot that keeps dying is served by another worker from then on: clients that the kernel has queued
    /// on its sockets are not to wait for a crash loop. Two processes must never accept on one socket, so the
    /// slot stays without a worker of its own until the other one ends.
    mutating func lendIfHopeless(_ index: Int) {
        let slot = roles[index].slot
        guard slot.role == .inbound, roles[index].deaths.count >= RoleProcess.quickRestartsMax,
            let other = roles.firstIndex(where: {
                $0.slot.role == .inbound && $0.slot != slot && $0.state == .ready && $0.control >= 0
            })
        else { return }
        var isLent = true
        for listener in listeners[slot.instance] ?? [] {
            let isSent = ControlLine.send(
                .adopt(descriptor: -1), passing: listener.descriptor, to: roles[other].control)
            isLent = isLent && isSent
        }
        guard isLent else { return }
        roles[index].lentTo = roles[other].slot
        logger.log(DispatcherEvent.roleLent(slot: slot.description, to: roles[other].slot.description))
    }

    /// A worker is gone, and with it whatever it served for others: they get workers of their own again.
    mutating func takeBack(from slot: RoleSlot) {
        for index in roles.indices where roles[index].lentTo == slot {
            roles[index].lentTo = nil
            roles[index].deaths = []
            roles[index].restartAt = Self.now
        }
    }

    // MARK: What roles say

    mutating func readLines(of index: Int) {
        guard let messages = Self.read(roles[index].control, into: &buffers[index]) else {
            // The process is ending, or sent what it should not: either way nothing more is read from it. Its
            // death, if it is one, comes as a signal.
            close(roles[index].control)
            roles[index].control = -1
            return
        }
        for message in messages { take(message, from: index) }
    }

    /// Reads once; nil at the end or where a line is no message.
    static func read(_ descriptor: Int32, into buffer: inout [UInt8]) -> [ControlMessage]? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        guard count > 0 else { return nil }
        buffer += chunk[..<count]
        return ControlLine.messages(from: &buffer)
    }

    /// The scanner speaks another protocol: it is ready when it answers.
    mutating func askScanners() {
        for index in roles.indices where roles[index].slot.role == .scanner && roles[index].state == .starting
        {
            guard let status = ScannerProgram.status(roles[index].slot.instance) else { continue }
            take(.ready(confinement: status.confinement, note: status.note), from: index)
            roles[index].hasOnlyTestSignatures = status.hasOnlyTestSignatures
            // One scanner that finds nothing real is enough for the warning.
            counters.set(.testSignaturesOnly, to: roles.contains { $0.hasOnlyTestSignatures } ? 1 : 0)
        }
    }

    private mutating func take(_ message: ControlMessage, from index: Int) {
        switch message {
        case .ready(let confinement, let note):
            roles[index].state = roles[index].state == .draining ? .draining : .ready
            roles[index].confinement = confinement
            roles[index].note = note
            let slot = roles[index].slot.description
            logger.log(
                DispatcherEvent.roleReady(
                    slot: slot, pid: roles[index].pid, tookMs: Self.nowMs - roles[index].startedAt, note: note
                ))
            for line in confinement where line.hasPrefix("missing") {
                logger.log(DispatcherEvent.unconfined(slot: slot, measure: line))
            }
            if roles[index].slot.role == .lookups { lookupsReady(roles[index].slot) }
            // A reload may have come while it started.
            if roles[index].slot.role.judges, roles[index].ruleset != ruleset {
                ControlLine.send(.judgeBy(ruleset: ruleset), to: roles[index].control)
            }
        case .acknowledged(let hash):
            roles[index].ruleset = hash
            acknowledged(roles[index].slot)
        case .refused(let hash, let reason):
            refused(roles[index].slot, ruleset: hash, reason: reason)
        case .request(let id, let act):
            carryOut(act, id: id, for: index)
        case .compiled, .judgeBy, .adopt, .drain, .response:
            break  // Not a role's to say.
        }
    }

    private mutating func carryOut(_ act: ControlMessage.Act, id: Int, for index: Int) {
        guard roles[index].slot.role == .operations else { return }
        switch act {
        case .status:
            respond(id, statusText(), to: index)
        case .reload:
            guard reload == nil else {
                return respond(
                    id, #"{"result":"busy","message":"another reload is under way; try again"}"#, to: index)
            }
            startCompiler(askedBy: (roles[index].slot, id))
        case .stop:
            respond(id, #"{"result":"stopping"}"#, to: index)
            beginStop("stop command")
        }
    }

    func respond(_ id: Int, _ text: String, to index: Int) {
        guard roles[index].control >= 0 else { return }
        ControlLine.send(.response(id: id, text: text), to: roles[index].control)
    }

    // MARK: Ready and status

    mutating func announceReady() {
        guard !isReady, roles.allSatisfy({ $0.state == .ready }) else { return }
        isReady = true
        var places: [String] = []
        for listener in listeners["0"] ?? [] { places.append("\(listener.service) \(listener.endpoint)") }
        let operations = roles.first { $0.slot.role == .operations }?.note ?? ""
        if !operations.isEmpty { places.append("operations \(operations)") }
        logger.log(
            DispatcherEvent.started(
                services: places.joined(separator: ", "), workers: settings.inboundWorkers, ruleset: ruleset))
        StandardError.print("postern: ready \(places.joined(separator: ", "))")
    }

    private func statusText() -> String {
        let status = GatewayStatus(
            pid: getpid(), ruleset: ruleset, ready: isReady,
            services: (listeners["0"] ?? []).map {
                .init(name: $0.service, address: $0.endpoint.description)
            },
            roles: roles.map { role in
                .init(
                    role: role.slot.role.rawValue, instance: role.slot.instance, pid: Int(role.pid),
                    health: role.lentTo.map { "served by \($0)" } ?? role.state.rawValue,
                    restarts: role.restarts,
                    upSeconds: role.pid > 0 ? Int((Self.nowMs - role.startedAt) / 1_000) : 0,
                    ruleset: role.ruleset,
                    confinement: role.confinement, note: role.note)
            })
        return GatewayStatus.json(status)
    }
}
