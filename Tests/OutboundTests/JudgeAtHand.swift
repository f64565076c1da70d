// SPDX-License-Identifier: MIT

import DurableQueue
import Mail

@testable import Outbound

/// A judge that rules as a test says, and remembers what it was asked.
final class JudgeAtHand: DeliveryJudge {
    struct Log {
        var attempts: [DequeueQuery] = []
        var addresses: [AddressQuery] = []
        var notes: [DeliveryNote] = []
        var copies: [CopyQuery] = []
    }

    let matters: DeliveryMatters
    let log = Journal(Log())
    private let attempt: @Sendable (DequeueQuery, Int) -> DequeueRuling
    private let address: @Sendable (AddressQuery) -> AddressRuling
    private let copy: @Sendable (CopyQuery) -> String?

    /// `attempt` also hears how many attempts were asked about so far, this one included.
    init(
        _ matters: DeliveryMatters,
        attempt: @escaping @Sendable (DequeueQuery, Int) -> DequeueRuling = { _, _ in .proceed },
        address: @escaping @Sendable (AddressQuery) -> AddressRuling = { _ in .connect },
        copy: @escaping @Sendable (CopyQuery) -> String? = { _ in nil }
    ) {
        self.matters = matters
        self.attempt = attempt
        self.address = address
        self.copy = copy
    }

    func judge(_ query: DequeueQuery, then finish: @escaping @Sendable (DequeueRuling) -> Void) {
        let count = log.change { log in
            log.attempts.append(query)
            return log.attempts.count
        }
        finish(attempt(query, count))
    }

    func judge(_ query: AddressQuery, then finish: @escaping @Sendable (AddressRuling) -> Void) {
        log.change { $0.addresses.append(query) }
        finish(address(query))
    }

    func note(_ record: DeliveryNote) { log.change { $0.notes.append(record) } }

    func judge(_ query: CopyQuery, then finish: @escaping @Sendable (String?) -> Void) {
        log.change { $0.copies.append(query) }
        finish(copy(query))
    }
}
