// SPDX-License-Identifier: MIT

/// What matching may still cost in one evaluation.
struct MatchBudget: Sendable {
    private let limits: SieveLimits
    private var octetsLeft: Int

    init(limits: SieveLimits) {
        self.limits = limits
        octetsLeft = limits.matchedOctetsMax
    }

    var wildcardStepsMax: Int { limits.wildcardStepsMax }

    mutating func spend(octets: Int) throws(Interruption) {
        octetsLeft -= octets
        if octetsLeft < 0 {
            throw .fault("the tests compared more than \(limits.matchedOctetsMax) octets")
        }
    }
}
