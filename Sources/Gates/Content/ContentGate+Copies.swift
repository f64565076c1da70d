// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// From what was decided for a recipient to the copies that the queue is to hold.
extension ContentGate {
    /// The envelope sender of the recipient's copy; nil is the null reverse-path.
    func sender(of recipient: ContentFacts.Recipient) -> Address? {
        if let rewritten = rewrite?.sender { return Address(rewritten) }
        return recipient.marks.sender(insteadOf: facts.sender.sender)
    }

    /// What the recipient's copy is made from; nil where there are too many forms of the message.
    mutating func base(of recipient: ContentFacts.Recipient) -> Int? {
        guard let message else { return nil }
        return forms.base(
            EditionForm(recipient.marks, rewrite), of: message, canonical: canonical,
            removingOf: untrusted)
    }

    /// Our name, where the message came from outside and what stands by that name in it isn't ours.
    var untrusted: String? {
        facts.session.sourceChannel == policy.outsideChannel ? policy.hostname : nil
    }

    /// The ruling after the gates' marks and the postmaster's exemption.
    func final(_ ruling: Ruling, for recipient: ContentFacts.Recipient) -> Ruling {
        var ruling = ruling
        switch ruling.verdict {
        case .relay, .discard:
            // The reason names the entry that set the mark.
            if let reason = recipient.holdReason { ruling = Ruling(verdict: .hold(reason), rule: nil) }
        case .reject(let reply) where recipient.address.isPostmaster && isAccepted(recipient.address):
            // Whoever is refused must be able to say so (RFC 5321 §4.5.1).
            ruling.verdict = .hold("postmaster is not refused content: \(reply.text)")
        case .hold, .reject, .retryLater:
            break
        }
        return ruling
    }

    private func isAccepted(_ address: Address) -> Bool { policy.acceptedChannel(of: address.domain) != nil }

    /// The recipient's part of the settlement. Beyond the forms that a message may have it is held.
    mutating func judged(
        _ recipient: ContentFacts.Recipient, _ ruling: Ruling, _ finding: FilterFinding,
        _ levels: FilterLevels? = nil
    ) -> Settlement.Judged {
        let sender = levels?.envelopeSender.map(\.address) ?? sender(of: recipient)
        var judged = Settlement.Judged(
            recipient: recipient, verdict: ruling.verdict, keepsCopy: finding.keepsCopy, rule: ruling.rule,
            sender: sender == facts.sender.sender ? nil : EnvelopeSender(sender))
        judged.options = recipient.options
        judged.options.conversionTags =
            levels?.conversionTags(from: recipient.marks.conversionTags) ?? recipient.marks.conversionTags
        guard let message else {
            judged.edition = forms.indexUnread(below: top()) ?? 0
            return judged
        }
        guard let base = base(of: recipient), add(finding, levels, base, to: &judged) else {
            if case .relay = judged.verdict {
                judged.verdict = .hold("there are more than \(MessageForms.formsMax) forms of this message")
                judged.rule = nil
            }
            judged.keepsCopy = true
            judged.copies = []
            judged.edition = forms.indexPlain(of: message, canonical: canonical, removingOf: untrusted)
            return judged
        }
        if case .reject = judged.verdict { return judged }
        judged.besides = captures(of: recipient, edition: judged.edition)
        return judged
    }

    /// Editions and copies; false where there are too many forms.
    private mutating func add(
        _ finding: FilterFinding, _ levels: FilterLevels?, _ base: Int, to judged: inout Settlement.Judged
    ) -> Bool {
        var lines = finding.lines
        if let field = policy.filters.flagsField, !finding.flags.isEmpty {
            lines += HeaderLine.octets("\(field): \(finding.flags.joined(separator: " "))")
        }
        let own = decorated(finding.edition, levels, base)
        guard let edition = forms.index(base, own, lines: lines) else { return false }
        judged.edition = edition
        switch judged.verdict {
        case .relay, .discard: break
        // The message as such waits, or is refused: what a script wanted done with it is undone.
        case .hold, .reject, .retryLater: return true
        }
        for var copy in finding.copies {
            if let redirection = copy.redirection {
                copy.lines += RedirectedMessage.resentFields(
                    of: redirection, by: judged.recipient.address,
                    context("r\(filtering.recipient).\(judged.copies.count)"))
            }
            let own = decorated(copy.edition, levels, base)
            guard let edition = index(of: copy, base, own) else { return false }
            judged.copies.append(
                Settlement.Copy(
                    address: copy.address, debt: copy.debt, edition: edition, sender: copy.sender,
                    options: options(of: copy, judged)))
        }
        return true
    }

    private func options(of copy: FilterFinding.Copy, _ judged: Settlement.Judged) -> DeliveryOptions {
        guard let redirection = copy.redirection else {
            var options = judged.options
            options.originalRecipients =
                options.originalRecipient(of: judged.recipient.address).map {
                    [.init(recipient: copy.address, text: $0)]
                } ?? []
            return options
        }
        return judged.options.redirected(
            by: redirection, from: judged.recipient.address, to: copy.address, now: time)
    }

    /// Where the copy's form is. Several recipients that send the same message on to one address send it
    /// once: the first one's name stands in it.
    private mutating func index(of copy: FilterFinding.Copy, _ base: Int, _ own: Edition?) -> Int? {
        let earlier = filtering.sentOn[copy.address]?.first { $0.base == base && $0.edition == own }
        if let earlier { return earlier.index }
        guard let index = forms.index(base, own, lines: copy.lines) else { return nil }
        if !copy.lines.isEmpty { filtering.sentOn[copy.address, default: []].append((base, own, index)) }
        return index
    }

