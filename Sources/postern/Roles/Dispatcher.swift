// SPDX-License-Identifier: MIT

import CPostern
import Configuration
import Glibc
import Logging
import Mail
import Telemetry

/// Starts, watches, restarts and stops the other roles. It holds the listening sockets, so that a port never
/// closes while a worker is replaced, and reads nothing that comes from outside: its own configuration, its
/// roles' lines.
///
/// One thread, one `poll` loop, no event library: whatever fails here takes the service with it, so there is
/// little.
struct Dispatcher: ~Copyable {
    /// How long inbound may finish its sessions after SIGTERM, in seconds, before the rest is stopped and
    /// what remains is killed. Sessions in the middle of a message need the final reply's budget at the most;
    /// a client that loses the connection before its 250 comes again.
    static let drainSecondsMax: Int64 = 30
    /// How long the other roles may take after that, in seconds, before what remains is killed.
    static let killSecondsMax: Int64 = 10
    static let backlog: Int32 = 1_024

    enum Phase {
        case serving
        /// Inbound and operations are draining; `until` is monotonic seconds.
        case drainingInbound(until: Int64)
        case drainingRest(until: Int64)
    }

    struct Listener {
        var service: String
        var descriptor: Int32
        var endpoint: Endpoint
    }

    /// A reload under way, and who waits for its result.
    struct Reload {
        var compiler: RoleProcess
        var asked: (slot: RoleSlot, id: Int)?
        var ruleset: String?
        var waitingFor: Set<RoleSlot> = []
        var deadline: Int64
    }

    let configurationPath: String
    /// Where relative paths of the configuration start.
    let folder: String
    let settings: ServiceSettings
    let scanners: [ScannerSettings]
    let logger: Logger
    let counters: CounterPage
    var roles: [RoleProcess] = []
    /// Lines of the roles in `roles`, same index; separate because a line can't be copied.
    var buffers: [[UInt8]] = []
    var compilerBuffer: [UInt8] = []
    /// By inbound slot.
    var listeners: [String: [Listener]] = [:]
    var ruleset = ""
    var reload: Reload?
    var phase = Phase.serving
    var isReady = false
    var signals: Int32 = -1
    var lock: Int32 = -1
    /// A pipe that carries nothing. The workers have its writing end, and we: should we die, those whom
    /// sessions need to their last message see by the other end when the last worker is gone.
    var lifeline: (reader: Int32, writer: Int32) = (-1, -1)

