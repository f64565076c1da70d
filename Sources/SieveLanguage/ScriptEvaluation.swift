// SPDX-License-Identifier: MIT

package import Mail

/// A script judging one message for one recipient, as a value that can be copied, stored and gone on with.
///
/// What must ask stops the execution at its own instruction, and `next` goes on there with the answer. The
/// base language asks nothing: its first `next` answers `done`.
package struct ScriptEvaluation: Evaluation {
    private var execution: Execution
    private var asked: [Question] = []

    /// `flags` are those that scripts before it left in the internal variable (RFC 5232 §2).
    package init(
        script: Script, subject: SieveSubject, limits: SieveLimits = .init(), flags: [String] = []
    ) {
        execution = Execution(script: script, subject: subject, limits: limits)
        execution.flags = FlagList(flags.map { Array($0.utf8) })
    }

    package mutating func next(_ answers: [Answer]) -> Step<ScriptOutcome> {
        execution.learn(asked, answers)
        asked = execution.run()
        return asked.isEmpty ? .done(outcome, trail) : .ask(asked)
    }

    private var outcome: ScriptOutcome {
        guard let fault = execution.fault else {
            return ScriptOutcome(
                actions: execution.actions, implicitKeep: execution.implicitKeep,
                decidedBy: execution.decidedBy, effects: execution.effects, flags: execution.flags.texts,
                edition: execution.edition, remarks: execution.remarks)
        }
        // RFC 5228 §2.10.6: nothing was done yet, so nothing has to be undone; the message is kept.
        return ScriptOutcome(
            actions: [], implicitKeep: true, error: "\(execution.place): \(fault)",
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
                    result: "run-time error: \(fault); implicit keep"))
            return trail
        }
        for decision in execution.decisions {
            let reason = decision.conditionLine > 0 ? " (test in line \(decision.conditionLine))" : ""
            trail.append(
                .init(
                    .sieve, rule: decision.action.place.description, about: about,
                    result: decision.action.kind.name + reason))
        }
        for place in execution.unanswered {
            trail.append(
                .init(
                    .sieve, rule: place.description, about: about,
                    result: "no answer or notification is sent for such a message"))
        }
        for remark in execution.remarks {
            trail.append(.init(.sieve, rule: nil, about: about, result: remark))
        }
        if execution.implicitKeep {
            trail.append(
                .init(.sieve, rule: nil, about: about, result: "\(execution.script.name): implicit keep"))
        }
        return trail
    }
}
