// SPDX-License-Identifier: MIT

/// What the scanner tells the operator, one logfmt line each, in the form that the other roles use. Nothing
/// of a message is ever in it.
enum ScannerEvent {
    /// Signatures are loaded and the socket is open.
    case ready(
        process: Int32, signatures: UInt32, hasOnlyTestSignatures: Bool, workers: Int, socket: String,
        tookMs: UInt64)
    case confinementMissing(measure: String)
    case workerStarted(worker: Int, process: Int32, confinement: String)
    /// The watchdog stopped it.
    case workerOverran(worker: Int, process: Int32, wallMs: UInt64, cpuMs: UInt64)
    /// It ended by itself, `hadJob` in the middle of one.
    case workerCrashed(worker: Int, process: Int32, status: Int32, hadJob: Bool)
    case jobRefused(reason: String)
    /// A warning of libclamav while signatures load.
    case engineSaid(String)
    case stopping(reason: String)
    case failed(reason: String, status: Int32)

    enum Level: String {
        case info
        case warning
        case error
    }

    /// `noun.verb`, as in `docs/events.md`.
    var name: String {
        switch self {
        case .ready: "scanner.ready"
        case .confinementMissing: "scanner.confinement_missing"
        case .workerStarted: "scanner.worker_started"
        case .workerOverran: "scanner.worker_overran"
        case .workerCrashed: "scanner.worker_crashed"
        case .jobRefused: "scanner.job_refused"
        case .engineSaid: "scanner.engine_said"
        case .stopping: "scanner.stopping"
        case .failed: "scanner.failed"
        }
    }

    /// error: someone must act. warning: look when convenient. info: normal life.
    var level: Level {
        switch self {
        // With test signatures alone nothing real is found: someone must act, unless this is a trial.
        case .ready(_, _, let hasOnlyTestSignatures, _, _, _): hasOnlyTestSignatures ? .warning : .info
        case .confinementMissing, .workerOverran, .workerCrashed, .jobRefused, .engineSaid: .warning
        case .workerStarted, .stopping: .info
        case .failed: .error
        }
    }

    /// Units in the names.
    var fields: [(String, String)] {
        switch self {
        case .ready(let process, let signatures, let onlyTest, let workers, let socket, let tookMs):
            [
                ("pid", "\(process)"), ("signatures", "\(signatures)"),
                ("only_test_signatures", "\(onlyTest)"),
                ("workers", "\(workers)"), ("socket", socket), ("took_ms", "\(tookMs)"),
            ]
        case .confinementMissing(let measure): [("measure", measure)]
        case .workerStarted(let worker, let process, let confinement):
            [("worker", "\(worker)"), ("pid", "\(process)"), ("confinement", confinement)]
        case .workerOverran(let worker, let process, let wallMs, let cpuMs):
            [
                ("worker", "\(worker)"), ("pid", "\(process)"), ("wall_ms", "\(wallMs)"),
                ("cpu_ms", "\(cpuMs)"),
            ]
        case .workerCrashed(let worker, let process, let status, let hadJob):
            [
                ("worker", "\(worker)"), ("pid", "\(process)"), ("wait_status", "\(status)"),
                ("had_job", "\(hadJob)"),
            ]
        case .jobRefused(let reason): [("reason", reason)]
        case .engineSaid(let text): [("text", text)]
        case .stopping(let reason): [("reason", reason)]
        case .failed(let reason, let status): [("reason", reason), ("status", "\(status)")]
        }
    }

    /// Its line, without the line end.
    var line: String {
        let told = fields.map { " \($0)=\(Self.escape($1))" }.joined()
        return "level=\(level.rawValue) role=scanner event=\(name)\(told)"
    }

    func write() { StandardStreams.log(line) }

    /// Octets of one value, at most.
    static let valueOctetsMax = 1_024

    /// Bare where that is safe, else quoted; what isn't printable ASCII is shown as `?`.
    static func escape(_ value: String) -> String {
        var isBare = !value.isEmpty
        var out: [UInt8] = []
        for byte in value.utf8.prefix(valueOctetsMax) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out += [UInt8(ascii: "\\"), byte]
                isBare = false
            case UInt8(ascii: " "), UInt8(ascii: "="):
                out.append(byte)
                isBare = false
            case 0x21...0x7E: out.append(byte)
            default: out.append(UInt8(ascii: "?"))
            }
        }
        let text = String(decoding: out, as: UTF8.self)
        return isBare ? text : "\"\(text)\""
    }
}
