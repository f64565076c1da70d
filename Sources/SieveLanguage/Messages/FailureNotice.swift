// SPDX-License-Identifier: MIT

package import Mail

/// That somebody's script can't be run: for its owner, who alone can mend it.
package struct FailureNotice: Codable, Hashable, Sendable {
    package enum Problem: String, Codable, Hashable, Sendable, CaseIterable {
        /// It doesn't compile: it was not run at all.
        case mistakes
        /// It failed while it ran: nothing of what it decided was done.
        case failure
        /// It could not be read, and can't as it is.
        case unreadable
    }

    /// To whom it goes.
    package var owner: Address
    /// As the owner knows it: `ann@example.net.sieve`.
    package var script: String
    package var problem: Problem
    /// What is wrong, each with its place: `ann@example.net.sieve:3:1: ...`.
    package var details: [String]
    /// What was done with the message: `delivered as if there were no script`.
    package var consequence: String

    /// Details of one notice: the first ones to mend.
    package static let detailsMax = 10
    /// Seconds between two notices about one script to one owner.
    package static let pauseSeconds = 86_400
    /// Octets of one detail.
    private static let detailOctetsMax = 500

    package init(
        owner: Address, script: String, problem: Problem, details: [String],
        consequence: String = "delivered as if you had no filter"
    ) {
        self.owner = owner
        self.script = script
        self.problem = problem
        self.details = details
        self.consequence = consequence
    }

    /// What a memory knows it by. Its text plays no part: whoever mends one mistake and makes another hears
    /// of it a day later.
    package var memory: MemoryQuestion {
        MemoryQuestion(
            purpose: .notify, owner: owner.description.lowercased(),
            key: MemoryKey.text([Array("script failure".utf8), Array(script.utf8)]))
    }

    /// The message, from the postmaster. It comes from nobody, so that no answer to it and no failure of it
    /// makes another (RFC 3834 §3.1.2, §5).
    package func message(_ context: OwnMessageContext) -> OwnMessage {
        var header = OwnHeader(context)
        header.add("From", address: context.postmaster.description)
        header.add("To", display: "", owner)
        header.add(subject: "Your mail filter does not work: \(Self.line(script))")
        header.add("Auto-Submitted", "auto-generated")
        header.add("MIME-Version", "1.0")
        return OwnMessage(
            sender: nil, recipients: [owner], bytes: header.octets + Entity.plain(Array(text(context).utf8)))
    }

    private func text(_ context: OwnMessageContext) -> String {
        let what =
            switch problem {
            case .mistakes: "has mistakes, and was not run"
            case .failure: "failed while it ran, and nothing of what it decided was done"
            case .unreadable: "can't be used"
            }
        var lines = [
            "A message came for \(owner), and the mail filter", "", "    \(Self.line(script))", "",
            "\(what):",
            "",
        ]
        lines += details.prefix(Self.detailsMax).map { "    \(Self.line($0))" }
        if details.count > Self.detailsMax {
            lines.append("    and \(details.count - Self.detailsMax) more")
        }
        lines += [
            "", "The message was \(consequence). So will be every other,",
            "until the filter is mended.", "",
            "You get this at most once a day for each filter. Questions are best asked of",
            "\(context.postmaster).", "",
        ]
        return lines.joined(separator: "\r\n")
    }

    /// One line, of bounded length, whatever somebody wrote into his script.
    private static func line(_ text: String) -> String {
        let plain = text.utf8.prefix(detailOctetsMax).map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
        return String(decoding: plain, as: UTF8.self)
    }
}

/// Whether a notice goes out now: at most one a day for each owner and script.
package struct FailureNoticeRun: Evaluation {
    /// What is to be done; nothing where `message` is nil.
    package struct Outcome: Hashable, Sendable {
        package var message: OwnMessage?
        /// To be remembered once the message is committed.
        package var effects: [Effect] = []

        package init(message: OwnMessage? = nil, effects: [Effect] = []) {
            self.message = message
            self.effects = effects
        }
    }

    private let notice: FailureNotice
    private let context: OwnMessageContext
    private var isAsked = false

    package init(_ notice: FailureNotice, _ context: OwnMessageContext) {
        self.notice = notice
        self.context = context
    }

    package mutating func next(_ answers: [Answer]) -> Step<Outcome> {
        guard isAsked else {
            isAsked = true
            return .ask([.memory(notice.memory)])
        }
        switch answers.first {
        case .memory(expires: nil)?:
            let effect = Effect.remember(notice.memory, seconds: FailureNotice.pauseSeconds)
            return done(
                Outcome(message: notice.message(context), effects: [effect]),
                "its owner \(notice.owner) is told")
        case .memory(let expires?)?:
            return done(
                Outcome(), "its owner \(notice.owner) was told already; not again before \(expires)")
        default:
            // Without a memory there would be one for each message.
            return done(Outcome(), "its owner \(notice.owner) isn't told: nobody knows whether he was")
        }
    }

    private func done(_ outcome: Outcome, _ result: String) -> Step<Outcome> {
        .done(outcome, Trail([Trail.Entry(.sieve, rule: nil, about: notice.script, result: result)]))
    }
}
