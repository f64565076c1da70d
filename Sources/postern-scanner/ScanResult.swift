// SPDX-License-Identifier: MIT
internal import CClamAV
internal import ScannerWire

/// What libclamav said about one job, and what that means.
struct ScanResult {
    let code: cl_error_t
    /// Of the signature or heuristic, if one matched.
    let name: String?
    let notes: ScanNotes

    /// `clean` only if libclamav says so, saw every kind of content that it met, and complained of nothing.
    var finding: ScanAnswer.Finding {
        switch code {
        case CL_VIRUS: return matched(name ?? "unnamed signature")
        case CL_SUCCESS: return unmatched
        case CL_ETIMEOUT: return .unscanned(reason: "over its time budget", isTransient: true)
        case CL_EMAXREC, CL_EMAXSIZE, CL_EMAXFILES, CL_EMEM:
            return .unscanned(reason: "over a limit: \(words)", isTransient: false)
        case CL_EFORMAT, CL_EPARSE, CL_EUNPACK:
            return .unscanned(reason: "malformed: \(words)", isTransient: false)
        default: return .unscanned(reason: "libclamav failed: \(words)", isTransient: true)
        }
    }

    /// Some heuristics don't say that something was found, but that something could not be looked at.
    private func matched(_ name: String) -> ScanAnswer.Finding {
        if name.hasPrefix("Heuristics.Limits.Exceeded.MaxScanTime") {
            return .unscanned(reason: "over its time budget (\(name))", isTransient: true)
        }
        if name.hasPrefix("Heuristics.Limits.Exceeded") || name.hasPrefix("Heuristics.XZ.DicSizeLimit") {
            return .unscanned(reason: "over a limit (\(name))", isTransient: false)
        }
        if name.hasPrefix("Heuristics.Encrypted") {
            return .unscanned(reason: "encrypted (\(name))", isTransient: false)
        }
        if name.hasPrefix("Heuristics.Broken") {
            return .unscanned(reason: "malformed (\(name))", isTransient: false)
        }
        return .infected(name: name)
    }

    private var unmatched: ScanAnswer.Finding {
        if !notes.unopened.isEmpty {
            let kinds = notes.unopened.sorted().joined(separator: ", ")
            return .unscanned(reason: "not looked into: \(kinds)", isTransient: false)
        }
        if let complaint = notes.complaint {
            let kind = notes.isOverLimit ? "over a limit" : "not looked at as a whole"
            return .unscanned(reason: "\(kind): \(complaint)", isTransient: false)
        }
        return .clean
    }

    private var words: String {
        guard let text = cl_strerror(code) else { return "code \(code.rawValue)" }
        return String(cString: text)
    }
}
