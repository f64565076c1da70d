// SPDX-License-Identifier: MIT

/// What the dispatcher and its roles tell each other: one JSON line each, over the socket that a role has as
/// descriptor 3.
enum ControlMessage: Codable, Sendable {
    // From a role.

    /// The role serves. `confinement` has a line for each measure, taken or missing.
    case ready(confinement: [String], note: String)
    /// From now on the ruleset with this hash judges new messages.
    case acknowledged(ruleset: String)
    /// The ruleset could not be loaded; the old one stays.
    case refused(ruleset: String, reason: String)
    /// The one-shot compiler's result: nil where there were errors. `replacesLookups` where those rules need
    /// another lookups role than the one that runs.
    case compiled(ruleset: String?, complaints: Int, text: String, replacesLookups: Bool)
    /// From operations, which has it from the command line.
    case request(id: Int, act: Act)

    // From the dispatcher.

    case judgeBy(ruleset: String)
    /// Accept on another listening socket too, whose own worker keeps dying. The descriptor travels beside
    /// the line; `receive` puts its number here, -1 where none came.
    case adopt(descriptor: Int32)
    /// Take no new work, finish what is under way, end.
    case drain
    /// `text` is one JSON object.
    case response(id: Int, text: String)

    enum Act: String, Codable, Sendable {
        case status
        case reload
        case stop
    }
}
