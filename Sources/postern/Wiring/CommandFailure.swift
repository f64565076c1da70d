// SPDX-License-Identifier: MIT

/// Why a command gives up: words for the person, a status for the program that called it.
struct CommandFailure: Error, CustomStringConvertible {
    /// 0 is "an answer was produced", whatever it says.
    enum Status: Int32 {
        /// What was to be checked is faulty.
        case faulty = 1
        /// The command can't be carried out as it was given: an option, a name or a file is wrong.
        case badUsage = 2
    }

    let status: Status
    let description: String

    static func badUsage(_ text: String) -> CommandFailure {
        CommandFailure(status: .badUsage, description: text)
    }
    static func faulty(_ text: String) -> CommandFailure {
        CommandFailure(status: .faulty, description: text)
    }
}
