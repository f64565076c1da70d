// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import NIOCore

/// Records of what happens to messages and commands, as a transaction log has them, put to `LOG_ACTION`: its
/// callouts count, its `$<` speaks to the log. A ruleset without that table costs one look.
///
/// Nothing waits for it, and what it says changes nothing here.
extension Visit {
    /// Bad commands of one session that are noted, at most (Sun's `MAX_B_ENTRIES`): a client that does
    /// nothing else says all there is to say with the first few.
    private static let badCommandsMax = 10
    /// Octets of a line that may hold its verb.
    private static let verbOctetsMax = 8
    /// What a note may name. A client that has lost its place may send a password where a command belongs.
    private static let verbs: Set<String> = [
        "HELO", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "VRFY", "EXPN",
        "HELP",
        "AUTH", "ETRN", "STARTTLS", "TURN", "SEND", "SOML", "SAML",
    ]

    /// Whether the connection's rules have the table.
    func isNoting(_ ruleset: Ruleset) -> Bool {
        ruleset.tables.contains(AccessTable.logAction.rawValue)
    }

    /// The verb of a command that is still unread, where it will be wanted if the command is bad.
    func verb(in buffer: ByteBuffer) -> String? {
        guard badCommandsNoted < Self.badCommandsMax, isNoting(connectionRuleset) else { return nil }
        let length = min(buffer.readableBytes, Self.verbOctetsMax)
        let bytes = buffer.getBytes(at: buffer.readerIndex, length: length) ?? []
        let word = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self).uppercased()
        return Self.verbs.contains(word) ? word : ""
    }

    /// `B`: the machine refused a command by itself. `verb` is nil where nobody notes.
    func noteBadCommand(_ verb: String?, _ reply: Reply) {
        guard let verb else { return }
        badCommandsNoted += 1
        let facts = LogFacts(
            action: .badCommand, sourceChannel: connection?.outcome.marks?.sourceChannel ?? "",
            recipient: verb, user: authenticated?.description ?? "", system: peer.clientAddress.description,
            diagnostic: reply.text)
        note(facts, caseID: transaction?.id ?? id, connectionRuleset)
    }

    /// `J`: a recipient was refused.
    func noteRefused(_ recipient: Address, _ reply: Reply, _ open: Transaction) {
        guard isNoting(open.ruleset) else { return }
        note(
            facts(.rejected, recipient, recipient, "", octets: 0, open, reason: reply.text), caseID: open.id,
            open.ruleset)
    }

    /// `E` for each recipient that something is owed to, `J` for each that was refused, once the message has
    /// its reply. What was put off comes again, and is noted then.
    func noteSettled(_ reply: Reply, _ octets: Int, _ settlement: Settlement, _ open: Transaction) {
        guard !reply.isTransient, isNoting(open.ruleset) else { return }
        for judged in settlement.verdicts {
            let recipient = judged.recipient
            let isOwed =
                reply.isPositive && settlement.entries.contains { $0.recipients.contains(recipient.address) }
            var reason = ""
            if case .reject(let own) = judged.verdict { reason = own.text }
            // Accepted and thrown away is neither.
            guard isOwed || !reason.isEmpty || reply.isPermanent else { continue }
            note(
                facts(
                    isOwed ? .enqueued : .rejected, recipient.original, recipient.address, recipient.channel,
                    octets: octets, open, reason: reason.isEmpty && !isOwed ? reply.text : reason),
                caseID: open.id, open.ruleset)
        }
    }

    private func facts(
        _ action: LogFacts.Action, _ original: Address, _ recipient: Address, _ channel: String, octets: Int,
        _ open: Transaction, reason: String
    ) -> LogFacts {
        var modifiers = open.session.isExtended ? "E" : ""
        if open.session.tls != nil { modifiers += "S" }
        if open.session.isAuthenticated { modifiers += "A" }
        return LogFacts(
            action: action, modifiers: modifiers, sourceChannel: open.session.sourceChannel,
            destinationChannel: channel, octets: octets, sender: open.sender.sender,
            originalRecipient: "rfc822;\(original)", recipient: recipient.description, file: open.id,
            user: open.session.authenticated?.description ?? "", system: peer.clientAddress.description,
            reason: reason)
    }

    private func note(_ facts: LogFacts, caseID: String, _ ruleset: Ruleset) {
        let (worker, client) = (worker, client)
        worker.driver.judge(
            LogGate(ruleset: ruleset, facts: facts), seconds: worker.settings.commandSeconds, budget: budget
        ) { judgement in
            for notice in judgement.outcome.notices {
                worker.logger.log(
                    InboundEvent.accessNoticed(
                        caseID: caseID, client: client, syslog: "user.notice", notice: notice))
            }
            let what = TableRecord.Consultation.log(facts, judgement)
            guard what.isTelling else { return }
            worker.keeper.keep(
                TableRecord(
                    id: worker.nextSessionID() + "T", atMs: worker.nowMs, ruleset: ruleset.hash,
                    caseID: caseID, entry: "", consultation: what))
        }
    }
}
