// SPDX-License-Identifier: MIT

internal import Mail

/// The tables that somebody consults by name, and what each reader knows: the form of the probe, the flags
/// that it can be asked for, the flags that its entries can set.
///
/// This is the one place where it stands which flag takes an argument and which argument is read first. What
/// the original's documents leave open is decided here, and told in docs/mapping-compatibility.md.
package enum AccessTable: String, CaseIterable, Sendable {
    case portAccess = "PORT_ACCESS"
    case clientAccess = "CLIENT_ACCESS"
    case fromAccess = "FROM_ACCESS"
    case origSendAccess = "ORIG_SEND_ACCESS"
    case sendAccess = "SEND_ACCESS"
    case origMailAccess = "ORIG_MAIL_ACCESS"
    case mailAccess = "MAIL_ACCESS"
    case etrnAccess = "ETRN_ACCESS"
    case ipAccess = "IP_ACCESS"
    case dequeueAccess = "DEQUEUE_ACCESS"
    case internalIP = "INTERNAL_IP"
    case authRewrite = "AUTH_REWRITE"
    case reverse = "REVERSE"
    case forward = "FORWARD"
    case spfLocal = "SPF_LOCAL"
    case logAction = "LOG_ACTION"
    case messageSaveCopy = "MESSAGE-SAVE-COPY"

    /// Flags that stand for themselves.
    package var plainFlags: Set<Character> {
        switch self {
        case .portAccess, .clientAccess, .internalIP: ["Y"]
        case .fromAccess: ["Y", "B", "H", "V", "Z", "!", "/"]
        case .origSendAccess, .sendAccess, .origMailAccess, .mailAccess: ["Y", "B", "H", "V", "Z", "/"]
        case .etrnAccess: ["Y", "S"]
        case .ipAccess: ["Y", "I"]
        case .dequeueAccess: ["Y"]
        case .authRewrite: []
        case .reverse: ["Y", "N", "D"]
        case .forward: ["Y", "N", "D", "H", "I"]
        case .spfLocal, .messageSaveCopy: ["Y", "N"]
        case .logAction: ["Y"]
        }
    }

    /// Flags that take an argument from the output's text, in the order in which they take it, wherever in
    /// the template they stand. `N` and `F` take what is left, `|` and all, since theirs is text for people.
    package var argumentFlags: [Character] {
        switch self {
        case .portAccess, .clientAccess: ["<", ">", "T", "U", "N", "F"]
        case .fromAccess: ["U", "J", "K", "I", "<", ">", "D", "T", "A", "G", "M", "S", "X", ",", "N", "F"]
        case .origSendAccess, .sendAccess, .origMailAccess, .mailAccess:
            ["U", "I", "<", ">", "D", "T", "A", "G", "M", "X", ",", "N", "F"]
        case .etrnAccess: ["D", "N", "F"]
        case .ipAccess: ["A", "N"]
        case .dequeueAccess: ["S", "N"]
        case .authRewrite: ["J", "K", "Y", "T", "Z", "N", "F"]
        case .logAction: ["<"]
        case .internalIP: ["N", "F"]
        case .reverse, .forward, .spfLocal, .messageSaveCopy: []
        }
    }

    /// How many `|`-separated parts an argument has, where that isn't one.
    package var argumentWidths: [Character: Int] { argumentFlags.contains("I") ? ["I": 2] : [:] }

    /// Output flags that the table's reader acts on; `check` refuses any other.
    package var knownFlags: Set<String> { Set((plainFlags.union(argumentFlags)).map { String($0) }) }

    /// Flags that its entries can ask for with `$:x` and `$;x`.
    package var inputFlags: Set<Character> {
        switch self {
        case .portAccess: ["A"]
        case .fromAccess: ["A", "T", "E", "L"]
        case .origSendAccess, .sendAccess, .origMailAccess, .mailAccess:
            ["A", "T", "E", "L", "S", "F", "D"]
        case .etrnAccess: ["A", "T", "E"]
        case .dequeueAccess: ["R"]
        case .reverse: ["B", "E", "F", "I", "R"]
        case .clientAccess, .ipAccess, .internalIP, .authRewrite, .forward, .spfLocal, .logAction,
            .messageSaveCopy:
            []
        }
    }

    /// Its probe's fields, in order, as `policy` has them. `|` stands between them.
    package func fields(_ policy: AccessPolicy) -> [String] {
        let port = ["protocol", "server address", "server port", "client address", "client port"]
        let transport = port + ["application", "submission type"]
        switch self {
        case .portAccess: return port
        case .clientAccess: return port + ["state of the name", "name"]
        case .fromAccess: return transport + ["source channel", "sender", "authenticated sender"]
        case .origSendAccess, .sendAccess, .origMailAccess, .mailAccess:
            let isMail = self == .origMailAccess || self == .mailAccess
            return (isMail ? transport : [])
                + ["source channel", "sender", "destination channel", "recipient"] + optionalFields(policy)
        case .etrnAccess: return port + ["application", "claimed system", "full name"]
        case .ipAccess: return ["channel", "number of address", "addresses", "address", "host"]
        case .dequeueAccess:
            return [
                "channel", "file", "seconds in queue", "sender", "AUTH parameter", "authenticated sender",
                "priority", "domain",
            ] + (shows(tags: policy) ? ["conversion tags"] : []) + (policy.showsRetries ? ["retries"] : [])
        case .internalIP: return ["address"]
        case .authRewrite:
            return (policy.rewriteShowsChannel ? ["source channel"] : [])
                + ["envelope sender", "Sender field", "From field", "authenticated sender"]
        case .reverse:
            return policy.reverse == .channels
                ? ["source channel", "destination channel", "address"] : ["address"]
        case .forward:
            return policy.forward == .channels ? ["source channel", "sender", "address"] : ["address"]
        case .spfLocal: return ["domain"]
        case .logAction: return LogFacts.fieldNames
        case .messageSaveCopy:
            return ["direction", "source channel", "destination channel", "sender", "recipient", "file"]
        }
    }

    private func optionalFields(_ policy: AccessPolicy) -> [String] {
        (shows(originalRecipient: policy) ? ["original recipient"] : [])
            + (shows(counts: policy) ? ["counts"] : []) + (shows(tags: policy) ? ["conversion tags"] : [])
    }

    func shows(originalRecipient policy: AccessPolicy) -> Bool {
        AccessPolicy.RecipientTable(rawValue: rawValue).map(policy.originalRecipient.contains) ?? false
    }

    func shows(counts policy: AccessPolicy) -> Bool {
        AccessPolicy.RecipientTable(rawValue: rawValue).map(policy.counts.contains) ?? false
    }

    func shows(tags policy: AccessPolicy) -> Bool {
        AccessPolicy.TaggedTable(rawValue: rawValue).map(policy.conversionTags.contains) ?? false
    }
}
