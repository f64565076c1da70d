// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import NIOCore
internal import SMTPProtocol
internal import Telemetry

/// Up to the greeting: is the client let in, and on which terms?
///
/// The connection is judged at once, so that its questions are on their way while we wait to see whether the
/// client talks first. If it does, it is judged again with that fact; the answers are those of the first
/// time.
extension Visit {
    func judgeConnection() {
        worker.counters.add(.connectionsAccepted)
        connectedAt = worker.monotonicNow
        let gate = ConnectionGate(ruleset: connectionRuleset, peer: peer)
        worker.driver.judge(gate, seconds: worker.settings.commandSeconds, budget: budget) {
            [self] judgement in
            guard !isGone else { return }
            connection = judgement
            listen()
        }
    }

    /// The client may still talk first: whoever isn't turned away anyhow and comes from outside is given the
    /// time for it.
    private func listen() {
        let waitSeconds = connectionRuleset.policy.session.preGreeting.waitSeconds
        guard waitSeconds > 0, !isDraining, let marks = connection?.outcome.marks,
            marks.sourceChannel != connectionRuleset.policy.insideChannel
        else { return judgeAuthenticationRules() }
        if talkedFirst { return judgeEarlyTalker() }
        let left = connectedAt + .seconds(Int64(waitSeconds)) - worker.monotonicNow
        guard left > .zero else { return judgeAuthenticationRules() }
        listening = worker.after(hundredths: Int(left.nanoseconds / 10_000_000)) { [self] in
            listening = nil
            judgeAuthenticationRules()
        }
    }

    /// Octets came, and the greeting hasn't gone out.
    func talkFirst() {
        guard !talkedFirst, connectionRuleset.policy.session.preGreeting.waitSeconds > 0 else { return }
        talkedFirst = true
        // Else the connection is still being judged, and `listen` comes after that.
        guard let listening else { return }
        listening.cancel()
        self.listening = nil
        judgeEarlyTalker()
    }

    /// The service ends: whoever hasn't talked by now is greeted, and told so.
    func stopListening() {
        guard let listening else { return }
        listening.cancel()
        self.listening = nil
        judgeAuthenticationRules()
    }

    private func judgeEarlyTalker() {
        worker.counters.add(.earlyTalkers)
        let gate = ConnectionGate(ruleset: connectionRuleset, peer: peer, talkedFirst: true)
        let remembered = connection?.exchanges ?? []
        worker.driver.judge(
            gate, remembered: remembered, seconds: worker.settings.commandSeconds, budget: budget
        ) { [self] judgement in
            guard !isGone else { return }
            isJudgedEarly = true
            connection = judgement
            judgeAuthenticationRules()
        }
    }

    /// `PORT_ACCESS` once more, where clients can authenticate: whether this one may, and by which rules.
    private func judgeAuthenticationRules() {
        guard let channel = connection?.outcome.marks?.sourceChannel, mayAuthenticate(from: channel) else {
            return greet()
        }
        let gate = AuthenticationGate(ruleset: connectionRuleset, peer: peer)
        worker.driver.judge(gate, seconds: worker.settings.commandSeconds, budget: budget) {
            [self] judgement in
            guard !isGone else { return }
            authenticationRules = judgement
            greet()
        }
    }

    /// AUTH may be offered to a client that came by `channel`, before or after it speaks TLS.
    private func mayAuthenticate(from channel: String) -> Bool {
        let policy = connectionRuleset.policy.session
        return [false, true].contains { isEncrypted in
            let name = policy.sourceChannel(from: channel, isEncrypted: isEncrypted, isAuthenticated: false)
            return policy.channel(name).authentication != .no
        }
    }

    /// The first word is said: 220, or why there won't be any.
    private func greet() {
        guard let connection else { return answer(.refused(.localFault)) }
        let caseID = "\(id).0"
        isGreeted = true
        tell(connection.outcome.consequences, caseID: caseID)
        detail("connection", connection, caseID: caseID, level: connection.outcome.consequences.debugLevel)
        switch connection.outcome {
        case .admit:
            followTerms()
            answer(.admitted)
        case .reject(let reply, _):
            worker.counters.add(.connectionsRejected)
            worker.logger.log(
                InboundEvent.connectionRejected(
                    caseID: caseID, client: client, rule: Self.rule(connection.trail), reply: reply.text))
            keepCase(caseID, reply.isPermanent ? .reject : .defer)
            answer(refusal(reply.naming(refusal: caseID), connection.outcome.consequences))
        }
    }

    // MARK: Terms

    /// By which channel the client comes in, as things stand.
    func sourceChannel(_ policy: Policy) -> String {
        policy.session.sourceChannel(
            from: connection?.outcome.marks?.sourceChannel ?? policy.outsideChannel,
            isEncrypted: machine.tls != nil, isAuthenticated: authenticated != nil)
    }

    /// What that channel allows and costs. EHLO tells of it.
    func followTerms() {
        let policy = connectionRuleset.policy
        machine.follow(
            SessionTerms(
                channel: sourceChannel(policy), policy: policy.session,
                authentication: authenticationRules?.outcome,
                limits: worker.settings.limits, octetsMax: worker.settings.messageOctetsMax,
                offersTLS: worker.offersTLS))
    }

    /// What is known of the session, for the gates of a message.
    func facts(_ policy: Policy) -> SessionFacts {
        let found = connection?.outcome.marks?.client
        var facts = SessionFacts(
            peer: peer, helo: machine.helloName ?? "", isExtended: machine.isExtended, tls: machine.tls,
            sourceChannel: sourceChannel(policy), authenticated: authenticated,
            clientName: found?.name.confirmedName)
        if let found { facts.client = found }
        return facts
    }

    /// Nobody whom we know: what guessing costs is for these.
    var isStranger: Bool {
        authenticated == nil
            && connection?.outcome.marks?.sourceChannel != connectionRuleset.policy.insideChannel
    }
}
