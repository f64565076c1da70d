// SPDX-License-Identifier: MIT

internal import Mail

/// Greylisting: who was never seen hears "later", and a sending server comes back. Asked last of all, for a
/// recipient that everybody else admits: the attempt is noted as it is asked about.
///
/// Exempt are other channels than those named, authenticated clients, the postmaster, clients on an allow
/// list or in `exempt_clients`, and whoever is vouched for. A prior delivery vouches through the meter, which
/// answers "passed" at once.
struct Greylisting: Evaluation {
    /// Nil: goes on.
    typealias Outcome = Reply?

    private static let rule = "postern.toml [greylist]"

    private let policy: VerificationPolicy.Greylist?
    private let session: SessionFacts
    private let recipient: Address
    private let key: String
    private var isAsked = false

    init(policy: Policy, session: SessionFacts, sender: SenderFacts, recipient: Address) {
        let greylist = policy.verification.greylist
        self.policy = greylist
        self.session = session
        self.recipient = recipient
        key = greylist.map { Self.key($0, session, sender, recipient) } ?? ""
    }

    mutating func next(_ answers: [Answer]) -> Step<Reply?> {
        guard let policy, policy.channels.contains(session.sourceChannel) else { return .done(nil, Trail()) }
        guard isAsked else {
            if let reason = exemption(policy) { return done(nil, "exempt: \(reason)") }
            isAsked = true
            return .ask([
                .meter(MeterQuestion(table: policy.meter, key: key, operation: .greylist))
            ])
        }
        switch answers.first {
        case .meter(.greylist(.passed))?: return done(nil, "passed")
        case .meter(.greylist(.new(let wait)))?: return putOff(wait, "seen for the first time")
        case .meter(.greylist(.early(let wait)))?: return putOff(wait, "back too early")
        case .meter(.failed(let reason))?, .unavailable(let reason)?: return failed(policy, reason)
        default: return failed(policy, "the answer is no greylist's")
        }
    }

    /// Why the attempt isn't asked about at all.
    private func exemption(_ policy: VerificationPolicy.Greylist) -> String? {
        if session.isAuthenticated { return "the client is authenticated" }
        if recipient.isPostmaster { return "the postmaster hears everybody" }
        if session.client.isAllowListed { return "the client is on an allow list" }
        let address = session.peer.clientAddress
        if policy.exemptClients.contains(where: { $0.matches(address, name: clientName) }) {
            return "exempt_clients names the client"
        }
        return vouchedFor(policy)
    }

    /// What speaks for a client that nobody named: that DNS confirms what it is called, where that is to
    /// count.
    private func vouchedFor(_ policy: VerificationPolicy.Greylist) -> String? {
        guard policy.exemptsConfirmedNames, let clientName else { return nil }
        return "DNS confirms that the client is \(clientName)"
    }

    private var clientName: String? { session.client.name.confirmedName ?? session.clientName }

    private func putOff(_ seconds: Int, _ why: String) -> Step<Reply?> {
        done(
            Reply(451, "4.7.1", "Greylisted, try again in \(max(1, seconds)) seconds: \(recipient)"),
            "\(why): \(seconds) s to wait")
    }

    private func failed(_ policy: VerificationPolicy.Greylist, _ reason: String) -> Step<Reply?> {
        switch policy.onFailure {
        case .accept: return done(nil, "meter \(policy.meter) can't say: \(reason); passed")
        case .defer:
            return done(
                Reply(451, "4.3.0", "Try again later: \(recipient)"),
                "meter \(policy.meter) can't say: \(reason)")
        }
    }

    private func done(_ reply: Reply?, _ result: String) -> Step<Reply?> {
        .done(reply, Trail([Trail.Entry(.policy, rule: Self.rule, about: "greylist \(key)", result: result)]))
    }

    // MARK: The key

    private static func key(
        _ policy: VerificationPolicy.Greylist, _ session: SessionFacts, _ sender: SenderFacts,
        _ recipient: Address
    ) -> String {
        policy.key.map { part in
            switch part {
            case .client: network(session.peer.clientAddress, policy)
            case .sender: field(sender.sender?.description ?? "")
            case .senderDomain: field(sender.sender?.foldedDomain ?? "")
            case .recipient: field(recipient.description)
            }
        }.joined(separator: "|")
    }

    private static func network(_ address: IPAddress, _ policy: VerificationPolicy.Greylist) -> String {
        let bits = address.isIPv4 ? policy.prefixBitsIPv4 : policy.prefixBitsIPv6
        return "\(AddressRange(address, prefixLength: bits)?.first ?? address)/\(bits)"
    }

    /// A `|` within a part would make two keys one.
    private static func field(_ text: String) -> String {
        String(
            decoding: text.lowercased().utf8.map { $0 == UInt8(ascii: "|") ? UInt8(ascii: "_") : $0 },
            as: UTF8.self)
    }
}
