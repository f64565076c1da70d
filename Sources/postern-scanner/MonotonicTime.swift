// SPDX-License-Identifier: MIT
internal import Glibc

/// Time that only goes forward, the same in parent and workers.
enum MonotonicTime {
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    static var milliseconds: UInt64 { nanoseconds / 1_000_000 }
}
