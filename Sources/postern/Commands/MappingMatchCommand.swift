// SPDX-License-Identifier: MIT

import Mail
import ArgumentParser
import Configuration
import MappingTables

/// `postern mapping match`: one pattern compared with one string.
struct MappingMatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match",
        abstract: "Compare one pattern with one string.",
        discussion: """
            Answers {"matched","fields","too_costly"}: the wildcard fields from $0 on. Exit status 1 if the pattern is \
            faulty.
            """)

    @Option(parsing: .unconditional, help: "The pattern as it stands in a mapping file.")
    var pattern: String

    @Option(parsing: .unconditional, help: "The string to compare it with.")
    var target: String

    private struct Report: Encodable {
        var matched: Bool
        var fields: [String]
        var tooCostly: Bool

        enum CodingKeys: String, CodingKey {
            case matched, fields
            case tooCostly = "too_costly"
        }
    }

    func run() throws {
        let match = PatternMatch.match(pattern: pattern, target: target)
        for complaint in match.complaints {
            StandardError.print(Diagnostic(complaint, source: Array(pattern.utf8)).description)
        }
        if match.complaints.contains(where: { $0.severity == .error }) {
            throw CommandFailure.faulty("the pattern is faulty, and nothing was compared")
        }
        try StandardOutput.print(
            json: Report(matched: match.matched, fields: match.fields, tooCostly: match.isTooCostly))
    }
}
