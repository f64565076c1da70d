// SPDX-License-Identifier: MIT

internal import Mail

/// What a next hop says of a recipient.
package struct VerifyResult: Codable, Hashable, Sendable {
    package enum Outcome: String, Codable, CaseIterable, Sendable {
        /// It would take mail for it; a maildir takes everything.
        case accepted
        /// It refused this address for good, in the words of `reason`.
        case unknown
        /// Nobody can say now, as `reason` says.
        case unsure
    }

    package var outcome: Outcome
    package var reason: String?

    package init(outcome: Outcome, reason: String? = nil) {
        self.outcome = outcome
        self.reason = reason
    }

    init(_ answer: RecipientAnswer) {
        switch answer {
        case .accepted: self.init(outcome: .accepted)
        case .unknown(let reply): self.init(outcome: .unknown, reason: reply)
        case .unsure(let reason): self.init(outcome: .unsure, reason: reason)
        }
    }
}
