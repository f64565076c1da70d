// SPDX-License-Identifier: MIT

/// What is known of a message's spam score and viruses when its scripts run (RFC 5235).
package struct SpamFinding: Codable, Hashable, Sendable {
    /// 0 to 100, 100 certainly spam; nil where nobody looked.
    package var percent: Double?
    /// 0 not looked at, 1 none, 2 cured, 3 perhaps, 4 perhaps cured, 5 certainly.
    package var virusLevel: Int

    package init(percent: Double? = nil, virusLevel: Int = 0) {
        self.percent = percent
        self.virusLevel = virusLevel
    }

    /// RFC 5235 §3.2.1: 0 not looked at, 1 none, 10 certain.
    package static func percent(score: Int) -> Double? {
        score <= 0 ? nil : Double(min(score, 10) - 1) * 100 / 9
    }

    /// 0 to 10.
    package var score: Int {
        guard let percent else { return 0 }
        return min(10, max(1, Int((percent * 9 / 100).rounded(.down)) + 1))
    }
}
