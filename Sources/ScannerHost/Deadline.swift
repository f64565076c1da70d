// SPDX-License-Identifier: MIT
internal import Glibc

/// A point in monotonic time up to which something may take.
struct Deadline: Sendable {
    private let start: Int
    private let end: Int

    init(milliseconds: Int) {
        start = Self.now()
        end = start &+ max(0, milliseconds)
    }

    var elapsedMs: Int { Self.now() &- start }
    var remainingMs: Int { max(0, end &- Self.now()) }
    /// All that there was.
    var totalMs: Int { end &- start }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec &* 1_000 &+ time.tv_nsec / 1_000_000
    }
}
