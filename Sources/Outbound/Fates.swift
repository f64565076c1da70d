// SPDX-License-Identifier: MIT

internal import Mail
internal import SMTPProtocol

/// The results of one attempt, sorted by what follows from them.
struct Fates {
    var delivered: [Address] = []
    var deliveredReply: Reply?
    var rejected: [Address] = []
    var rejectedReply: Reply?
    /// To be tried again, those with an unknown outcome included.
    var deferredReply: Reply?
    var unknownCount = 0
    var unknownReply: Reply?

    init(_ results: [RecipientResult]) {
        for result in results {
            switch result.outcome {
            case .delivered(let reply):
                delivered.append(result.recipient)
                deliveredReply = deliveredReply ?? reply
            case .rejected(let reply):
                rejected.append(result.recipient)
                rejectedReply = rejectedReply ?? reply
            case .deferred(let reply):
                deferredReply = deferredReply ?? reply
            case .unknown(let reply):
                unknownCount += 1
                unknownReply = unknownReply ?? reply
                deferredReply = deferredReply ?? reply
            }
        }
    }
}
