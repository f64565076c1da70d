// SPDX-License-Identifier: MIT

internal import MappingTables
internal import Mail

/// Who a message says that it is from, held against who the client proved to be: `AUTH_REWRITE`. It sees the
/// header, so it runs once the content is there.
struct AuthRewriteRun: Evaluation {
    struct Result: Sendable, Equatable {
        var rejection: Reply?
        /// `$J` or `$K`: the envelope sender instead of the client's; an empty text is the null reverse-path.
        var sender: String?
        /// `$Y` or `$T`: the address for the `Sender:` field.
        var senderField: String?
        /// `$Z`: the address for the `From:` field.
        var fromField: String?
    }

    private var run: TableRun

    /// `sender` is the envelope sender as the gates know it by now.
    init(ruleset: Ruleset, session: SessionFacts, sender: Address?, message: Message) {
        let policy = ruleset.policy.access
        var probe = Probe(policy)
        if policy.rewriteShowsChannel { probe.add(session.sourceChannel) }
        let from = Self.address(of: ["resent-from", "from"], message)
        probe.add(sender)
        probe.add(Self.address(of: ["resent-sender", "sender"], message) ?? from ?? "")
        probe.add(from ?? "")
        probe.add(session.authenticated)
        run = TableRun(.authRewrite, probe: probe.text, inputFlags: [], tables: ruleset.tables)
    }

    /// Whether the table is to be consulted for the client at all.
    static func isWanted(_ ruleset: Ruleset, _ session: SessionFacts) -> Bool {
        (session.isAuthenticated || ruleset.policy.access.rewritesUnauthenticated)
            && ruleset.tables.contains(AccessTable.authRewrite.rawValue)
    }

    /// The first address of the topmost of the fields, the first of `names` that the message has.
    private static func address(of names: [String], _ message: Message) -> String? {
        for name in names {
            guard let field = message.header.first(named: name) else { continue }
            let list = AddressList.parse(message.header.unfolded(field, in: message.bytes))
            return list.addresses.first?.text ?? ""
        }
        return nil
    }

    mutating func next(_ answers: [Answer]) -> Step<Result> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, let entries):
            var trail = entries
            let result = Self.read(outcome, &trail)
            return .done(result, trail)
        }
    }

    private static func read(_ outcome: TableOutcome, _ trail: inout Trail) -> Result {
        var result = Result()
        guard outcome.overrun == nil else {
            result.rejection = .policyFault
            return result
        }
        let arguments = FlagArguments(outcome, order: AccessTable.authRewrite.argumentFlags)
        if outcome.has("N") || outcome.has("F") {
            let text = arguments.rest.isEmpty ? "Invalid originator address used" : arguments.rest
            result.rejection = Reply(550, "5.7.1", text)
            return result
        }
        for flag: Character in ["J", "K", "Y", "T", "Z"] {
            // `$Y` alone is how a table says that all is well.
            guard let text = arguments[flag], !text.isEmpty || flag == "J" || flag == "K" else { continue }
            let reading = EnvelopeAddress.read(text)
            switch (flag, reading) {
            case ("J", .null), ("K", .null): result.sender = ""
            case ("J", .mailbox(let address)), ("K", .mailbox(let address)):
                result.sender = "\(address)"
            case ("Y", .mailbox(let address)), ("T", .mailbox(let address)):
                result.senderField = "\(address)"
            case ("Z", .mailbox(let address)): result.fromField = "\(address)"
            default:
                trail.append(
                    Trail.Entry(
                        .mapping, rule: outcome.place?.description, about: AccessTable.authRewrite.rawValue,
                        result: "$\(flag) \"\(PlainText.excerpt(text))\" is no address; passed over"))
            }
        }
        return result
    }
}