    /// `edition` with the scripts' tags before its subject and their texts before its text.
    private mutating func decorated(_ edition: Edition?, _ levels: FilterLevels?, _ base: Int) -> Edition? {
        guard let levels else { return edition }
        let tags = levels.subjectTags
        let prefixes = levels.prefixes
        guard !tags.isEmpty || !prefixes.isEmpty else { return edition }
        let key = Filtering.Decoration(base: base, edition: edition, tags: tags, prefixes: prefixes)
        if let known = filtering.decorated.first(where: { $0.key == key }) { return known.edition }
        let decorated = decorated(edition, base, tags: tags, prefixes: prefixes)
        if filtering.decorated.count >= Filtering.decoratedMax { filtering.decorated.removeFirst() }
        filtering.decorated.append((key, decorated))
        return decorated
    }

    private mutating func decorated(
        _ edition: Edition?, _ base: Int, tags: [String], prefixes: [String]
    ) -> Edition? {
        var edition = edition
        if !tags.isEmpty {
            let message = forms.message(base, edition)
            let tagged = SubjectTag.edition(tags.joined(separator: " "), in: message)
            edition = edition.map { tagged.composed(over: $0) } ?? tagged
        }
        // The last is to stand nearest to the text.
        for prefix in prefixes.reversed() {
            let message = forms.message(base, edition)
            guard
                let prefixed = Edition.prefixing(
                    prefix, in: message, tree: message.parts(), limits: MessageLimits())
            else { continue }
            edition = edition.map { prefixed.composed(over: $0) } ?? prefixed
        }
        return edition
    }

    /// Whoever gets a copy of the recipient's mail, as far as there is a way to them (`$M`).
    private mutating func captures(of recipient: ContentFacts.Recipient, edition: Int) -> [Settlement.Copy] {
        recipient.marks.captures.compactMap { address in
            // Nobody is told of the copy: its sender is the null reverse-path.
            channel(to: address, "copy").map {
                Settlement.Copy(
                    address: address, debt: .deliver(channel: $0), edition: edition, sender: .null)
            }
        }
    }

    /// The channel that leads to `address`; nil, with a note, where none does.
    private mutating func channel(to address: Address, _ what: String) -> String? {
        let channel = policy.destinationChannel(of: address.domain)
        if policy.channels[channel]?.hasRoute == true { return channel }
        trail.append(
            Trail.Entry(
                .policy, rule: "postern.toml [channel.\(channel)]", about: "\(address)",
                result: "no \(what) for it: channel \(channel) has no route"))
        return nil
    }

    // MARK: Messages of our own

    mutating func letters(
        _ levels: inout FilterLevels, _ finding: FilterFinding, _ judged: Settlement.Judged
    ) -> [Settlement.Copy] {
        let letters = levels.letters(finding, judged.verdict)
        // Without a base of the recipient's own there is only somebody else's to write about.
        guard let base = base(of: judged.recipient) else { return [] }
        return letters.flatMap { letter in post(letter, about: base) }
    }

    /// The report to the sender that a script of the recipient at hand refused the message, should others
    /// take it; nil where the sender isn't known to be who he says. Never about a virus, and never to the
    /// null reverse-path (promise P5).
    func report(_ reply: Reply, by level: FilterLevels.Ran, _ spam: SpamFinding) -> FilterLevels.Letter? {
        let isKnown = facts.session.isAuthenticated || facts.session.sourceChannel == policy.insideChannel
        guard isKnown, facts.sender.sender != nil, spam.virusLevel < Self.virusLevelMin,
            let subject = level.subject,
            let report = ReportMessage.rejection(
                reason: reply.lines.joined(separator: "\r\n"), of: subject,
                context("\(filtering.judged.count).0"))
        else { return nil }
        return FilterLevels.Letter(report, over: level.before)
    }

    /// From here on a script says that there is, or was, a virus (RFC 5235 §3.3).
    private static let virusLevelMin = 2

    /// A report for each recipient whose script refused what others take.
    mutating func addReports(to judged: inout [Settlement.Judged]) {
        let isMixed = judged.contains { if case .reject = $0.verdict { false } else { true } }
        guard isMixed else { return }
        for index in judged.indices {
            guard let refusal = filtering.refusals[index] else { continue }
            judged[index].besides = post(refusal.report, about: refusal.base)
        }
    }

    /// What every message of ours needs; its id is the case's and what `id` adds to it.
    func context(_ id: String) -> OwnMessageContext {
        OwnMessageContext(
            hostname: policy.hostname, now: time, id: "\(facts.caseID).\(id)",
            postmaster: policy.postmaster)
    }

    mutating func post(_ letter: FilterLevels.Letter, about base: Int) -> [Settlement.Copy] {
        filtering.letters += 1
        guard filtering.letters <= Self.lettersMax else {
            if filtering.letters == Self.lettersMax + 1 {
                trail.append(
                    Trail.Entry(
                        .policy, rule: nil, about: facts.caseID,
                        result: "no further message is sent: \(Self.lettersMax) are the most about one"))
            }
            return []
        }
        let edition =
            if let edition = letter.edition { forms.index(ofLetter: edition, about: base) } else {
                forms.index(base, nil)
            }
        guard let edition else { return [] }
        return letter.recipients.compactMap { address in
            channel(to: address, "message").map {
                Settlement.Copy(
                    address: address, debt: .deliver(channel: $0), edition: edition, sender: letter.sender)
            }
        }
    }
}
