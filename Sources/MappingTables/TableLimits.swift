// SPDX-License-Identifier: MIT

/// What reading mapping files may cost. The operator wrote them, so a limit met is a complaint with its
/// place.
package struct TableLimits: Sendable {
    /// Octets of one file, at most. Half a million ordinary entries take about 40 MB.
    package var fileOctetsMax = 64 << 20
    /// Octets read in all, includes counted each time: three levels of includes multiply.
    package var sourceOctetsMax = 128 << 20
    /// Entries of all tables together; the language itself knows no limit, memory does.
    package var entriesMax = 500_000
    /// Octets of one entry with its continuations joined. Far above what the language promises
    /// (`lineOctetsPromised`), so that only an accident, such as a missing line end, meets it.
    package var lineOctetsMax = 65_536
    /// Include files within include files, as the language has it.
    package var includeDepthMax = 3
    /// Complaints kept; the rest are counted in one last complaint.
    package var complaintsMax = 1_000

    /// Octets up to which the language promises to read a pattern; more is read here, with a warning.
    package static let patternOctetsPromised = 256
    /// The same of a template.
    package static let templateOctetsPromised = 1_024
    /// The same of an entry with its continuations joined.
    package static let lineOctetsPromised = 4_096

    package init() {}
}
