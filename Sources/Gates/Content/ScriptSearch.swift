// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// Finds the scripts that judge one recipient's copy, of all levels.
struct ScriptSearch: Evaluation {
    /// A script that was found, or why the one that should have been there can't be run.
    struct Found: Sendable {
        var level: FilterLevels.Level
        /// Nil where it couldn't be had or doesn't compile; `failure` says why.
        var script: Script?
        /// For the trail, and for the owner: what is wrong, with its place.
        var failure: String?
        /// Whether asking again later may help: the directory is gone.
        var isTransient = false
    }

    private let found: [Found]

    init(ruleset: Ruleset, recipient: ContentFacts.Recipient, session: SessionFacts) {
        let policy = ruleset.policy
        let destination = policy.channels[recipient.channel]?.destinationScript
        let source = policy.channels[session.sourceChannel]?.sourceScript
        let scripts: [(FilterLevels.Level, Script?)] = [
            (.user, ruleset.scripts.users[recipient.address.description.lowercased()]),
            (.destinationChannel, destination.flatMap { ruleset.scripts.channels[$0] }),
            (.sourceChannel, source.flatMap { ruleset.scripts.channels[$0] }),
            (.mta, ruleset.scripts.mta),
        ]
        found = scripts.compactMap { level, script in script.map { Found(level: level, script: $0) } }
    }

    mutating func next(_ answers: [Answer]) -> Step<[Found]> { .done(found, Trail()) }
}
