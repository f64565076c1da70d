// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// A client has connected: may it speak, and by which channel does it come in?
///
/// `PORT_ACCESS` first (input flag `A`); only for an admitted client `INTERNAL_IP`, whose `$Y` makes it an
/// inside one. What lists and names say is asked about the others, and goes out together with the first that
/// `PORT_ACCESS` asks.
package struct ConnectionGate: Evaluation {
    private enum Stage: Sendable {
        case port(TableRun)
        case internalIP(TableRun)
        case client(Marks)
    }

    private let policy: Policy
    private let ruleset: Ruleset
    private let peer: Peer
    private let talkedFirst: Bool
    private var stage: Stage
    private var client: ClientVerification
    /// How many of the questions that are out are `client`'s.
    private var earlyCount = 0
    /// Their answers; nil where `client` has asked nothing yet.
    private var early: [Answer]?
    private var consequences = Consequences()
    private var trail = Trail()

    /// `talkedFirst`: octets came before the greeting (`SessionPolicy.PreGreeting`).
    package init(ruleset: Ruleset, peer: Peer, talkedFirst: Bool = false) {
        self.ruleset = ruleset
        self.peer = peer
        self.talkedFirst = talkedFirst
        policy = ruleset.policy
        client = ClientVerification(ruleset: ruleset, peer: peer)
        stage = .port(
            TableRun(
                .portAccess, probe: AccessTable.portProbe(peer), inputFlags: ["A"], tables: ruleset.tables))
    }

    package mutating func next(_ answers: [Answer]) -> Step<Decision> {
        switch stage {
        case .port(var run):
            switch run.next(withoutEarly(answers)) {
            case .ask(let questions):
                stage = .port(run)
                return .ask(questions + earlyQuestions())
            case .done(let outcome, let entries):
                trail.append(contentsOf: entries)
                let access = AccessOutcome(port: outcome)
                consequences.formUnion(access.marks.consequences)
                if let reply = access.rejection { return .done(.reject(reply, consequences), trail) }
                // Sun's rule: lists are asked only where no entry matched and accepted.
                client.isAccepted = outcome.matched
                stage = .internalIP(
                    TableRun(
                        .internalIP, probe: peer.clientAddress.description, inputFlags: [],
                        tables: ruleset.tables))
                return next([])
            }
        case .internalIP(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .internalIP(run)
                return .ask(questions)
            case .done(let outcome, let entries):
                trail.append(contentsOf: entries)
                // Not "outside": a host of our own would then be refused for good what it may send.
                guard outcome.overrun == nil else { return .done(.reject(.policyFault), trail) }
                return classify(isInside: outcome.matched && outcome.has("Y"))
            }
        case .client(let marks):
            return verify(answers, marks)
        }
    }

    private mutating func classify(isInside: Bool) -> Step<Decision> {
        var marks = Marks(sourceChannel: isInside ? policy.insideChannel : policy.outsideChannel)
        if talkedFirst, !isInside {
            let early = EarlyTalker(policy.session.preGreeting, peer: peer)
            trail.append(early.entry)
            if let reply = early.rejection { return .done(.reject(reply, consequences), trail) }
            if let tag = early.conversionTag { marks.conversionTags.append(tag) }
            client.otherWeight = early.weight
        }
        client.isInside = isInside
        stage = .client(marks)
        return verify(early ?? [], marks)
    }

    private mutating func verify(_ answers: [Answer], _ marks: Marks) -> Step<Decision> {
        switch client.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let verdict, let entries):
            trail.append(contentsOf: entries)
            if let access = verdict.access { consequences.formUnion(access.marks.consequences) }
            if let reply = verdict.rejection { return .done(.reject(reply, consequences), trail) }
            var marks = marks
            if verdict.findings != ClientFindings() { marks.client = verdict.findings }
            marks.consequences = consequences
            return .done(.admit(marks), trail)
        }
    }

    // MARK: Questions that go out early

    /// The first questions about the client, once.
    private mutating func earlyQuestions() -> [Question] {
        guard early == nil, case .ask(let questions) = client.next([]) else { return [] }
        early = []
        earlyCount = questions.count
        return questions
    }

    /// Takes the answers to them off.
    private mutating func withoutEarly(_ answers: [Answer]) -> [Answer] {
        guard earlyCount > 0 else { return answers }
        early = Array(answers.suffix(earlyCount))
        earlyCount = 0
        return Array(answers.dropLast(early?.count ?? 0))
    }
}
