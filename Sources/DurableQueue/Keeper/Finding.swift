// SPDX-License-Identifier: MIT

/// Something that recovery, or reading, met and settled; for the log and for operators.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A store file that the log did not know: a crash between the two. The file won.
        case movedUnrecorded = "moved_unrecorded"
        /// One entry in owed/ and in held/: a crash between two folders. held/ won.
        case inTwoPlaces = "in_two_places"
        /// The log says that the entry is in the store; its file is not.
        case missing
        /// A finished entry whose file was still there, and was deleted.
        case leftover
        /// Something unreadable was isolated; the text says what and where it is kept.
        case damaged
        /// The last, incomplete write of a writer that died: never acknowledged, nothing is lost.
        case tornTail = "torn_tail"
        /// A body that no record names was deleted.
        case orphanBody = "orphan_body"
        /// A writer ended without closing its segment.
        case writerDied = "writer_died"
        /// Our disk refused something that is tried again.
        case diskTrouble = "disk_trouble"
    }

    package let kind: Kind
    /// A path or an entry's id.
    package let subject: String
    /// What was found and what was done, one sentence without a full stop.
    package let text: String

    package init(_ kind: Kind, _ subject: String, _ text: String) {
        self.kind = kind
        self.subject = subject
        self.text = text
    }

    package var description: String { "\(kind.rawValue) \(subject): \(text)" }
}

/// What recovery found at start.
package struct RecoveryReport: Hashable, Sendable {
    /// In the order in which they were met; at most `findingsMax`, the rest is counted.
    package internal(set) var findings: [Finding] = []
    package internal(set) var findingsBeyond = 0
    package internal(set) var segments = 0
    package internal(set) var inFlight = 0
    package internal(set) var waiting = 0
    package internal(set) var held = 0

    /// Findings that are kept for the log; the rest is counted. A disk gone bad may have one for each
    /// message.
    package static let findingsMax = 10_000

    package init() {}

    mutating func add(_ finding: Finding) {
        if findings.count < Self.findingsMax { findings.append(finding) } else { findingsBeyond += 1 }
    }

    /// One line for each finding, and one that sums up.
    package var lines: [String] {
        let beyond = findingsBeyond == 0 ? [] : ["\(findingsBeyond) further findings are not listed"]
        return findings.map(\.description) + beyond + [
            "recovered \(segments) segments: \(inFlight) entries in flight, \(waiting) waiting, \(held) held"
        ]
    }
}
