// SPDX-License-Identifier: MIT
internal import Mail

/// What a template waits for: a question, and how its answer is used.
enum TableRequest: Sendable {
    case callout(Callout)
    case database(DatabaseQuestion)
    case directory(DirectoryLookup)
    case sequence(SequenceFormat)
    /// True for so many of a million.
    case dice(Int)

    var question: Question {
        switch self {
        case .callout(let callout): .callout(callout)
        case .database(let question): .database(question)
        case .directory(let lookup): .directory(lookup.question)
        case .sequence(let format): format.question
        case .dice: .dice
        }
    }

    /// What of it came from outside or was made of it, in octets.
    var octets: Int {
        switch self {
        case .callout(let callout): callout.argument.utf8.count
        case .database(let question): question.key.utf8.count
        case .directory(let lookup): lookup.question.base.utf8.count + lookup.question.filter.utf8.count
        case .sequence, .dice: 0
        }
    }

    /// For traces: what was asked, and of whom.
    var traced: (kind: TableTrace.LookupKind, argument: String) {
        switch self {
        case .callout(let callout): (.callout, callout.argument)
        case .database(let question): (.database, question.key)
        case .directory(let lookup): (.directory, lookup.description)
        case .sequence(let format): (.sequence, format.name)
        case .dice(let millionths): (.dice, "\(millionths) of 1000000")
        }
    }
}
