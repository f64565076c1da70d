// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// What the scripts of all levels come to for one recipient.
struct FilterFinding: Sendable {
    /// A copy besides the recipient's own, or instead of it.
    struct Copy: Sendable {
        var address: Address
        var debt: Debt
        /// Over the message that the first script saw; nil where it is that one.
        var edition: Edition?
        /// Fields of ours on top of it.
        var lines: [UInt8] = []
        /// Nil: that of the recipient's own copy.
        var sender: EnvelopeSender?
        /// What the script wished of its delivery, where it is one that a script sends on.
        var redirection: SieveAction.Redirection?
    }

    var verdict: Verdict
    /// The recipient itself gets the message.
    var keepsCopy = true
    var copies: [Copy] = []
    /// No other level had a say: what is done besides is left undone too.
    var isFinal = false
    /// Of the recipient's own copy; as in `Copy`.
    var edition: Edition?
    var lines: [UInt8] = []
    /// Flags of the recipient's own copy (RFC 5232).
    var flags: [String] = []
    /// The command or the failure that led here.
    var place: RulePlace?
    /// The same where it is no script's: a table's entry.
    var rule: String?
    /// The level whose script refused the message; nil where none did.
    var refusedBy: FilterLevels.Ran?

    init(
        verdict: Verdict, keepsCopy: Bool = true, isFinal: Bool = false, edition: Edition? = nil,
        flags: [String] = [], place: RulePlace? = nil, refusedBy: FilterLevels.Ran? = nil
    ) {
        self.verdict = verdict
        self.keepsCopy = keepsCopy
        self.isFinal = isFinal
        self.edition = edition
        self.flags = flags
        self.place = place
        self.refusedBy = refusedBy
    }
}
