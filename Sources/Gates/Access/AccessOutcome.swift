// SPDX-License-Identifier: MIT

internal import MappingTables
internal import Mail

/// What an access table's outcome means for mail: the tables consulted at MAIL FROM and RCPT TO.
struct AccessOutcome: Sendable {
    /// The refusal, whatever else the table said.
    var rejection: Reply?
    var marks = Marks()
    /// `$I`: who must belong to which group, or the refusal below is the answer.
    var membership: (user: String, group: String)?
    /// Arguments that make no sense and are passed over, for the trail.
    var notes: [String] = []
    /// The refusal if `membership` fails.
    private(set) var exclusion = Reply.accessDenied

    /// `about` is the address that a refusal names.
    init(_ outcome: TableOutcome, table: AccessTable, about: String, policy: AccessPolicy) {
        guard outcome.overrun == nil else {
            // A table that ran into a limit has not said that it has nothing against this.
            rejection = .policyFault
            return
        }
        // Most outcomes say nothing, or `$Y`.
        guard outcome.flags.contains(where: { $0 != "Y" }) else { return }
        let rule = outcome.place?.description ?? ""
        if outcome.has("H") { marks.holdReason = "\(table.rawValue) \(rule) set $H" }
        if let disposal = Self.disposal(outcome) {
            marks.disposal = disposal
            marks.disposalRule = rule
        }
        if outcome.has("!") { marks.suppressesVacation = true }
        let arguments = FlagArguments(
            outcome, order: table.argumentFlags, widths: table.argumentWidths)
        let isRefused = outcome.has("N") || outcome.has("F")
        for flag in table.argumentFlags where !FlagArguments.textFlags.contains(flag) {
            if outcome.has(flag), arguments[flag] == nil {
                notes.append("$\(flag) has no argument; passed over")
            }
        }
        readSender(arguments)
        readContent(arguments)
        readSession(arguments, isRefused: isRefused)
        exclusion = reply(arguments, policy, table, about: about, isTextGiven: isRefused || outcome.has("I"))
        if let text = arguments["I"] {
            let parts = text.utf8.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty {
                membership = (String(Substring(parts[0])), String(Substring(parts[1])))
            } else {
                // A check that can't be made has not been passed.
                notes.append("$I \"\(PlainText.excerpt(text))\" is not user|group; nobody is a member")
                rejection = exclusion
            }
        }
        if isRefused { rejection = exclusion }
        if rejection != nil, outcome.has("/") { marks.consequences.disconnects = true }
    }

    /// For the tables that are consulted before anything was said: the text is sent as it stands and should
    /// carry its own code; `~` separates its lines.
    init(port outcome: TableOutcome, table: AccessTable = .portAccess) {
        guard outcome.overrun == nil else {
            rejection = .policyFault
            return
        }
        guard outcome.matched else { return }
        let arguments = FlagArguments(outcome, order: table.argumentFlags)
        let isRefused = outcome.has("N") || outcome.has("F")
        readSession(arguments, isRefused: isRefused)
        if let text = arguments["T"] {
            let note = PlainText.line(text, octetsMax: Consequences.noticeOctetsMax)
            marks.consequences.connectionNote = note
        }
        if isRefused { rejection = Self.refusal(arguments.rest) } else { remainder = arguments.rest }
    }

    /// `init(port:)` of an outcome that refuses nothing: what is left of its text.
    private(set) var remainder = ""

    /// `421 4.7.0 Come again~Or call us`: the code and status of the first line count for all of them, and
    /// are taken off the others where they say the same.
    private static func refusal(_ text: String) -> Reply {
        guard !text.isEmpty else { return Reply(554, "5.7.1", "Access denied") }
        var code = 554
        var status = "5.7.1"
        var lines: [String] = []
        let parts = text.utf8.split(separator: UInt8(ascii: "~"), omittingEmptySubsequences: false)
        for (index, part) in parts.prefix(Reply.linesMax).enumerated() {
            let words = part.split(separator: 0x20, maxSplits: 2).map { String(Substring($0)) }
            guard let said = words.first.flatMap(codeNumber), index == 0 || said == code else {
                lines.append(String(Substring(part)))
                continue
            }
            let hasStatus = words.count > 1 && Reply.isStatus(words[1])
            if index == 0 {
                code = said
                status = hasStatus ? words[1] : said < 500 ? "4.7.1" : "5.7.1"
            }
            lines.append(words.dropFirst(hasStatus ? 2 : 1).joined(separator: " "))
        }
        return Reply(code, status, lines: lines)
    }

    /// `421`, or `421-` as it stands in a reply of several lines.
    private static func codeNumber(_ word: String) -> Int? {
        let digits = word.utf8.last == UInt8(ascii: "-") ? String(word.dropLast()) : word
        return Int(digits).flatMap { (400...599).contains($0) && digits.utf8.count == 3 ? $0 : nil }
    }

    private static func disposal(_ outcome: TableOutcome) -> Marks.Disposal? {
        if outcome.has("Z") { return .jettison }
        if outcome.has("B") { return .bitbucket }
        return outcome.has("V") ? .discard : nil
    }

    // MARK: Arguments

    private mutating func readSender(_ arguments: FlagArguments) {
        if let text = arguments["J"] {
            switch EnvelopeAddress.read(text) {
            case .null: marks.sender = ""
            case .mailbox(let address): marks.sender = address.description
            case .malformed: notes.append("$J \"\(PlainText.excerpt(text))\" is no address; passed over")
            }
        }
        if let text = arguments["K"] {
            if case .mailbox(let address) = EnvelopeAddress.read(text) {
                marks.senderField = address.description
            } else {
                notes.append("$K \"\(PlainText.excerpt(text))\" is no address; passed over")
            }
        }
        if let text = arguments["S"] {
            marks.limits = Self.limits(text)
            if marks.limits == nil {
                notes.append("$S \"\(PlainText.excerpt(text))\" is not x[,y[,z]]; passed over")
            }
        }
    }

