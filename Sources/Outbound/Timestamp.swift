// SPDX-License-Identifier: MIT

internal import Glibc

/// The role's two clocks, and how a time is written.
enum Timestamp {
    /// Seconds since 1970-01-01 UTC: what is stored, and compared with what was stored.
    static var now: Int64 { Int64(time(nil)) }

    /// Milliseconds of a clock that nobody sets: for what is measured or waited for within the process.
    static var monotonicMs: Int {
        var value = timespec()
        clock_gettime(CLOCK_MONOTONIC, &value)
        return value.tv_sec * 1_000 + value.tv_nsec / 1_000_000
    }

    /// RFC 3339, UTC, whole seconds: `2026-11-21T09:30:00Z`.
    static func text(_ seconds: Int64) -> String {
        var moment = time_t(seconds)
        var fields = tm()
        gmtime_r(&moment, &fields)
        let date = "\(fields.tm_year + 1_900)-\(two(fields.tm_mon + 1))-\(two(fields.tm_mday))"
        return "\(date)T\(two(fields.tm_hour)):\(two(fields.tm_min)):\(two(fields.tm_sec))Z"
    }

    private static func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
