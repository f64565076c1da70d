// SPDX-License-Identifier: MIT

internal import MappingTables
internal import Mail

/// What an access table's outcome means for mail.
struct AccessOutcome: Sendable {
    var rejection: Reply?
    var holdReason: String?

    /// For the sender and recipient tables. Arguments stand in the output text, `|`-separated, in the
    /// documented order whatever the order of the flags: `$X`'s code comes before `$N`'s text.
    init(_ outcome: TableOutcome, table: AccessTable, about: String) {
        guard outcome.overrun == nil else {
            // A table that ran into a limit has not said that it has nothing against this.
            rejection = .policyFault
            return
        }
        if outcome.has("H") {
            holdReason = "\(table.rawValue) \(outcome.place?.description ?? "") set $H"
        }
        // Most outcomes refuse nothing, and then nobody needs the arguments.
        guard outcome.has("N") || outcome.has("F") else { return }
        var arguments = outcome.output.utf8.split(
            separator: UInt8(ascii: "|"), omittingEmptySubsequences: false
        )
        .map { String(Substring($0)) }[...]
        let status = outcome.has("X") ? arguments.popFirst() : nil
        let text = arguments.joined(separator: "|")
        rejection = Self.reply(status: status, text: text.isEmpty ? "Access denied" : text, about: about)
    }

    /// For PORT_ACCESS: the text is sent as it stands and should carry its own code.
    init(port outcome: TableOutcome) {
        guard outcome.overrun == nil else {
            rejection = .policyFault
            return
        }
        guard outcome.has("N") || outcome.has("F") else { return }
        let text = outcome.output
        let words = text.utf8.split(separator: UInt8(ascii: " "), maxSplits: 2).map { String(Substring($0)) }
        if let code = words.first.flatMap({ Int($0) }), (400...599).contains(code) {
            let hasStatus = words.count > 1 && Reply.isStatus(words[1])
            let rest = words.dropFirst(hasStatus ? 2 : 1).joined(separator: " ")
            rejection = Reply(code, hasStatus ? words[1] : code < 500 ? "4.7.1" : "5.7.1", rest)
        } else {
            rejection = Reply(554, "5.7.1", text.isEmpty ? "Access denied" : text)
        }
    }

    /// `550 5.7.1 text: address`, or 450 where `$X` says 4.y.z.
    private static func reply(status: String?, text: String, about: String) -> Reply {
        let status = status.flatMap { Reply.isStatus($0) && !$0.hasPrefix("2") ? $0 : nil } ?? "5.7.1"
        return Reply(status.hasPrefix("4") ? 450 : 550, status, about.isEmpty ? text : "\(text): \(about)")
    }
}

extension Reply {
    /// A table could not be evaluated to its end. The trail says which limit it ran into.
    static let policyFault = Reply(451, "4.3.0", "Local policy error, try again later")
}
