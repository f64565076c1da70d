// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import NIOCore
internal import SMTPProtocol
internal import Telemetry

/// What a client does besides sending mail: it says who it is (AUTH), or asks for mail of its own (ETRN).
extension Visit {
    // MARK: AUTH

    func judgeIdentity(_ credentials: Credentials) {
        let mechanism = credentials.mechanism.rawValue
        let gate = IdentityGate(
            mechanism: mechanism, identity: credentials.identity, client: peer.clientAddress)
        worker.driver.judge(
            gate, secret: credentials.secret, seconds: worker.settings.commandSeconds, budget: budget
        ) { [self] judgement in
            guard !isGone else { return }
            switch judgement.outcome {
            case .verified(let address):
                authenticated = address
                identity = judgement
                worker.counters.add(.authenticationsSucceeded)
                worker.logger.log(
                    InboundEvent.authenticationSucceeded(
                        caseID: id, client: client, mechanism: mechanism, identity: credentials.identity))
                followTerms()
                answer(.admitted)
            case .refused(let reply):
                worker.counters.add(.authenticationsFailed)
                worker.logger.log(
                    InboundEvent.authenticationFailed(
                        caseID: id, client: client, mechanism: mechanism, identity: credentials.identity,
                        reply: reply.text))
                // Only what was a guess makes the next one slower.
                if reply.isPermanent { wrongPasswords += 1 }
                let delay = reply.isPermanent ? guessDelay(wrongPasswords) : 0
                answer(.refused(reply), after: delay)
            }
        }
    }

    /// What a wrong guess costs the client, in 1/100 s.
    func guessDelay(_ guesses: Int) -> Int {
        isStranger ? connectionRuleset.policy.session.delay(guesses: guesses) : 0
    }

    /// TLS is there, and with it a new session as far as the client is concerned (RFC 3207 §4.2).
    func forgetIdentity() {
        authenticated = nil
        identity = nil
        followTerms()
    }

    // MARK: ETRN

    func judgeQueueRun(_ command: QueueRunCommand) {
        let ruleset = worker.rulesets.value
        let gate = ETRNGate(ruleset: ruleset, session: facts(ruleset.policy), node: command.argument)
        worker.driver.judge(gate, seconds: worker.settings.commandSeconds, budget: budget) {
            [self] judgement in
            guard !isGone else { return }
            tell(judgement.outcome.consequences, caseID: id)
            switch judgement.outcome {
            case .reject(let reply, _):
                settle(command, channel: "", reply)
            case .admit(let marks):
                // A queue's name means a channel to us; a node without one is no concern of ours.
                let own =
                    command.scope == .queue ? nil : ruleset.policy.acceptedChannel(of: command.node)
                guard let channel = marks.destinationChannel ?? own else {
                    return settle(command, channel: "", .queueUnknown(command.node))
                }
                worker.runQueue(of: channel) { [self] result in
                    guard !isGone else { return }
                    settle(command, channel: channel, .queueRun(command.node, result))
                }
            }
        }
    }

    private func settle(_ command: QueueRunCommand, channel: String, _ reply: Reply) {
        worker.logger.log(
            InboundEvent.queueRunAsked(
                caseID: id, client: client, node: command.argument, channel: channel, reply: reply.text))
        answer(.settled(reply))
    }
}
