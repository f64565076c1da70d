// SPDX-License-Identifier: MIT

internal import Mail
internal import MappingTables

/// What lists and names say about a client that `PORT_ACCESS` didn't refuse.
///
///     round 1   the DNS lists, all together, and the client's PTR records
///     round 2   the addresses of its names; the lists' texts, if it is going to be refused
///     then      CLIENT_ACCESS, which sees the name
///
/// It may begin before it is known whether the client needs it: the first round then goes out together with
/// what `PORT_ACCESS` asks. `isInside` and `isAccepted` are to be set before the answers come in.
struct ClientVerification: Evaluation {
    struct Verdict: Sendable {
        var findings = ClientFindings()
        var rejection: Reply?
        /// What `CLIENT_ACCESS` made of the client; nil where it wasn't asked.
        var access: AccessOutcome?
    }

    /// `INTERNAL_IP` knows the client: neither lists nor names have a say about it.
    var isInside = false
    /// An entry of `PORT_ACCESS` accepted it: no list is asked.
    var isAccepted = false
    /// Weighed together with what the lists say.
    var otherWeight = 0

    private enum Stage: Sendable {
        case start
        /// How many of the questions are the lists'.
        case first(lists: Int)
        case second(texts: Int)
        case table(TableRun)
    }

    private let ruleset: Ruleset
    private let peer: Peer
    private let inquiry: DNSListInquiry
    private var lookup: ClientNameLookup?
    private var weighing: DNSListWeighing?
    private var texts: [Answer] = []
    private var verdict = Verdict()
    private var trail = Trail()
    private var stage = Stage.start

    init(ruleset: Ruleset, peer: Peer) {
        self.ruleset = ruleset
        self.peer = peer
        let policy = ruleset.policy.verification
        inquiry = DNSListInquiry(
            policy.lists, subjects: [.client: peer.clientAddress.description])
        let wantsName =
            policy.clientNames == .always || policy.greylist?.readsClientName == true
            || ruleset.tables.contains(AccessTable.clientAccess.rawValue)
        lookup = wantsName ? ClientNameLookup(peer.clientAddress) : nil
    }

    mutating func next(_ answers: [Answer]) -> Step<Verdict> {
        switch stage {
        case .start: return begin()
        case .first(let lists): return weigh(answers, lists: lists)
        case .second(let texts):
            self.texts = Array(answers.prefix(texts))
            if texts < answers.count { _ = nameStep(Array(answers.dropFirst(texts))) }
            return askTable()
        case .table(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .table(run)
                return .ask(questions)
            case .done(let outcome, let entries):
                trail.append(contentsOf: entries)
                let access = AccessOutcome(port: outcome, table: .clientAccess)
                verdict.access = access
                verdict.rejection = access.rejection
                return conclude(isAccepted: outcome.matched)
            }
        }
    }

    private mutating func begin() -> Step<Verdict> {
        var questions = isInside || isAccepted ? [] : inquiry.questions
        let lists = questions.count
        if !isInside { questions += nameStep([]) }
        guard !questions.isEmpty else { return askTable() }
        stage = .first(lists: lists)
        return .ask(questions)
    }

    private mutating func weigh(_ answers: [Answer], lists: Int) -> Step<Verdict> {
        // Whoever turned out not to need this has no verdict from it.
        guard !isInside else { return .done(verdict, trail) }
        if !isAccepted, lists > 0 {
            weighing = inquiry.weigh(Array(answers.prefix(lists)), adding: otherWeight)
        }
        let texts = weighing?.textQuestions ?? []
        let questions = texts + (lists < answers.count ? nameStep(Array(answers.dropFirst(lists))) : [])
        guard !questions.isEmpty else { return askTable() }
        stage = .second(texts: texts.count)
        return .ask(questions)
    }

    /// The name's next questions; none once it is known.
    private mutating func nameStep(_ answers: [Answer]) -> [Question] {
        guard var running = lookup else { return [] }
        switch running.next(answers) {
        case .ask(let questions):
            lookup = running
            return questions
        case .done(let name, let entries):
            lookup = nil
            verdict.findings.name = name
            trail.append(contentsOf: entries)
            return []
        }
    }

    private mutating func askTable() -> Step<Verdict> {
        guard !isInside, ruleset.tables.contains(AccessTable.clientAccess.rawValue) else {
            return conclude(isAccepted: false)
        }
        let probe = AccessTable.clientProbe(peer, verdict.findings.name, ruleset.policy.access)
        let run = TableRun(.clientAccess, probe: probe, inputFlags: [], tables: ruleset.tables)
        stage = .table(run)
        return next([])
    }

    /// `isAccepted`: by `CLIENT_ACCESS`, and then no list has a say, as with `PORT_ACCESS`.
    private mutating func conclude(isAccepted: Bool) -> Step<Verdict> {
        if weighing == nil, otherWeight > 0, !isInside, !self.isAccepted {
            weighing = inquiry.weigh([], adding: otherWeight)
        }
        if verdict.rejection == nil, !isAccepted, var weighing {
            verdict.rejection = weighing.reply(texts: texts, endsConnection: true)
            trail.append(contentsOf: weighing.trail)
            verdict.findings.listWeight = weighing.weight
            verdict.findings.listedBy = weighing.listedBy
            verdict.findings.isAllowListed = weighing.isAllowListed
        }
        return .done(verdict, trail)
    }
}

extension AccessTable {
    /// `<port-info>|state|name`: `confirmed`, `claimed`, `none` or `unknown`, and the name of the first two.
    static func clientProbe(_ peer: Peer, _ name: ClientName, _ policy: AccessPolicy) -> String {
        var probe = Probe(policy, portInfo(peer))
        probe.add(name.state)
        probe.add(name.text)
        return probe.text
    }
}
