// SPDX-License-Identifier: MIT

/// What one job may cost inside libclamav. Passing one of the first four is told as
/// `Heuristics.Limits.Exceeded`, which makes the message unscanned, never clean.
struct ScanEngineLimits: Hashable {
    /// Octets of the message, and of each file unpacked from it. Above what any sensible size limit lets in.
    var fileOctetsMax: Int64 = 100 << 20
    /// Octets looked at in one job, everything unpacked together.
    var scanOctetsMax: Int64 = 400 << 20
    /// Archives within archives.
    var depthMax: Int64 = 17
    /// Files unpacked in one job.
    var filesMax: Int64 = 10_000
    /// Steps of one regular expression on one file: ClamAV's own figure.
    var expressionStepsMax: Int64 = 100_000
    /// Nesting within one regular expression: ClamAV's own figure.
    var expressionDepthMax: Int64 = 2_000
}
