// SPDX-License-Identifier: MIT

internal import Mail

/// One MX record (RFC 5321 §5.1).
struct MailExchanger: Hashable, Sendable {
    let preference: Int
    /// Lower case; nil for the root: the domain takes no mail (RFC 7505 §3).
    let host: String?

    /// `10 mx.example.net`; nil where it isn't that.
    init?(_ record: String) {
        let fields = record.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
        guard let first = fields.first, let preference = UInt16(first), fields.count <= 2 else { return nil }
        self.preference = Int(preference)
        host = fields.count == 2 && fields[1] != "." ? fields[1].lowercased() : nil
    }

    /// By preference, and by name among equals: which comes first must not depend on the order of an answer.
    static func ordered(_ records: [String]) -> [MailExchanger] {
        records.compactMap { MailExchanger($0) }.sorted {
            ($0.preference, $0.host ?? "") < ($1.preference, $1.host ?? "")
        }
    }

    /// The one to be tried first; nil where the domain takes no mail.
    static func first(of records: [String]) -> MailExchanger? { ordered(records).first { $0.host != nil } }

    /// RFC 7505 §3: a single record that names the root.
    static func isNull(_ records: [String]) -> Bool {
        let all = ordered(records)
        return all.count == 1 && all[0].host == nil
    }
}