    init(
        configurationPath: String, folder: String, settings: ServiceSettings, scanners: [ScannerSettings],
        counters: CounterPage
    ) {
        self.configurationPath = configurationPath
        self.folder = folder
        self.scanners = scanners
        self.settings = settings
        self.counters = counters
        logger = Logger(label: "dispatcher") { _ in LogfmtHandler(role: "dispatcher") }
        roles.append(RoleProcess(slot: RoleSlot(role: .lookups, instance: "")))
        roles.append(RoleProcess(slot: RoleSlot(role: .outbound, instance: "")))
        roles += scanners.map { RoleProcess(slot: RoleSlot(role: .scanner, instance: $0.name)) }
        roles += (0..<settings.inboundWorkers).map {
            RoleProcess(slot: RoleSlot(role: .inbound, instance: String($0)))
        }
        roles.append(RoleProcess(slot: RoleSlot(role: .operations, instance: "")))
        buffers = Array(repeating: [], count: roles.count)
    }

    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec)
    }

    static var nowMs: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Runs until it is told to stop. Exit status: 0 after an orderly stop, 1 where it could not start.
    mutating func run() -> Int32 {
        signals = postern_signal_descriptor([SIGTERM, SIGINT, SIGHUP, SIGCHLD], 4)
        guard signals >= 0 else {
            return fail("signals can't be read: \(String(cString: strerror(-signals)))")
        }
        lock = open(StateFolder.lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            return fail("another dispatcher runs on state folder \(settings.stateFolder); stop it first")
        }
        var ends: [Int32] = [-1, -1]
        guard postern_pipe(&ends) == 0 else { return fail("a pipe can't be made") }
        lifeline = (ends[0], ends[1])
        let mark = RunningMark(path: StateFolder.runningMark)
        if let last = mark.predecessor {
            counters.add(.dispatcherUncleanStarts)
            logger.log(DispatcherEvent.unclean(last: last))
        }
        if let reason = mark.trouble { logger.log(DispatcherEvent.unmarked(reason: reason)) }
        let status = serve()
        mark.remove()
        return status
    }

    /// Until the last role has ended.
    private mutating func serve() -> Int32 {
        guard openListeners() else { return 1 }
        startCompiler(askedBy: nil)
        while true {
            pollOnce()
            let now = Self.now
            switch phase {
            case .serving:
                if ruleset.isEmpty {
                    // The first compilation failed; its complaints are printed.
                    if reload == nil { return 1 }
                    continue
                }
                startDue(now)
                askScanners()
                announceReady()
            case .drainingInbound(let until):
                if isGone(.inbound) && isGone(.operations) || now >= until { beginDrainingRest(now) }
            case .drainingRest(let until):
                if roles.allSatisfy({ $0.state == .gone }) {
                    logger.log(DispatcherEvent.stopped)
                    return 0
                }
                if now >= until {
                    for role in roles where role.pid > 0 { kill(role.pid, SIGKILL) }
                }
            }
        }
    }

    private func fail(_ text: String) -> Int32 {
        StandardError.print("postern: \(text)")
        return 1
    }

    private mutating func openListeners() -> Bool {
        for index in 0..<settings.inboundWorkers {
            var mine: [Listener] = []
            for service in settings.services {
                var endpoint = service.listen
                // Port 0 is picked once; the other workers share what the first one got.
                if endpoint.port == 0,
                    let first = listeners["0"]?.first(where: { $0.service == service.name })
                {
                    endpoint.port = first.endpoint.port
                }
                var port: UInt16 = 0
                let descriptor = endpoint.address.octets.withUnsafeBufferPointer {
                    postern_listen(
                        $0.baseAddress, Int32($0.count), UInt16(clamping: endpoint.port), Self.backlog, &port)
                }
                guard descriptor >= 0 else {
                    _ = fail(
                        "service \(service.name): \(endpoint) can't be opened: \(String(cString: strerror(errno))); "
                            + "is another server there, or the port below 1024 and we are not root?")
                    return false
                }
                endpoint.port = Int(port)
                mine.append(Listener(service: service.name, descriptor: descriptor, endpoint: endpoint))
            }
            listeners[String(index)] = mine
        }
        return true
    }

    // MARK: The loop

    private mutating func pollOnce() {
        var descriptors = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
        var owners: [Int] = []
        for (index, role) in roles.enumerated() where role.control >= 0 {
            descriptors.append(pollfd(fd: role.control, events: Int16(POLLIN), revents: 0))
            owners.append(index)
        }
        let compiler = reload?.compiler.control ?? -1
        if compiler >= 0 { descriptors.append(pollfd(fd: compiler, events: Int16(POLLIN), revents: 0)) }
        let count = poll(&descriptors, nfds_t(descriptors.count), 200)
        guard count > 0 else { return expireReload() }
        if descriptors[0].revents != 0 { takeSignals() }
        for (position, index) in owners.enumerated() where descriptors[position + 1].revents != 0 {
            readLines(of: index)
        }
        if compiler >= 0, let last = descriptors.last, last.revents != 0 { readCompiler() }
        expireReload()
    }

    private mutating func takeSignals() {
        // At most one of each kind is queued, so a handful of turns empties it.
        for _ in 0..<16 {
            switch postern_next_signal(signals) {
            case SIGTERM: beginStop("SIGTERM")
            case SIGINT: beginStop("SIGINT")
            case SIGHUP: if reload == nil { startCompiler(askedBy: nil) }
            case SIGCHLD: reap()
            default: return
            }
        }
    }

    private mutating func reap() {
        while true {
            var status: Int32 = 0
            let pid = waitpid(-1, &status, WNOHANG)
            guard pid > 0 else { return }
            if let index = roles.firstIndex(where: { $0.pid == pid }) { died(index, status: status) }
        }
    }

    private mutating func died(_ index: Int, status: Int32) {
        let pid = roles[index].pid
        closeControl(index)
        let wasAsked = roles[index].state == .draining
        roles[index].died(now: Self.now)
        guard !wasAsked else { return }
        if case .serving = phase {} else { return }
        counters.add(.rolesRestarted)
        reload?.waitingFor.remove(roles[index].slot)
        takeBack(from: roles[index].slot)
        logger.log(
            DispatcherEvent.roleDied(
                slot: roles[index].slot.description, pid: pid, status: Self.words(status),
                restartInSeconds: max(0, roles[index].restartAt - Self.now)))
        lendIfHopeless(index)
    }

    private static func words(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "exit \((status >> 8) & 0xFF)" : "signal \(signal)"
    }

    private mutating func closeControl(_ index: Int) {
        if roles[index].control >= 0 { close(roles[index].control) }
        roles[index].control = -1
        buffers[index] = []
    }

    private func isGone(_ role: RoleName) -> Bool {
        roles.allSatisfy { $0.slot.role != role || $0.state == .gone }
    }

    // MARK: Stopping

    mutating func beginStop(_ reason: String) {
        guard case .serving = phase else { return }
        logger.log(DispatcherEvent.stopping(reason: reason))
        phase = .drainingInbound(until: Self.now + Self.drainSecondsMax)
        for index in roles.indices where [.inbound, .operations].contains(roles[index].slot.role) {
            drain(index)
        }
    }

    private mutating func beginDrainingRest(_ now: Int64) {
        phase = .drainingRest(until: now + Self.killSecondsMax)
        for index in roles.indices { drain(index) }
    }

    mutating func drain(_ index: Int) {
        guard roles[index].pid > 0, roles[index].state != .draining else { return }
        roles[index].state = .draining
        if roles[index].control >= 0 { ControlLine.send(.drain, to: roles[index].control) }
        if roles[index].slot.role == .scanner { kill(roles[index].pid, SIGTERM) }
    }
}
