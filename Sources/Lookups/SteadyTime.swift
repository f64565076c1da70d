// SPDX-License-Identifier: MIT

internal import Glibc

/// Clocks. The steady one counts suspended time too and never jumps, whatever is done to the wall's.
enum SteadyTime {
    static func milliseconds() -> Int64 { read(CLOCK_BOOTTIME) }

    /// Since 1970-01-01 UTC, as the machine believes.
    static func wallMilliseconds() -> Int64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000 &+ Int64(time.tv_nsec) / 1_000_000
    }
}
