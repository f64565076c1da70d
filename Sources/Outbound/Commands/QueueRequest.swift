// SPDX-License-Identifier: MIT

internal import Mail

/// One request on the command socket: a JSON object on a line of its own.
///
/// The answer is any number of lines, each an object, and a last line `{"done":true,...}` or
/// `{"error":"..."}`. A client may send its next request before it has the answer; they are served in order.
package struct QueueRequest: Codable, Hashable, Sendable {
    package enum Verb: String, Codable, CaseIterable, Sendable {
        /// `QueueRow` lines, one for each entry that passes the filters.
        case list
        /// One `QueueDetails` line for each id.
        case show
        /// `ActResult` lines: tries waiting entries now.
        case retry
        /// `ActResult` lines: keeps entries that are owed for a person to decide.
        case hold
        /// `ActResult` lines: entries are gone for good when it answers.
        case delete
        /// `ActResult` lines: sends held entries on their way, and waits for what the next hop says.
        case release
        /// One `QueueSummary` line.
        case summary
        /// One `VerifyResult` line: whether the next hop of `channel` would take mail for `recipient`.
        case verify
        /// One `RunResult` line: what waits for `channel` is tried now.
        case run
    }

    package var verb: Verb
    /// What to act on or show: an entry's id, or a message's, which means all its entries.
    package var ids: [String]?
    /// Idempotency key: an act that is asked for again with the same key is answered, not repeated.
    package var key: String?
    /// For `list`: only entries in this state; see `QueueRow.state`.
    package var state: String?
    /// For `list`: only this destination channel. For `run`: which.
    package var channel: String?
    /// For `list`: globs on sender and recipients, `*` and `?`.
    package var from: String?
    package var to: String?
    /// For `list`: a glob on the reason.
    package var reason: String?
    /// For `list`: rows at most.
    package var limit: Int?
    /// For `hold`: why, for whoever finds it held.
    package var note: String?
    /// For `show`: octets of the header, from its start.
    package var headerOctets: Int?
    /// For `verify`: the address.
    package var recipient: String?
    /// For `verify`: how long the answer may take, in milliseconds.
    package var timeoutMs: Int?

    package init(_ verb: Verb, ids: [String]? = nil, key: String? = nil) {
        self.verb = verb
        self.ids = ids
        self.key = key
    }

    enum CodingKeys: String, CodingKey {
        case verb, ids, key, state, channel, from, to, reason, limit, note, recipient
        case headerOctets = "header_octets"
        case timeoutMs = "timeout_ms"
    }

    /// Octets of a request line, at most: 1,000 ids fit.
    package static let octetsMax = 65_536
    /// Ids in one request, at most: each release may wait for a next hop.
    package static let idsMax = 1_000
    /// Rows in one answer, at most.
    package static let rowsMax = 100_000
    /// Octets of a header that `show` gives, at most.
    package static let headerOctetsMax = 65_536
    /// Octets of the other texts, at most.
    package static let textOctetsMax = 256

    /// What is wrong with it and what to do; nil if nothing is.
    package var complaint: String? {
        let texts = [
            ("key", key), ("state", state), ("channel", channel), ("from", from), ("to", to),
            ("reason", reason),
            ("note", note), ("recipient", recipient),
        ]
        for (name, text) in texts where (text?.utf8.count ?? 0) > Self.textOctetsMax {
            return "\(name) is longer than \(Self.textOctetsMax) octets; shorten it"
        }
        switch verb {
        case .list, .summary: return nil
        case .verify:
            guard channel != nil, recipient.flatMap({ Address($0) }) != nil else {
                return "verify needs \"channel\" and \"recipient\", a mail address; name both"
            }
            return nil
        case .run: return channel == nil ? "run needs \"channel\"; name one" : nil
        case .show, .retry, .hold, .delete, .release:
            guard let ids, !ids.isEmpty else { return "\(verb.rawValue) needs \"ids\"; name at least one" }
            return ids.count <= Self.idsMax ? nil : "more than \(Self.idsMax) ids; split the request"
        }
    }
}
