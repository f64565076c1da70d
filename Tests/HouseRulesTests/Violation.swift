// SPDX-License-Identifier: MIT

import Testing

/// One place that breaks a rule of the house: what, and what instead.
struct Violation: CustomStringConvertible {
    var path: String
    /// From 1; 0 where the whole file is meant.
    var line: Int
    var text: String

    var description: String { line > 0 ? "\(path):\(line): \(text)" : "\(path): \(text)" }

    /// Issues shown for one rule, at most.
    private static let shownMax = 40

    /// Fails the test with each of them.
    static func report(_ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation) {
        for violation in violations.prefix(shownMax) {
            Issue.record("\(violation.description)", sourceLocation: sourceLocation)
        }
        if violations.count > shownMax {
            Issue.record("and \(violations.count - shownMax) more", sourceLocation: sourceLocation)
        }
    }
}
