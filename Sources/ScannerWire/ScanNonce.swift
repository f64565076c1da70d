// SPDX-License-Identifier: MIT

/// Names one job: 128 random bits, so that an answer to another job, late or invented, is never taken for
/// this one's.
package struct ScanNonce: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// From the system's generator.
    package static func random() -> ScanNonce {
        ScanNonce(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
    }
}
