// SPDX-License-Identifier: MIT

package import Mail

/// What a script came to for one message.
package struct ScriptOutcome: Codable, Hashable, Sendable {
    /// In the order of the script, each distinct action once. Empty after a run-time error.
    package var actions: [SieveAction]
    /// Whether nothing cancelled the implicit keep (RFC 5228 §2.10.2). True after a run-time error.
    package var implicitKeep: Bool
    /// A run-time error with its place, for the script's owner: `mta.sieve:12: ...`. Nil where there was
    /// none.
    package var error: String?
    /// Where the run-time error happened.
    package var errorPlace: RulePlace?
    /// The first command that cancelled the implicit keep; nil where the implicit keep stands.
    package var decidedBy: RulePlace?

    /// What is to be remembered once the message is committed. Empty after a run-time error.
    package var effects: [Effect]
    /// The flags of an implicit keep (RFC 5232 §5).
    package var flags: [String]

    /// Mistakes that the script went on after, each with its place: an expression from a variable that is
    /// none, a redirect that would go round in a circle.
    package var remarks: [String]

    /// The message as the script edited it, for the implicit keep; actions have their own
    /// (`SieveAction.edition`). Nil where it didn't, and after a run-time error.
    package var edition: Edition?

    package init(
        actions: [SieveAction], implicitKeep: Bool, error: String? = nil, errorPlace: RulePlace? = nil,
        decidedBy: RulePlace? = nil, effects: [Effect] = [],
        flags: [String] = [], edition: Edition? = nil, remarks: [String] = []
    ) {
        self.remarks = remarks
        self.edition = edition
        self.effects = effects
        self.flags = flags
        self.actions = actions
        self.implicitKeep = implicitKeep
        self.error = error
        self.errorPlace = errorPlace
        self.decidedBy = decidedBy
    }
}
