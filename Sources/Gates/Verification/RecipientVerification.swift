// SPDX-License-Identifier: MIT

internal import Mail
internal import MappingTables

/// Does a recipient of an accepted domain exist? Asked of whoever the domain's settings name: a text
/// database, a directory, or the next hop itself (call-ahead).
///
/// The postmaster always does (RFC 5321 §4.5.1). An address with a detail (`user+detail`) is looked up as it
/// is, then without it. One question at a time: a next hop isn't asked twice where once is enough.
struct RecipientVerification: Evaluation {
    /// Nil: known, or nobody is to verify it.
    typealias Outcome = Reply?

    private enum Finding: Sendable {
        case known(String)
        case unknown(String)
        /// Whoever was asked can't say now.
        case failed(String)
    }

    /// One way to find the recipient.
    private struct Way: Sendable {
        let shown: String
        let question: Question?
        /// Where it is looked up in a database of the ruleset.
        let key: [UInt8]?
    }

    private let recipient: Address
    private let domain: VerificationPolicy.Domain?
    /// As the trail names it: `directory:default`.
    private let source: String
    /// Of the domain's settings.
    private let key: String?
    private let database: TextDatabase?
    private var ways: [Way]
    private var isAsked = false
    /// What was asked about, with what was said where there was more to say than no.
    private var denials: [String] = []

    /// `channel`: the destination channel of the recipient's domain.
    init(ruleset: Ruleset, recipient: Address, channel: String) {
        self.recipient = recipient
        let key = ruleset.policy.acceptedKey(of: recipient.domain)
        self.key = key
        domain = key.flatMap { ruleset.policy.verification.domains[$0] }
        let mailboxes = domain.map { Mailbox.candidates(recipient, separator: $0.detailSeparator) } ?? []
        switch domain?.recipients {
        case nil:
            source = ""
            database = nil
            ways = []
        case .database(let name)?:
            source = "database:\(name)"
            var compiled: TextDatabase?
            if case .compiled(let known)? = ruleset.databases[name] { compiled = known }
            database = compiled
            let isLive = compiled == nil
            ways = (mailboxes.map(\.address) + ["@\(recipient.foldedDomain)"]).map { key in
                Way(
                    shown: key,
                    question: isLive ? .database(DatabaseQuestion(database: name, key: key)) : nil,
                    key: isLive ? nil : Array(key.utf8))
            }
        case .directory(let directory)?:
            source = "directory:\(directory.name)"
            database = nil
            ways = mailboxes.map { mailbox in
                let filter = mailbox.filter(directory.filter)
                return Way(
                    shown: filter,
                    question: .directory(
                        DirectoryQuestion(
                            directory: directory.name, base: "", scope: .sub, filter: filter,
                            attributes: directory.attributes)), key: nil)
            }
        case .callAhead?:
            source = "call_ahead"
            database = nil
            ways = Mailbox.envelopeCandidates(recipient, separator: domain?.detailSeparator).map { address in
                Way(
                    shown: address.description,
                    question: .recipient(RecipientQuestion(channel: channel, recipient: address)), key: nil)
            }
        }
        ways.reverse()
    }

    mutating func next(_ answers: [Answer]) -> Step<Reply?> {
        guard let domain, domain.recipients != nil else { return .done(nil, Trail()) }
        guard !recipient.isPostmaster else {
            return done(nil, "the postmaster always exists")
        }
        var answer = answers.first
        var last = Finding.unknown("")
        // Bounded: each turn takes one way off.
        while let way = ways.last {
            let finding: Finding
            if let key = way.key {
                finding = database?[key] == nil ? .unknown(way.shown) : .known(way.shown)
            } else if isAsked {
                finding = Self.finding(answer, way.shown)
                isAsked = false
                answer = nil
            } else if let question = way.question {
                isAsked = true
                return .ask([question])
            } else {
                finding = .failed("there is no such database")
            }
            ways.removeLast()
            last = finding
            guard case .unknown(let denial) = finding else { break }
            denials.append(denial)
        }
        return conclude(last, domain)
    }

    private static func finding(_ answer: Answer?, _ shown: String) -> Finding {
        switch answer {
        case .database(.value)?: .known(shown)
        case .database(.none)?: .unknown(shown)
        case .database(.failed(let reason))?: .failed(reason)
        case .directory(.entries(let entries))?: .known(entries.first?.name ?? shown)
        case .directory(.none)?: .unknown(shown)
        case .directory(.unreachable(let reason))?, .directory(.refused(let reason))?: .failed(reason)
        case .recipient(.accepted)?: .known(shown)
        case .recipient(.unknown(let reply))?: .unknown("\(shown): \(reply)")
        case .recipient(.unsure(let reason))?: .failed(reason)
        case .unavailable(let reason)?: .failed(reason)
        default: .failed("the answer is to another question")
        }
    }

    private func conclude(_ finding: Finding, _ domain: VerificationPolicy.Domain) -> Step<Reply?> {
        switch finding {
        case .known(let shown):
            return done(nil, "\(source) knows it: \(shown)")
        case .unknown:
            return done(
                Reply(550, "5.1.1", "Recipient unknown: \(recipient)"),
                "\(source) doesn't know it: \(denials.joined(separator: ", "))")
        case .failed(let reason):
            switch domain.onFailure {
            case .accept: return done(nil, "\(source) can't say: \(reason); accepted unverified")
            case .defer:
                return done(
                    Reply(451, "4.4.3", "Recipient can't be verified now, try again later: \(recipient)"),
                    "\(source) can't say: \(reason)")
            }
        }
    }

    private func done(_ reply: Reply?, _ result: String) -> Step<Reply?> {
        .done(
            reply,
            Trail([
                Trail.Entry(
                    .policy, rule: "postern.toml [domain.\"\(key ?? "")\"]", about: "recipient \(recipient)",
                    result: result)
            ]))
    }
}
