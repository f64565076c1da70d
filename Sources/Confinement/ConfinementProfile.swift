// SPDX-License-Identifier: MIT

/// What one kind of process may still do once it has begun its work.
///
/// A profile is applied once, by `apply()`, in a synchronous `main` before any thread, event loop or task
/// starts: Landlock binds the calling thread and what it starts later, nothing that already runs beside it.
package struct ConfinementProfile: Sendable {
    /// The role, for the report.
    package var name: String
    /// System calls that fail with "operation not permitted".
    package var refusals: Set<Refusal>
    /// Files and folders that may be read. One that is missing is left out.
    package var readOnlyPaths: [String]
    /// Files and folders that may also be written, and below which files may be made and removed.
    package var readWritePaths: [String]
    /// False where the process must start programs that need files of their own.
    package var governsFiles: Bool
    package var limits: [ResourceLimit]

    package enum Refusal: Sendable, CaseIterable {
        /// Tracing, mounting, modules, BPF, namespaces, kernel keys, performance counters, io_uring.
        case system
        case exec
        /// New processes; threads are allowed.
        case processes
        /// Sockets of every family but AF_UNIX.
        case network
        /// Signals to other processes.
        case signals
        /// All that isn't needed to compute on open descriptors: sockets of any family, `connect`, `bind`,
        /// threads.
        case unlisted
    }

    package enum ResourceLimit: Sendable {
        case coreOctets(UInt64)
        /// The whole address space, what is mapped already included.
        case addressSpaceOctets(UInt64)
        /// Processes and threads of this user together. The kernel doesn't count them for root.
        case processesAndThreads(UInt64)
        case fileOctets(UInt64)
        case openFiles(UInt64)
    }

    package init(
        name: String, refusals: Set<Refusal>, readOnlyPaths: [String] = [], readWritePaths: [String] = [],
        governsFiles: Bool = true, limits: [ResourceLimit] = []
    ) {
        self.name = name
        self.refusals = refusals
        self.readOnlyPaths = readOnlyPaths
        self.readWritePaths = readWritePaths
        self.governsFiles = governsFiles
        self.limits = limits
    }
}

extension ConfinementProfile {
    /// Processes and threads that one user of ours may have, all roles together. Far more
    /// than ours need: whoever tries the gateway under a login has a desktop's threads beside it.
    package static let processesAndThreadsMax: UInt64 = 4_096

    /// What the C library reads while a process works: charset modules, time zones, locales. Read-only, and
    /// without them a conversion fails quietly, which a scanner must not.
    package static let runtimePaths: [String] = [
        "/usr/lib/x86_64-linux-gnu/gconv", "/usr/lib/aarch64-linux-gnu/gconv", "/usr/lib/locale",
        "/usr/share/zoneinfo", "/etc/localtime", "/dev/null", "/dev/urandom",
    ]

    /// What resolving names and checking certificates takes.
    package static let resolverPaths: [String] = [
        "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/services",
        "/etc/gai.conf", "/etc/ssl", "/usr/share/ca-certificates", "/usr/share/dns", "/var/lib/unbound",
    ]

    /// Sessions and gates: bytes from anyone. No Internet socket can be opened (the listener was handed
    /// over); Unix sockets to the other roles and memory files for the scanner can.
    ///
    /// - Parameter memoryOctetsMax: ceiling of the address space; nil for none.
    package static func inbound(
        readOnly: [String], readWrite: [String], memoryOctetsMax: UInt64? = nil
    ) -> ConfinementProfile {
        role(
            "inbound", refusals: [.system, .exec, .processes, .network, .signals], readOnly: readOnly,
            readWrite: readWrite, memoryOctetsMax: memoryOctetsMax)
    }

    /// Look-ups speak to resolvers and directories, so they have the network, and nothing to start.
    package static func lookups(readOnly: [String], readWrite: [String]) -> ConfinementProfile {
        role(
            "lookups", refusals: [.system, .exec, .processes, .signals], readOnly: readOnly + resolverPaths,
            readWrite: readWrite)
    }

    /// Delivery: the network to next hops, and the queue.
    package static func outbound(readOnly: [String], readWrite: [String]) -> ConfinementProfile {
        role(
            "outbound", refusals: [.system, .exec, .processes, .signals], readOnly: readOnly + resolverPaths,
            readWrite: readWrite)
    }

    /// Metrics and control.
    package static func operations(readOnly: [String], readWrite: [String]) -> ConfinementProfile {
        role(
            "operations", refusals: [.system, .exec, .processes, .signals], readOnly: readOnly,
            readWrite: readWrite)
    }

    /// Starts and signals the others, so files, programs and signals stay open to it; it reads nothing from
    /// outside. What it refuses is refused to all whom it starts.
    package static let dispatcher = ConfinementProfile(
        name: "dispatcher", refusals: [.system], governsFiles: false, limits: [.coreOctets(0)])

    /// The scanner's parent: loads signatures, forks workers, signals them. It never sees a message.
    ///
    /// - Parameters:
    ///   - signatures: folder of signatures, read-only.
    ///   - readWrite: the folder of temporary files and the one of the socket.
    package static func scannerParent(signatures: String, readWrite: [String]) -> ConfinementProfile {
        ConfinementProfile(
            name: "scanner", refusals: [.system, .exec, .network],
            readOnlyPaths: [signatures, "/proc"] + runtimePaths, readWritePaths: readWrite,
            limits: [.coreOctets(0)])
    }

    /// A worker that unpacks whatever strangers send, and may be taken over by it: it keeps its own temporary
    /// folder, the descriptors that it is handed, and processor time until the watchdog ends it.
    ///
    /// - Parameters:
    ///   - temporary: the worker's own folder; no other path can be opened, charset modules excepted.
    ///   - addressSpaceOctetsMax: the loaded engine included.
    ///   - fileOctetsMax: the longest file that unpacking may write.
    package static func scannerWorker(
        temporary: String, addressSpaceOctetsMax: UInt64, fileOctetsMax: UInt64
    ) -> ConfinementProfile {
        ConfinementProfile(
            name: "scanner-worker", refusals: [.system, .exec, .processes, .signals, .unlisted],
            readOnlyPaths: runtimePaths, readWritePaths: [temporary],
            limits: [
                .coreOctets(0), .addressSpaceOctets(addressSpaceOctetsMax), .fileOctets(fileOctetsMax),
                .openFiles(256),
            ])
    }

    private static func role(
        _ name: String, refusals: Set<Refusal>, readOnly: [String], readWrite: [String],
        memoryOctetsMax: UInt64? = nil
    ) -> ConfinementProfile {
        var limits: [ResourceLimit] = [.coreOctets(0), .processesAndThreads(processesAndThreadsMax)]
        if let memoryOctetsMax { limits.append(.addressSpaceOctets(memoryOctetsMax)) }
        return ConfinementProfile(
            name: name, refusals: refusals,
            readOnlyPaths: readOnly + runtimePaths + [
                "/proc/self", "/sys/fs/cgroup", "/sys/devices/system/cpu",
            ],
            readWritePaths: readWrite, limits: limits)
    }
}
