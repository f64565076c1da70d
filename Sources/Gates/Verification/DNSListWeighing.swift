// SPDX-License-Identifier: MIT

internal import Mail

/// What the answers of DNS lists come to: a sum of weights, and what follows from it.
struct DNSListWeighing: Sendable {
    /// Texts of lists that are asked for, for one reply: it has room for no more.
    static let textsMax = 3

    private struct Hit: Sendable {
        let list: DNSListsPolicy.DNSList
        let subject: String
        let question: DNSQuestion
    }

    private let policy: DNSListsPolicy
    private(set) var weight: Int
    /// An allow list without a weight has spoken.
    private(set) var isAllowListed = false
    private(set) var trail = Trail()
    /// Of block lists.
    private var hits: [Hit] = []
    private var sickAllowLists = 0
    private var sickBlockLists = 0

    init(policy: DNSListsPolicy, weight: Int) {
        self.policy = policy
        self.weight = weight
    }

    /// Names of the block lists that spoke.
    var listedBy: [String] { hits.map(\.list.name) }

    mutating func add(
        _ answer: DNSListAnswer, of list: DNSListsPolicy.DNSList, subject: String, question: DNSQuestion
    ) {
        let result: String
        switch answer {
        case .notListed:
            return
        case .sick(let reason):
            if list.kind == .allow { sickAllowLists += 1 } else { sickBlockLists += 1 }
            result = "\(reason); passed over"
        case .listed(let code):
            switch (list.kind, list.weight) {
            case (.allow, nil):
                isAllowListed = true
                result = "answered \(code): exempt"
            case (.allow, let less?):
                weight -= less
                result = "answered \(code): weight -\(less)"
            case (.block, let more):
                weight += more ?? 1
                hits.append(Hit(list: list, subject: subject, question: question))
                result = "answered \(code): weight +\(more ?? 1)"
            }
        }
        trail.append(
            Trail.Entry(
                .policy, rule: "postern.toml [dns_list.\(list.name)]", about: "\(subject) in \(list.zone)",
                result: result))
    }

    // MARK: What follows

    /// Nil: admitted, perhaps to be held (`DNSListsPolicy.holdReason`).
    private var refusal: DNSListsPolicy.Refusal? {
        if isAllowListed { return nil }
        let refusal = policy.refusal(ofWeight: weight)
        guard policy.onFailure == .defer, sickAllowLists + sickBlockLists > 0 else { return refusal }
        // A list that is silent could only make it worse, unless it is an allow list.
        return refusal == .reject && sickAllowLists == 0 ? .reject : .defer
    }

    /// Where the texts of the lists are, for the reply; none where there is no reply.
    var textQuestions: [Question] {
        guard refusal != nil else { return [] }
        return textHits.compactMap { DNSQuestion(name: $0.question.name, type: .txt).map(Question.dns) }
    }

    private var textHits: [Hit] {
        Array(heaviest.filter { $0.list.text == nil }.prefix(Self.textsMax))
    }

    private var heaviest: [Hit] {
        hits.enumerated().sorted { one, other in
            (other.element.list.weight ?? 1, one.offset) < (one.element.list.weight ?? 1, other.offset)
        }.map(\.element)
    }

    /// The reply to what is refused or put off, and the trail's last word on it; nil for what is admitted.
    ///
    /// `texts`: the answers to `textQuestions`. The codes are those of a connection that ends, or else of a
    /// command.
    mutating func reply(texts: [Answer], endsConnection: Bool) -> Reply? {
        guard let refusal else { return nil }
        let rule = "postern.toml [dns_lists]"
        guard policy.refusal(ofWeight: weight) != nil else {
            trail.append(
                Trail.Entry(
                    .policy, rule: rule, about: "on_failure", result: "a list can't be asked: put off"))
            return Reply(endsConnection ? 421 : 451, "4.4.3", "DNS lists don't answer, try again later")
        }
        let verb = refusal == .reject ? "rejected" : "put off"
        trail.append(
            Trail.Entry(.policy, rule: rule, about: "weight", result: "\(weight): \(verb)"))
        var words = "\(refusal == .reject ? "blocked" : "put off") by local policy"
        if let first = heaviest.first {
            // The reader is a stranger's postmaster: he needs the list's own name to ask it why.
            var zones: [String] = []
            for hit in heaviest where !zones.contains(hit.list.zone) { zones.append(hit.list.zone) }
            words =
                "\(subject(first)) \(refusal == .reject ? "blocked" : "put off") using "
                + zones.prefix(Self.textsMax).joined(separator: ", ")
            if let text = text(of: first, texts) { words += ": \(text)" }
        }
        if refusal == .defer { return Reply(endsConnection ? 421 : 450, "4.7.1", words) }
        return Reply(endsConnection ? 554 : 550, "5.7.1", words)
    }

    private func subject(_ hit: Hit) -> String {
        switch hit.list.subject {
        case .client: "Client host [\(hit.subject)]"
        case .sender: "Sender domain \(hit.subject)"
        case .helo: "Client name \(hit.subject)"
        }
    }

    /// The operator's text, or the list's: its first TXT record, cut, with what isn't printable as `?`.
    private func text(of hit: Hit, _ answers: [Answer]) -> String? {
        if let own = hit.list.text { return own }
        guard let index = textHits.firstIndex(where: { $0.question == hit.question }),
            answers.indices.contains(index), case .records(let texts, _) = DNSAnswer(answers[index]),
            let text = texts.first, !text.isEmpty
        else { return nil }
        return String(decoding: text.utf8.prefix(CalloutText.octetsMax), as: UTF8.self)
    }
}

extension DNSListsPolicy {
    package enum Refusal: Sendable { case reject, `defer` }

    /// What a sum of weights leads to, the lists' and whatever else is weighed with them; nil: admitted.
    package func refusal(ofWeight weight: Int) -> Refusal? {
        if let rejectAt, weight >= rejectAt { return .reject }
        if let deferAt, weight >= deferAt { return .defer }
        return nil
    }

    /// Why messages of a client with so much weight are held, if they are.
    package func holdReason(weight: Int, listedBy: [String]) -> String? {
        guard let holdAt, weight >= holdAt else { return nil }
        let lists = listedBy.isEmpty ? "" : " (\(listedBy.joined(separator: ", ")))"
        return "DNS lists: weight \(weight)\(lists), held from \(holdAt)"
    }
}
