// SPDX-License-Identifier: MIT

package import Mail

/// A script judging one message for one recipient, as a value that can be copied, stored and gone on with.
///
/// The base language asks nothing of the world: the first `next` answers `done`. A test that must ask will
/// stop its execution at its own instruction, and `next` will go on there with the answer.
package struct ScriptEvaluation: Evaluation {
    private var execution: Execution

    package init(script: Script, subject: SieveSubject, limits: SieveLimits = .init()) {
        execution = Execution(script: script, subject: subject, limits: limits)
    }

    package mutating func next(_ answers: [Answer]) -> Step<ScriptOutcome> {
        precondition(answers.isEmpty, "a script was handed \(answers.count) answers and had asked nothing")
        execution.run()
        return .done(outcome, trail)
    }

    private var outcome: ScriptOutcome {
        guard let fault = execution.fault else {
            return ScriptOutcome(
                actions: execution.actions, implicitKeep: execution.implicitKeep,
                decidedBy: execution.decidedBy)
        }
        // RFC 5228 §2.10.6: nothing was done yet, so nothing has to be undone; the message is kept.
        return ScriptOutcome(
            actions: [], implicitKeep: true, error: "\(execution.place): \(fault.message)",
            errorPlace: execution.place)
    }

    /// One entry for each action, with the line of the test that led to it; one for an error; one for an
    /// implicit keep.
    private var trail: Trail {
        var trail = Trail()
        let about = execution.subject.recipient?.description ?? execution.script.name
        if let fault = execution.fault {
            trail.append(
                .init(
                    .sieve, rule: execution.place.description, about: about,
                    result: "run-time error: \(fault.message); implicit keep"))
            return trail
        }
        for decision in execution.decisions {
            let reason = decision.conditionLine > 0 ? " (test in line \(decision.conditionLine))" : ""
            trail.append(
                .init(
                    .sieve, rule: decision.action.place.description, about: about,
                    result: decision.action.kind.name + reason))
        }
        if execution.implicitKeep {
            trail.append(
                .init(.sieve, rule: nil, about: about, result: "\(execution.script.name): implicit keep"))
        }
        return trail
    }
}
