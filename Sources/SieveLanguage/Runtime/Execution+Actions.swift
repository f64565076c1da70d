// SPDX-License-Identifier: MIT

internal import Mail

/// Actions (RFC 5228 §2.10).
extension Execution {
    /// Takes an action, unless it was taken before. Throws where it can't stand beside an earlier one, and
    /// beyond the limits.
    mutating func take(_ kind: SieveAction.Kind) throws(Interruption) {
        let place = place
        for earlier in actions where ActionInteraction.conflict(earlier.kind, kind) {
            throw .fault(
                "\(kind.name) can't be combined with the \(earlier.kind.name) in line \(earlier.place.line)")
        }
        if ActionInteraction.cancelsImplicitKeep(kind), implicitKeep {
            implicitKeep = false
            decidedBy = place
        }
        if let index = actions.firstIndex(where: { ActionInteraction.same($0.kind, kind) }) {
            // A repetition that isn't a copy makes the first one none either.
            actions[index].kind = ActionInteraction.merged(actions[index].kind, kind)
            actions[index].edition = edition
            return
        }
        let further = furtherMembers
        let isFurtherMember = isFurtherMember(kind)
        if !isFurtherMember, actions.count - further >= limits.actionsMax {
            throw .fault("the total number of actions exceeds the limit of \(limits.actionsMax)")
        }
        if case .redirect = kind, !isFurtherMember {
            let redirects = actions.count { if case .redirect = $0.kind { true } else { false } }
            if redirects - further >= limits.redirectsMax {
                throw .fault(
                    "the number of redirect actions exceeds the limit of \(limits.redirectsMax)")
            }
        }
        if case .notify = kind {
            let notifications = actions.count { if case .notify = $0.kind { true } else { false } }
            if notifications >= limits.notificationsMax {
                throw .fault(
                    "the number of notify actions exceeds the limit of \(limits.notificationsMax)")
            }
        }
        // RFC 5293 §7: what is done with the message is done with its header as it is now.
        let action = SieveAction(
            kind: kind, place: place, edition: ActionInteraction.delivers(kind) ? edition : nil)
        actions.append(action)
        decisions.append(
            Decision(action: action, conditionLine: Int(origin.conditionLine)))
    }

    /// Redirects to members of a list, but for the first of each list: the limits count lists.
    private var furtherMembers: Int {
        var lists: Set<String> = []
        return actions.count {
            guard case .redirect(let redirection) = $0.kind, let list = redirection.list else { return false }
            return !lists.insert(list).inserted
        }
    }

    private func isFurtherMember(_ kind: SieveAction.Kind) -> Bool {
        guard case .redirect(let redirection) = kind, let list = redirection.list else { return false }
        return actions.contains {
            if case .redirect(let other) = $0.kind { other.list == list } else { false }
        }
    }

    /// An answer or a notification that may not be sent: no error, and a line in the trail.
    mutating func noteUnanswered() { unanswered.append(place) }

    /// A mistake that the script goes on after: for its owner and the trail.
    mutating func remark(_ text: String) {
        let remark = "\(place): \(text)"
        if !remarks.contains(remark), remarks.count < Self.remarksMax { remarks.append(remark) }
    }

    /// Remarks of one evaluation: after some, more of them tell nothing new.
    private static let remarksMax = 20

    /// Notes what is to be remembered; the same twice is once.
    mutating func note(_ effect: Effect) {
        if !effects.contains(effect) { effects.append(effect) }
    }

    /// Whose memory the script uses.
    var owner: String { subject.recipient?.description.lowercased() ?? script.name }
}
