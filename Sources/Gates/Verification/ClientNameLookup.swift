// SPDX-License-Identifier: MIT

package import Mail

/// Forward-confirmed reverse DNS: the PTR records of a client's address, then the addresses of those names.
package struct ClientNameLookup: Evaluation {
    /// Names of one address that are followed, at most. A mail server has one; the zone behind a PTR record
    /// is a stranger's, and may hold hundreds to make us ask.
    package static let namesMax = 4

    private enum Stage: Sendable {
        case start
        case pointer
        case forward([String])
    }

    private let address: IPAddress
    private var stage = Stage.start

    package init(_ address: IPAddress) { self.address = address }

    package mutating func next(_ answers: [Answer]) -> Step<ClientName> {
        switch stage {
        case .start:
            guard let question = DNSQuestion(name: address.reverseName, type: .ptr) else {
                return done(.none)
            }
            stage = .pointer
            return .ask([.dns(question)])
        case .pointer:
            return pointed(DNSAnswer(answers.first))
        case .forward(let names):
            return forwarded(names, answers)
        }
    }

    private mutating func pointed(_ answer: DNSAnswer) -> Step<ClientName> {
        switch answer {
        case .noData, .noSuchName: return done(.none)
        case .failed(let reason): return done(.unknown(reason))
        case .timedOut: return done(.unknown("time-out"))
        case .records(let records, _):
            // Names that can't be asked for can't be confirmed, and are nothing to show either.
            let type = address.isIPv4 ? DNSQuestion.RecordType.a : .aaaa
            let questions = records.compactMap { DNSQuestion(name: $0, type: type) }.prefix(Self.namesMax)
            guard !questions.isEmpty else { return done(.none) }
            stage = .forward(questions.map(\.name))
            return .ask(questions.map(Question.dns))
        }
    }

    private func forwarded(_ names: [String], _ answers: [Answer]) -> Step<ClientName> {
        var failure: String?
        for (name, answer) in zip(names, answers) {
            switch DNSAnswer(answer) {
            case .records(let records, _):
                if records.contains(where: { IPAddress($0) == address }) { return done(.confirmed(name)) }
            case .failed(let reason): failure = failure ?? reason
            case .timedOut: failure = failure ?? "time-out"
            case .noData, .noSuchName: break
            }
        }
        // "Claimed" is said only where every name was asked about: a rule may refuse for it.
        if let failure { return done(.unknown("\(names[0]) can't be confirmed: \(failure)")) }
        return done(.claimed(names[0]))
    }

    private func done(_ name: ClientName) -> Step<ClientName> {
        let result =
            switch name {
            case .notAsked: "not asked"
            case .confirmed(let name): "\(name), confirmed"
            case .claimed(let name): "claims to be \(name), whose addresses don't have it"
            case .none: "no name"
            case .unknown(let reason): "name unknown: \(reason)"
            }
        return .done(
            name, Trail([Trail.Entry(.policy, rule: nil, about: "client \(address)", result: result)]))
    }
}

extension IPAddress {
    /// Where its PTR records are (RFC 1035 §3.5, RFC 3596 §2.5).
    var reverseName: String { "\(reversedForDNSList).\(isIPv4 ? "in-addr" : "ip6").arpa" }
}

extension DNSAnswer {
    /// What a DNS question was answered with; a missing or other answer is a failure.
    init(_ answer: Answer?) {
        switch answer {
        case .dns(let answer): self = answer
        case .unavailable(let reason): self = .failed(reason)
        default: self = .failed("the answer is no DNS answer")
        }
    }
}
