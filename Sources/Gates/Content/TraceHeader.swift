// SPDX-License-Identifier: MIT

internal import Mail

/// The header fields that we put on top of a message (RFC 5321 §4.4), and the date in them.
struct TraceHeader: Sendable {
    /// `Received:` as one folded field. `for` only where there is one recipient, so that blind copies stay
    /// blind.
    static func received(_ facts: ContentFacts, hostname: String, time: Int64) -> [UInt8] {
        let session = facts.session
        // RFC 3848: S for TLS, A for AUTH.
        let security = (session.tls == nil ? "" : "S") + (session.isAuthenticated ? "A" : "")
        let with = session.isExtended ? "ESMTP" + security : "SMTP"
        // The name is in DNS what a stranger wrote there; the address is what we saw.
        let name = session.clientName.map { word($0) + " " } ?? ""
        let address = session.peer.clientAddress.literal
        var text = "Received: from \(word(session.helo)) (\(name)\(address))\r\n"
        text += "\tby \(hostname) (Postern) with \(with) id \(facts.caseID)"
        if facts.recipients.count == 1 { text += "\r\n\tfor <\(facts.recipients[0].original)>" }
        text += ";\r\n\t\(date(time))\r\n"
        return Array(text.utf8)
    }

    /// What a client calls itself, as one word: the grammar lets nothing else in, and a record read back is
    /// not trusted to hold what the grammar let in.
    private static func word(_ text: String) -> String {
        let special = Array("()<>;\"\\".utf8)
        return String(
            decoding: text.utf8.map {
                (0x21...0x7E).contains($0) && !special.contains($0) ? $0 : UInt8(ascii: "?")
            }, as: UTF8.self)
    }

    /// RFC 5322 §3.3, in UTC: `Sat, 21 Nov 2026 22:56:57 +0000`. Years 1970 to 9999; others are drawn to the
    /// nearest.
    static func date(_ time: Int64) -> String {
        let time = min(max(time, 0), 253_402_300_799)
        let days = Int(time / 86_400)
        let second = Int(time % 86_400)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // Days since 0000-03-01, so that the leap day is the last of its year.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let clock = [second / 3_600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return
            "\(weekdays[days % 7]), \(day) \(months[month - 1]) \(year) \(clock.joined(separator: ":")) +0000"
    }
}
