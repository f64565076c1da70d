// SPDX-License-Identifier: MIT

internal import Mail

/// The probes of the tables that are consulted while a client speaks, to the letter.
extension AccessTable {
    /// `TCP|server|port|client|port`.
    static func portInfo(_ peer: Peer) -> String {
        "TCP|\(peer.serverAddress)|\(peer.serverPort)|\(peer.clientAddress)|\(peer.clientPort)"
    }

    static func portProbe(_ peer: Peer) -> String { portInfo(peer) }

    /// `<port-info>|app-info|submit-type|src-channel|from-address|auth-from`.
    static func fromProbe(_ session: SessionFacts, _ sender: SenderFacts, _ policy: AccessPolicy) -> String {
        var probe = transport(session, policy)
        probe.add("MAIL")
        probe.add(session.sourceChannel)
        probe.add(sender.sender)
        probe.add(session.authenticated)
        return probe.text
    }

    /// What the four recipient tables are asked with.
    struct RecipientSubject: Sendable {
        var session: SessionFacts
        /// As the gates know it by now.
        var sender: Address?
        var channel: String
        /// As routing knows it by now.
        var recipient: Address
        /// What RCPT TO said.
        var facts: RecipientFacts
        var conversionTags: [String]
    }

    /// `src-channel|from-address|dst-channel|to-address`, for the MAIL tables with
    /// `<port-info>|app-info|submit-type|` before it, and with what `policy` adds.
    func recipientProbe(_ subject: RecipientSubject, _ policy: AccessPolicy) -> String {
        var probe = Probe(policy)
        if self == .origMailAccess || self == .mailAccess {
            probe = Self.transport(subject.session, policy)
            probe.add("MAIL")
        }
        probe.add(subject.session.sourceChannel)
        probe.add(subject.sender)
        probe.add(subject.channel)
        probe.add(subject.recipient)
        if shows(originalRecipient: policy) {
            probe.add(subject.facts.originalRecipient ?? "rfc822;\(subject.facts.recipient)")
        }
        if shows(counts: policy) {
            probe.add("\(subject.facts.commandCount)/\(subject.facts.admittedCount)/")
        }
        if shows(tags: policy) { probe.add(subject.conversionTags.joined(separator: ",")) }
        return probe.text
    }

    /// `<port-info>|app-info|claimed-system|full-name`.
    static func etrnProbe(_ session: SessionFacts, _ request: ETRNFacts, _ policy: AccessPolicy) -> String {
        var probe = transport(session, policy)
        probe.add(request.claimedSystem)
        probe.add(request.fullName)
        return probe.text
    }

    private static func transport(_ session: SessionFacts, _ policy: AccessPolicy) -> Probe {
        var probe = Probe(policy, portInfo(session.peer))
        probe.add(application(session))
        return probe
    }

    /// `SMTP/helo`, with TLS `SMTP/TLS-version-cipher/helo`; `LMTP` where that is spoken.
    static func application(_ session: SessionFacts) -> String {
        var text = session.isLMTP ? "LMTP/" : "SMTP/"
        if let tls = session.tls {
            text += "TLS-\(tls)"
            if let cipher = session.tlsCipher { text += "-\(cipher)" }
            text += "/"
        }
        return text + session.helo
    }

    /// Input flags of section "Check for Special Flags", of those that the table knows: `A` authenticated,
    /// `T` TLS, `E` EHLO, `L` LMTP.
    func inputFlags(_ session: SessionFacts) -> Set<Character> {
        var flags: Set<Character> = []
        if session.isAuthenticated { flags.insert("A") }
        if session.tls != nil { flags.insert("T") }
        if session.isExtended { flags.insert("E") }
        if session.isLMTP { flags.insert("L") }
        return flags.intersection(inputFlags)
    }

    /// The same, and `S` `F` `D` for the reports that the client asked for.
    func inputFlags(_ session: SessionFacts, _ recipient: RecipientFacts) -> Set<Character> {
        var flags = inputFlags(session)
        for notice in recipient.notices {
            switch notice {
            case .success: flags.insert("S")
            case .failure: flags.insert("F")
            case .delay: flags.insert("D")
            }
        }
        return flags
    }
}
