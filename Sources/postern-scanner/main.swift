// SPDX-License-Identifier: MIT
internal import CPostern
internal import Confinement
internal import Glibc

// Synchronous from here to the end, and one thread only: confinement binds the calling thread, and forking a
// process with several leaves the child with locks that nobody holds.

/// In the order that the promises need: rights go first, then files, then signatures are read, and only a
/// scanner that is ready has a socket.
func run(_ options: ScannerOptions, startedAt start: UInt64) throws(ScannerExit) {
    let control = ControlDescriptor.inherited()
    let user = try dropRights(options)
    try TemporaryFolder.prepare(options.temporary)
    let signatures = try SignatureFolder(at: options.signatures)
    let report = ConfinementProfile.scannerParent(
        signatures: options.signatures, readWrite: [options.temporary, options.socketFolder]
    ).apply()
    for line in [user] + report.lines where !line.isApplied {
        ScannerEvent.confinementMissing(measure: line.description).write()
    }
    let engine = try ScanEngine(
        signatures: signatures, limits: ScanEngineLimits(), temporary: options.temporary)
    let socket = try ListeningSocket(path: options.socket)
    var supervisor = try WorkerSupervisor(options: options, engine: engine, socket: socket, control: control)
    try supervisor.startWorkers()
    try supervisor.publish(startedAt: start)
    supervisor.watch()
}

func dropRights(_ options: ScannerOptions) throws(ScannerExit) -> ConfinementReport.Line {
    do {
        if geteuid() == 0, let name = options.user {
            // Made by root where only root may, and given to the user who will work in it.
            let user = try ProcessUser(named: name)
            mkdir(options.temporary, 0o700)
            chown(options.temporary, user.uid, user.gid)
        }
        return try ProcessUser.drop(to: options.user)
    } catch {
        throw ScannerExit(.noRights, error.message)
    }
}

signal(SIGPIPE, SIG_IGN)
umask(0o077)
do {
    switch try ScannerOptions.parse(Array(CommandLine.arguments.dropFirst())) {
    case .help(let text): StandardStreams.print(text)
    case .run(let options): try run(options, startedAt: MonotonicTime.nanoseconds)
    }
} catch {
    ScannerEvent.failed(reason: error.message, status: error.status.rawValue).write()
    exit(error.status.rawValue)
}
