// SPDX-License-Identifier: MIT

package import Mail

/// Which scripts would judge mail for a recipient: for those who want to know before there is any.
package struct ScriptListing: Evaluation {
    package struct Line: Codable, Hashable, Sendable {
        /// `user`, `destination channel` and so on.
        package var level: String
        package var name: String
        /// Why it can't be run; nil where it can.
        package var failure: String?
    }

    private var search: ScriptSearch

    /// `recipient` as the gates admitted him, `session` for the channel that mail comes by.
    package init(ruleset: Ruleset, recipient: ContentFacts.Recipient, session: SessionFacts) {
        search = ScriptSearch(ruleset: ruleset, recipient: recipient, session: session)
    }

    package mutating func next(_ answers: [Answer]) -> Step<[Line]> {
        switch search.next(answers) {
        case .ask(let questions): .ask(questions)
        case .done(let found, let trail):
            .done(
                found.map { Line(level: $0.level.rawValue, name: $0.name, failure: $0.failure) }, trail)
        }
    }
}
