// SPDX-License-Identifier: MIT

internal import Mail

/// What DNS and its lists say about a sender that `FROM_ACCESS` didn't reject: does the domain exist and take
/// mail (`mailfromdnsverify`), do lists name it or the client's HELO?
///
/// The null reverse-path has no domain. An inside or authenticated client's sender is on no list.
struct SenderVerification: Evaluation {
    struct Verdict: Sendable {
        var rejection: Reply?
        var holdReason: String?
    }

    /// Mail exchangers whose addresses are compared with the blocked ranges, at most: the zone is a
    /// stranger's, and may name hundreds to make us ask.
    static let exchangersMax = 4

    private enum Stage: Sendable {
        case start
        /// How many of the questions are the lists'.
        case first(lists: Int)
        case second(texts: Int)
    }

    /// What is known of the domain.
    private enum Existence: Sendable, Equatable {
        case notAsked
        case exists
        case nullExchanger
        case missing
        /// All its addresses are in the blocked ranges.
        case blocked
        case unknown(String)
    }

    private let policy: VerificationPolicy
    private let session: SessionFacts
    /// Nil for the null reverse-path.
    private let domain: String?
    private let inquiry: DNSListInquiry
    private let isVerified: Bool
    /// Lists have a say about it.
    private let isWeighed: Bool
    private var existence = Existence.notAsked
    private var weighing: DNSListWeighing?
    private var trail = Trail()
    private var stage = Stage.start

    init(policy: Policy, session: SessionFacts, sender: SenderFacts) {
        self.policy = policy.verification
        self.session = session
        let domain = sender.sender.flatMap { $0.domain.isEmpty ? nil : $0.foldedDomain }
        self.domain = domain
        var subjects: [DNSListsPolicy.DNSList.Subject: String] = [:]
        isWeighed =
            session.sourceChannel == policy.outsideChannel && !session.isAuthenticated
            && !session.client.isAllowListed
        if isWeighed {
            subjects[.sender] = domain
            subjects[.helo] = session.helo
        }
        inquiry = DNSListInquiry(policy.verification.lists, subjects: subjects)
        isVerified = domain != nil && policy.channels[session.sourceChannel]?.verifiesSenderDomains == true
    }

    mutating func next(_ answers: [Answer]) -> Step<Verdict> {
        switch stage {
        case .start:
            let questions = inquiry.questions + domainQuestions()
            guard !questions.isEmpty else { return conclude([]) }
            stage = .first(lists: inquiry.questions.count)
            return .ask(questions)
        case .first(let lists):
            if lists > 0 {
                weighing = inquiry.weigh(
                    Array(answers.prefix(lists)), adding: max(0, session.client.listWeight))
            }
            let texts = weighing?.textQuestions ?? []
            let questions = texts + learn(answers.dropFirst(lists).map(DNSAnswer.init))
            guard !questions.isEmpty else { return conclude([]) }
            stage = .second(texts: texts.count)
            return .ask(questions)
        case .second(let texts):
            if texts < answers.count { compare(answers.dropFirst(texts).map(DNSAnswer.init)) }
            return conclude(Array(answers.prefix(texts)))
        }
    }

    // MARK: Does the domain exist?

    private mutating func domainQuestions() -> [Question] {
        guard isVerified, let domain else { return [] }
        if domain.utf8.first == UInt8(ascii: "[") {
            existence = literal(domain).map { isBlocked([$0]) ? .blocked : .exists } ?? .missing
            return []
        }
        let questions = [DNSQuestion.RecordType.mx, .a, .aaaa].compactMap {
            DNSQuestion(name: domain, type: $0).map(Question.dns)
        }
        if questions.isEmpty { existence = .missing }
        return questions
    }

    /// `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3).
    private func literal(_ domain: String) -> IPAddress? {
        guard domain.hasSuffix("]") else { return nil }
        let inner = domain.dropFirst().dropLast()
        return IPAddress(inner.hasPrefix("ipv6:") ? String(inner.dropFirst(5)) : String(inner))
    }

