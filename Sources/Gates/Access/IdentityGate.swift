// SPDX-License-Identifier: MIT

package import Mail

/// AUTH came to its credentials (RFC 4954): is the client who it says? The password is no fact and no part of
/// the question: whoever carries the question carries it beside, and no record has it.
package struct IdentityGate: Evaluation {
    private let question: IdentityQuestion
    private var isAsked = false

    /// `mechanism` is `PLAIN` or `LOGIN`. `client`: whose guesses are counted.
    package init(mechanism: String, identity: String, client: IPAddress? = nil) {
        question = IdentityQuestion(mechanism: mechanism, identity: identity, client: client)
    }

    package mutating func next(_ answers: [Answer]) -> Step<IdentityFinding> {
        guard isAsked else {
            isAsked = true
            return .ask([.identity(question)])
        }
        switch answers.first {
        case .identity(.verified(let address))?:
            return done(.verified(address), "is \(address)")
        case .identity(.refused)?:
            return done(.refused(.badIdentity), "refused")
        case .identity(.failed(let reason))?, .unavailable(let reason)?:
            return done(.refused(.identityUnknown), "nobody could say: \(reason)")
        default:
            return done(.refused(.identityUnknown), "the answer is about no identity")
        }
    }

    private func done(_ finding: IdentityFinding, _ result: String) -> Step<IdentityFinding> {
        .done(
            finding,
            Trail([
                Trail.Entry(
                    .policy, rule: nil, about: "AUTH \(question.mechanism) \(question.identity)",
                    result: result)
            ]))
    }
}

/// What came of an AUTH command.
package enum IdentityFinding: Codable, Hashable, Sendable {
    /// The mail address that belongs to the identity.
    case verified(Address)
    /// 535 where the password is wrong, 454 where nobody could say.
    case refused(Reply)
}

extension Reply {
    /// RFC 4954 §6.
    static let badIdentity = Reply(535, "5.7.8", "Authentication credentials invalid")
    /// The same section: the client may come again.
    static let identityUnknown = Reply(454, "4.7.0", "Temporary authentication failure")
}
