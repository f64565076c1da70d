// SPDX-License-Identifier: MIT

/// What is wrong with one place of a rules file, and what would have been right. For the operator.
package struct Complaint: Error, Codable, Hashable, Sendable {
    package enum Severity: String, Codable, Hashable, Sendable {
        case error
        case warning
    }

    /// Relative to the rules' folder, as the operator knows it.
    package var file: String
    /// From 1.
    package var line: Int
    /// From 1, in characters as an editor counts.
    package var column: Int
    /// Characters it is about, at least 1: how far the caret line reaches.
    package var length: Int
    package var severity: Severity
    /// What is wrong, one sentence without a full stop.
    package var message: String
    /// What to do about it.
    package var help: String

    package init(
        file: String, line: Int, column: Int = 1, length: Int = 1, severity: Severity = .error,
        message: String,
        help: String
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.length = length
        self.severity = severity
        self.message = message
        self.help = help
    }
}
