// SPDX-License-Identifier: MIT
internal import Mail

/// What is wrong with a stretch of a pattern or template. It knows offsets only: the parser adds file, line,
/// column.
struct Fault: Equatable, Sendable {
    /// Octets within the pattern or template.
    var range: Range<Int>
    var severity: Complaint.Severity
    var message: String
    var help: String

    init(_ range: Range<Int>, _ message: String, help: String, severity: Complaint.Severity = .error) {
        self.range = range
        self.severity = severity
        self.message = message
        self.help = help
    }
}
