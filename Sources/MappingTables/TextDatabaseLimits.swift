// SPDX-License-Identifier: MIT

/// What reading a text database may cost. The operator wrote it, so a limit met is a complaint with its
/// place.
package struct TextDatabaseLimits: Sendable {
    /// Octets of one file, at most: a million entries of ordinary length take 40 MB.
    package var fileOctetsMax = 128 << 20
    /// Entries of one database: twice the million that the original knows. Each costs nine to thirteen octets
    /// beside its text.
    package var entriesMax = 2_000_000
    /// Octets of one line. Far above any key and value, so that only a missing line end meets it.
    package var lineOctetsMax = 65_536
    /// Complaints kept; the rest are counted in one last complaint.
    package var complaintsMax = 1_000

    package init() {}
}
