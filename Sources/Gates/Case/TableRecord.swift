// SPDX-License-Identifier: MIT

package import Mail

/// One table that was consulted beside the judging of a session: while its message was delivered, or for a
/// record of what happened to it. A case of its own, because it comes later, or from another process, and it
/// names the session's.
package struct TableRecord: Codable, Hashable, Sendable {
    /// What a line of the case log begins with that is one of these: `{"kind":"table",`.
    package static let kind = "table"

    /// Comes first when it is written down.
    package var kind: String
    package var factsVersion: Int
    package var evaluatorVersion: Int
    package var id: String
    /// Milliseconds since 1970-01-01 UTC.
    package var atMs: Int64
    package var ruleset: String
    /// The case of the message or session that it is about; empty where it is about none, such as a
    /// connection that serves many messages.
    package var caseID: String
    /// The queue's entry; empty where there is none.
    package var entry: String
    package var consultation: Consultation

    package enum Consultation: Codable, Hashable, Sendable {
        /// `DEQUEUE_ACCESS`, before an attempt to deliver.
        case dequeue(DequeueFacts, Judgement<DequeueFinding>)
        /// `IP_ACCESS`, before a connect.
        case address(AddressFacts, Judgement<AddressFinding>)
        /// `LOG_ACTION`, for a record of what happened.
        case log(LogFacts, Judgement<LogFinding>)
        /// `MESSAGE-SAVE-COPY`, before a file is deleted.
        case copy(SaveCopyFacts, Judgement<String?>)
    }

    package init(
        id: String, atMs: Int64, ruleset: String, caseID: String, entry: String, consultation: Consultation
    ) {
        kind = Self.kind
        factsVersion = Mail.factsVersion
        evaluatorVersion = CaseRecord.evaluatorVersion
        self.id = id
        self.atMs = atMs
        self.ruleset = ruleset
        self.caseID = caseID
        self.entry = entry
        self.consultation = consultation
    }
}

extension TableRecord.Consultation {
    /// The table's name.
    package var table: String {
        switch self {
        case .dequeue: AccessTable.dequeueAccess.rawValue
        case .address: AccessTable.ipAccess.rawValue
        case .log: AccessTable.logAction.rawValue
        case .copy: AccessTable.messageSaveCopy.rawValue
        }
    }

    package var trail: Trail {
        switch self {
        case .dequeue(_, let judgement): judgement.trail
        case .address(_, let judgement): judgement.trail
        case .log(_, let judgement): judgement.trail
        case .copy(_, let judgement): judgement.trail
        }
    }

    package var exchanges: [Exchange] {
        switch self {
        case .dequeue(_, let judgement): judgement.exchanges
        case .address(_, let judgement): judgement.exchanges
        case .log(_, let judgement): judgement.exchanges
        case .copy(_, let judgement): judgement.exchanges
        }
    }

    /// What came of it, in one word.
    package var fate: String {
        switch self {
        case .dequeue(_, let judgement):
            switch judgement.outcome {
            case .attempt: "attempt"
            case .postpone: "postpone"
            }
        case .address(_, let judgement):
            switch judgement.outcome {
            case .connect: "connect"
            case .skip: "skip"
            case .replace: "replace"
            case .refuse: "refuse"
            }
        case .log(_, let judgement): judgement.outcome.notices.isEmpty ? "quiet" : "notice"
        case .copy(_, let judgement): judgement.outcome == nil ? "none" : "copy"
        }
    }

    /// An entry matched, or something was asked on the way. Records of what happened and copies come with
    /// every message; of those only such are worth keeping.
    package var isTelling: Bool {
        switch self {
        case .dequeue, .address: true
        case .log, .copy: !exchanges.isEmpty || trail.entries.contains { $0.rule != nil }
        }
    }

    /// The rule that decided, as in `Trail.Entry.rule`; empty where none did.
    package var rule: String { trail.entries.last { $0.rule != nil }?.rule ?? "" }
}
