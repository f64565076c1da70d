// SPDX-License-Identifier: MIT
package import Mail

/// One pattern compared with one target, without a table: for people who try a pattern out.
package struct PatternMatch: Hashable, Sendable {
    package var matched: Bool
    /// Its wildcard fields, from `$0`; empty where it didn't match.
    package var fields: [String]
    /// What is wrong with the pattern; its line is always 1. With an error among them, nothing was compared.
    package var complaints: [Complaint]
    /// The comparison cost more than `EvaluationLimits.entryStepsMax` and was given up.
    package var isTooCostly: Bool

    /// `pattern` as it stands in a mapping file.
    package static func match(
        pattern: String, target: String, limits: EvaluationLimits = .init()
    ) -> PatternMatch {
        let octets = Array(pattern.utf8)
        let line = SourceLine(number: 1, octets: octets, joints: [], isUnfinished: false)
        let (compiled, faults) = PatternCompiler.compile(octets)
        let complaints = faults.map { Complaint($0, in: "pattern", at: line) }
        guard !complaints.contains(where: { $0.severity == .error }) else {
            return PatternMatch(matched: false, fields: [], complaints: complaints, isTooCostly: false)
        }
        let target = Target(Array(target.utf8))
        var matcher = Matcher()
        var steps = limits.entryStepsMax
        let verdict = matcher.match(compiled, target, steps: &steps)
        let fields = verdict == .yes ? matcher.fields.texts(of: target.octets) : []
        return PatternMatch(
            matched: verdict == .yes, fields: fields, complaints: complaints,
            isTooCostly: verdict == .tooCostly)
    }
}

extension Complaint {
    /// `offset` is where the faulty half begins in the line's octets.
    init(_ fault: Fault, in file: String, at line: SourceLine, offset: Int = 0) {
        let place = line.place(of: (fault.range.lowerBound + offset)..<(fault.range.upperBound + offset))
        self.init(
            file: file, line: place.line, column: place.column, length: place.length,
            severity: fault.severity,
            message: fault.message, help: fault.help)
    }
}
