// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc

extension ConfinementProfile {
    /// Takes from this process what the profile refuses. There is no way back.
    ///
    /// A measure that this kernel doesn't have is reported and the rest still applied: less confinement is
    /// better than none, and the operator is told. Call it once, before a second thread exists.
    package func apply() -> ConfinementReport {
        var report = ConfinementReport(profile: name)
        applyLimits(to: &report)
        if refusals.contains(.unlisted) {
            report.add("no dumps", status: postern_forbid_dumps())
        }
        report.add("no_new_privs", status: postern_no_new_privileges())
        if governsFiles { applyFileRules(to: &report) }
        applyCallFilter(to: &report)
        return report
    }

    private func applyLimits(to report: inout ConfinementReport) {
        for limit in limits {
            let (resource, value, words) = limit.parameters
            report.add("limit: \(words) \(value)", status: postern_set_limit(resource, value))
        }
    }

    private func applyFileRules(to report: inout ConfinementReport) {
        let version = postern_landlock_version()
        guard version > 0 else {
            report.add("Landlock", status: version)
            return
        }
        let deniesTCP = refusals.contains(.network) || refusals.contains(.unlisted)
        let ruleset = postern_landlock_create(deniesTCP, refusals.contains(.signals))
        guard ruleset >= 0 else {
            report.add("Landlock", status: ruleset)
            return
        }
        defer { close(ruleset) }
        var absent: [String] = []
        for (paths, writes) in [(readOnlyPaths, false), (readWritePaths, true)] {
            for path in paths {
                let status = postern_landlock_allow(ruleset, path, writes)
                // A path that isn't there stays refused, which is stricter, never laxer.
                if status != 0 && !(status == -ENOENT && !writes) {
                    absent.append("\(path): \(describe(status))")
                }
            }
        }
        let status = postern_landlock_enforce(ruleset)
        let detail = absent.isEmpty ? "version \(version)" : "version \(version); not opened: \(absent)"
        report.add("Landlock", status: status, detail: detail)
    }

    private func applyCallFilter(to report: inout ConfinementReport) {
        var flags: UInt32 = 0
        for refusal in refusals { flags |= refusal.flag }
        guard flags != 0 else { return }
        report.add("seccomp", status: postern_filter_calls(flags, getpid()))
    }
}

/// The system's words for a negative error number.
func describe(_ status: Int32) -> String {
    guard let words = strerror(-status) else { return "error \(-status)" }
    return String(cString: words)
}

extension ConfinementProfile.Refusal {
    fileprivate var flag: UInt32 {
        switch self {
        case .system: UInt32(POSTERN_REFUSE_SYSTEM)
        case .exec: UInt32(POSTERN_REFUSE_EXEC)
        case .processes: UInt32(POSTERN_REFUSE_PROCESSES)
        case .network: UInt32(POSTERN_REFUSE_NETWORK)
        case .signals: UInt32(POSTERN_REFUSE_SIGNALS)
        case .unlisted: UInt32(POSTERN_REFUSE_UNLISTED)
        }
    }
}

extension ConfinementProfile.ResourceLimit {
    fileprivate var parameters: (resource: Int32, value: UInt64, words: String) {
        switch self {
        case .coreOctets(let value): (Int32(POSTERN_LIMIT_CORE_OCTETS), value, "core octets")
        case .addressSpaceOctets(let value):
            (Int32(POSTERN_LIMIT_ADDRESS_SPACE_OCTETS), value, "address space octets")
        case .processesAndThreads(let value):
            (Int32(POSTERN_LIMIT_PROCESSES), value, "processes and threads")
        case .fileOctets(let value): (Int32(POSTERN_LIMIT_FILE_OCTETS), value, "file octets")
        case .openFiles(let value): (Int32(POSTERN_LIMIT_OPEN_FILES), value, "open files")
        }
    }
}