    /// Reads the answers about MX, A and AAAA. Returns what must be asked besides.
    private mutating func learn(_ answers: [DNSAnswer]) -> [Question] {
        guard answers.count == 3 else { return [] }
        if case .records(let records, _) = answers[0], !MailExchanger.ordered(records).isEmpty {
            guard !MailExchanger.isNull(records) else {
                existence = .nullExchanger
                return []
            }
            existence = .exists
            guard !policy.senders.blockedRanges.isEmpty else { return [] }
            let hosts = MailExchanger.ordered(records).compactMap(\.host).prefix(Self.exchangersMax)
            return hosts.flatMap { host in
                [DNSQuestion.RecordType.a, .aaaa].compactMap {
                    DNSQuestion(name: host, type: $0).map(Question.dns)
                }
            }
        }
        let addresses = Self.addresses(answers.dropFirst())
        if !addresses.isEmpty {
            existence = isBlocked(addresses) ? .blocked : .exists
        } else {
            existence = Self.failure(answers).map(Existence.unknown) ?? .missing
        }
        return []
    }

    /// The addresses of the domain's exchangers. One that has none, or can't be asked about, proves nothing.
    private mutating func compare(_ answers: [DNSAnswer]) {
        if Self.failure(answers) == nil, isBlocked(Self.addresses(answers[...])) { existence = .blocked }
    }

    private func isBlocked(_ addresses: [IPAddress]) -> Bool {
        !addresses.isEmpty
            && addresses.allSatisfy { address in
                policy.senders.blockedRanges.contains { $0.contains(address) }
            }
    }

    private static func addresses(_ answers: ArraySlice<DNSAnswer>) -> [IPAddress] {
        answers.flatMap { answer -> [IPAddress] in
            if case .records(let records, _) = answer { records.compactMap { IPAddress($0) } } else { [] }
        }
    }

    private static func failure(_ answers: [DNSAnswer]) -> String? {
        for answer in answers {
            switch answer {
            case .failed(let reason): return reason
            case .timedOut: return "time-out"
            case .records, .noData, .noSuchName: continue
            }
        }
        return nil
    }

    // MARK: The verdict

    private mutating func conclude(_ texts: [Answer]) -> Step<Verdict> {
        var verdict = Verdict()
        if var weighing {
            verdict.rejection = weighing.reply(texts: texts, endsConnection: false)
            trail.append(contentsOf: weighing.trail)
        }
        // Last, because readers take a trail's last place for what decided.
        if let reply = existenceReply() { verdict.rejection = reply }
        let weight = weighing?.weight ?? session.client.listWeight
        let listedBy = session.client.listedBy + (weighing?.listedBy ?? [])
        if verdict.rejection == nil, isWeighed, weighing?.isAllowListed != true,
            let reason = policy.lists.holdReason(weight: weight, listedBy: listedBy)
        {
            verdict.holdReason = reason
            trail.append(
                Trail.Entry(
                    .policy, rule: "postern.toml [dns_lists]", about: "hold_at", flags: ["H"],
                    result: reason))
        }
        return .done(verdict, trail)
    }

    private mutating func existenceReply() -> Reply? {
        let domain = domain ?? ""
        let reply: Reply?
        let result: String
        switch existence {
        case .notAsked, .exists: return nil
        case .missing:
            result = "neither MX nor address records"
            reply = Reply(550, "5.1.8", "Sender domain does not exist: \(domain)")
        case .nullExchanger:
            // RFC 7505 §4.2: nobody could answer, so nobody should write.
            result = "a null MX record: the domain takes no mail"
            reply = Reply(550, "5.7.27", "Sender domain takes no mail: \(domain)")
        case .blocked:
            result = "all its addresses are in blocked_mail_from_ips"
            reply = Reply(550, "5.1.8", "Sender domain does not exist: \(domain)")
        case .unknown(let reason):
            let isAccepted = policy.senders.onFailure == .accept
            result = "DNS failed: \(reason)\(isAccepted ? "; passed over" : "")"
            reply =
                isAccepted ? nil : Reply(450, "4.1.8", "Sender domain can't be found now: \(domain)")
        }
        let rule = "postern.toml [channel.\(session.sourceChannel)] mailfromdnsverify"
        trail.append(
            Trail.Entry(
                .policy, rule: reply == nil ? nil : rule, about: "sender domain \(domain)", result: result))
        return reply
    }
}
