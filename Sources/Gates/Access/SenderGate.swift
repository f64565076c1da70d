// SPDX-License-Identifier: MIT

package import Mail

/// MAIL FROM was said: `FROM_ACCESS`, then what DNS and its lists say of the sender, then `REVERSE` for the
/// envelope sender. The ruleset it is made with judges the message to its end (promise P2).
package struct SenderGate: Evaluation {
    private enum Stage: Sendable {
        case access(AccessRun)
        case verification(SenderVerification)
        case reverse(ReverseRun)
    }

    private let ruleset: Ruleset
    private let session: SessionFacts
    private let sender: SenderFacts
    private var stage: Stage
    private var marks = Marks()
    private var trail = Trail()

    package init(ruleset: Ruleset, session: SessionFacts, sender: SenderFacts) {
        self.ruleset = ruleset
        self.session = session
        self.sender = sender
        let policy = ruleset.policy.access
        let isAsked = ruleset.tables.contains(AccessTable.fromAccess.rawValue)
        stage = .access(
            AccessRun(
                .fromAccess, probe: isAsked ? AccessTable.fromProbe(session, sender, policy) : "",
                inputFlags: AccessTable.fromAccess.inputFlags(session),
                about: sender.sender?.description ?? "<>", ruleset: ruleset))
    }

    package mutating func next(_ answers: [Answer]) -> Step<Decision> {
        switch stage {
        case .access(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .access(run)
                return .ask(questions)
            case .done(let access, let entries):
                trail.append(contentsOf: entries)
                if let reply = access.rejection {
                    return .done(.reject(reply, access.marks.consequences), trail)
                }
                marks = access.marks
                stage = .verification(
                    SenderVerification(policy: ruleset.policy, session: session, sender: sender))
                return next([])
            }
        case .verification(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .verification(run)
                return .ask(questions)
            case .done(let verdict, let entries):
                trail.append(contentsOf: entries)
                if let reply = verdict.rejection {
                    return .done(.reject(reply, marks.consequences), trail)
                }
                marks.holdReason = marks.holdReason ?? verdict.holdReason
                return reverse()
            }
        case .reverse(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .reverse(run)
                return .ask(questions)
            case .done(let result, let entries):
                trail.append(contentsOf: entries)
                switch result {
                case .unchanged: break
                case .changed(let address): marks.sender = "\(address)"
                case .failed: return .done(.reject(.policyFault, marks.consequences), trail)
                }
                return .done(.admit(marks), trail)
            }
        }
    }

    private mutating func reverse() -> Step<Decision> {
        guard ruleset.policy.access.reverse == .address, ReverseRun.isWanted(ruleset),
            let address = marks.sender(insteadOf: sender.sender)
        else { return .done(.admit(marks), trail) }
        stage = .reverse(ReverseRun(address, ruleset: ruleset))
        return next([])
    }
}
