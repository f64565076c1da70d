// SPDX-License-Identifier: MIT

/// The meters' clock: begins at the wall's time and goes on steadily, so that a clock that is set forth or
/// back lengthens and shortens nothing. After a restart it begins no earlier than the latest time that was
/// kept.
struct MeterTime {
    private let beginMs: Int64
    private let steadyBeginMs: Int64

    init(wallMs: Int64, steadyMs: Int64, latestKeptMs: Int64) {
        beginMs = max(wallMs, latestKeptMs)
        steadyBeginMs = steadyMs
    }

    func now(steadyMs: Int64) -> Int64 { beginMs + max(0, steadyMs - steadyBeginMs) }
}

/// Where senses that keep things get the time; tests have another.
package struct SenseClock: Sendable {
    /// Milliseconds of a clock that never jumps.
    package var steadyMs: @Sendable () -> Int64
    /// Milliseconds since 1970-01-01 UTC, as the machine believes.
    package var wallMs: @Sendable () -> Int64

    package init(steadyMs: @escaping @Sendable () -> Int64, wallMs: @escaping @Sendable () -> Int64) {
        self.steadyMs = steadyMs
        self.wallMs = wallMs
    }

    package static let system = SenseClock(
        steadyMs: { SteadyTime.milliseconds() }, wallMs: { SteadyTime.wallMilliseconds() })
}