    private mutating func readContent(_ arguments: FlagArguments) {
        if let text = arguments["T"] {
            let tag = PlainText.trimmed(PlainText.line(text, octetsMax: SubjectTag.octetsMax))
            if !tag.isEmpty { marks.subjectTag = tag }
        }
        if let text = arguments["A"] {
            if let line = HeaderLine.read(text) {
                marks.headerLines = [line]
            } else {
                notes.append("$A \"\(PlainText.excerpt(text))\" is no header line; passed over")
            }
        }
        if let text = arguments["G"] {
            let all = PlainText.list(text, most: Marks.listMax)
            marks.conversionTags = all.filter(ConversionTag.isTag)
            if marks.conversionTags.count < all.count {
                notes.append("$G \"\(PlainText.excerpt(text))\" holds what is no tag; passed over")
            }
        }
        if let text = arguments["M"] {
            if case .mailbox(let address) = EnvelopeAddress.read(text) {
                marks.captures = [address]
            } else {
                notes.append("$M \"\(PlainText.excerpt(text))\" is no address; passed over")
            }
        }
        if let text = arguments[","] {
            if let adjustment = SpamAdjustment.read(text) {
                marks.spamAdjustments = [adjustment]
            } else {
                notes.append("$, \"\(PlainText.excerpt(text))\" is no number; passed over")
            }
        }
    }

    private mutating func readSession(_ arguments: FlagArguments, isRefused: Bool) {
        var consequences = Consequences()
        if let text = arguments["<"] { consequences.addNotice(text) }
        if let text = arguments[">"], isRefused { consequences.addNotice(text) }
        if let text = arguments["D"] {
            if let hundredths = Int(PlainText.trimmed(text)) {
                let delay = Int(min(hundredths.magnitude, UInt(Consequences.delayMax)))
                if hundredths > 0 { consequences.transactionDelay = delay }
                if hundredths < 0 { consequences.replyDelay = delay }
            } else {
                notes.append("$D \"\(PlainText.excerpt(text))\" is no number; passed over")
            }
        }
        if let text = arguments["U"] {
            consequences.debugLevel = Consequences.debugLevel(text)
            if consequences.debugLevel == nil {
                notes.append("$U \"\(PlainText.excerpt(text))\" is no level; passed over")
            }
        }
        marks.consequences = consequences
    }

    /// `blocklimit[,recipientlimit[,recipientcutoff]]`; a block is 1,024 octets.
    private static func limits(_ text: String) -> Marks.TransactionLimits? {
        let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var numbers: [Int?] = []
        for part in parts {
            let part = PlainText.trimmed(Substring(part))
            guard !part.isEmpty else {
                numbers.append(nil)
                continue
            }
            guard let number = Int(part), (0...(Int.max >> 10)).contains(number) else { return nil }
            numbers.append(number)
        }
        numbers += Array(repeating: nil, count: 3 - numbers.count)
        return Marks.TransactionLimits(
            messageOctetsMax: numbers[0].map { $0 << 10 }, recipientsMax: numbers[1],
            recipientsCutoff: numbers[2])
    }

    // MARK: Refusals

    /// `550 5.7.1 text: address`; 450 or 452 where `$X` says 4.y.z.
    private mutating func reply(
        _ arguments: FlagArguments, _ policy: AccessPolicy, _ table: AccessTable, about: String,
        isTextGiven: Bool
    ) -> Reply {
        let given = isTextGiven ? arguments.rest : ""
        let standard = policy.errors == .access ? Reply.accessDenied : .invalidAddress
        var status = standard.status ?? "5.7.1"
        if let text = arguments["X"] {
            let text = PlainText.trimmed(text)
            if Reply.isStatus(text), !text.hasPrefix("2") {
                status = text
            } else {
                status = "5.7.1"
                notes.append("$X \"\(PlainText.excerpt(text))\" is no 4.y.z or 5.y.z; 5.7.1 stands")
            }
        } else if !given.isEmpty {
            status = "5.7.1"
        }
        let text = given.isEmpty ? standard.lines[0] : given
        return Reply(Self.code(status), status, about.isEmpty ? text : "\(text): \(about)")
    }

    /// The basic code that goes with an enhanced one. 452 is RFC 5321 §4.2.3's for want of room: a full
    /// mailbox or system, and too many recipients.
    private static func code(_ status: String) -> Int {
        guard status.hasPrefix("4") else { return 550 }
        return ["4.2.2", "4.3.1", "4.5.3"].contains(status) ? 452 : 450
    }
}

extension Consequences {
    mutating func addNotice(_ text: String) {
        let line = PlainText.trimmed(PlainText.line(text, octetsMax: Self.noticeOctetsMax))
        if !line.isEmpty, notices.count < Self.noticesMax { notices.append(line) }
    }

    /// Nil where `text` is no level.
    static func debugLevel(_ text: String) -> Int? {
        Int(PlainText.trimmed(text)).flatMap { $0 >= 0 ? min($0, debugLevelMax) : nil }
    }
}

extension Reply {
    /// A table could not be evaluated to its end. The trail says which limit it ran into.
    static let policyFault = Reply(451, "4.3.0", "Local policy error, try again later")
    static let accessDenied = Reply(550, "5.7.1", "Access denied")
    static let invalidAddress = Reply(550, "5.1.0", "Invalid address")
}
