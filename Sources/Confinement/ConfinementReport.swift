// SPDX-License-Identifier: MIT

/// Which measures hold a process, for its start line and for `status`.
package struct ConfinementReport: Sendable, Hashable {
    /// The profile's name.
    package let profile: String
    package private(set) var lines: [Line] = []

    package struct Line: Sendable, Hashable, CustomStringConvertible {
        /// `Landlock`, `seccomp`, `no_new_privs`, `limit: ...`, `user`.
        package let measure: String
        package let isApplied: Bool
        /// The version, or why the measure is missing.
        package let detail: String

        package init(measure: String, isApplied: Bool, detail: String) {
            self.measure = measure
            self.isApplied = isApplied
            self.detail = detail
        }

        package var description: String {
            let state = isApplied ? measure : "\(measure) MISSING"
            return detail.isEmpty ? state : "\(state) (\(detail))"
        }
    }

    package init(profile: String) { self.profile = profile }

    package mutating func add(_ line: Line) { lines.append(line) }

    /// Every measure of the profile holds.
    package var isComplete: Bool { lines.allSatisfy(\.isApplied) }

    /// One line: `complete: Landlock (version 7), seccomp` or `incomplete: Landlock MISSING (Function not
    /// ...)`.
    package var summary: String {
        let told = isComplete ? lines : lines.filter { !$0.isApplied }
        return (isComplete ? "complete: " : "incomplete: ") + told.map(\.description).joined(separator: ", ")
    }

    /// `status` is 0, or a negative error number.
    mutating func add(_ measure: String, status: Int32, detail: String = "") {
        add(Line(measure: measure, isApplied: status == 0, detail: status == 0 ? detail : describe(status)))
    }
}
