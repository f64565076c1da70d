// SPDX-License-Identifier: MIT

internal import Mail

/// The `dns_verify` callouts that answer with texts of the template's: does a name exist, is an address on a
/// list?
///
/// - `dns_verify`, argument `domain|found-text|not-found-text[|error-text]`: does the name have an address?
///   The chosen text is template text; `%e` in it becomes the resolver's error.
/// - `dns_verify_domain`, `dns_verify_domain_port` and `dns_verify_domain_warn`, argument
///   `ip,list[,default-text]`: is the address on a DNS list (RFC 5782 §2.1)? Listed: the list's TXT text, or
///   the default text, or our own; as a rejection, as one with a code of its own for PORT_ACCESS, or as a
///   header line. Not listed, or the list is sick: the callout fails, and with it the entry.
struct DNSVerify: Sendable {
    static let image = "dns_verify"
    static let routines: Set<String> = [
        "dns_verify", "dns_verify_domain", "dns_verify_domain_port", "dns_verify_domain_warn",
    ]
    /// The field of `dns_verify_domain_warn`.
    static let warningField = "X-DNS-List-Warning"

    private enum Form: Sendable { case reply, codedReply, warning }

    private enum Kind: Sendable {
        case name(domain: String, found: String, notFound: String, failed: String)
        case list(address: String, list: String, text: String?, form: Form)
    }

    private let kind: Kind
    private var isAsked = false

    /// Nil for a callout that isn't ours or whose arguments make no sense.
    init?(_ callout: Callout) {
        guard callout.image == Self.image else { return nil }
        let form: Form
        switch callout.routine {
        case "dns_verify":
            let fields = CalloutText.split(callout.argument, at: UInt8(ascii: "|"), most: 4)
            guard fields.count >= 3 else { return nil }
            kind = .name(
                domain: fields[0], found: fields[1], notFound: fields[2],
                failed: fields.count > 3 ? fields[3] : fields[2])
            return
        case "dns_verify_domain": form = .reply
        case "dns_verify_domain_port": form = .codedReply
        case "dns_verify_domain_warn": form = .warning
        default: return nil
        }
        let fields = CalloutText.split(callout.argument, at: UInt8(ascii: ","), most: 3)
        guard fields.count >= 2 else { return nil }
        kind = .list(
            address: fields[0], list: fields[1], text: fields.count > 2 ? fields[2] : nil, form: form)
    }

    mutating func next(_ answers: [Answer]) -> CalloutRun.Step {
        guard isAsked else {
            isAsked = true
            let questions = questions()
            return questions.isEmpty ? noQuestion() : .ask(questions)
        }
        let dns = answers.map(DNSAnswer.init)
        switch kind {
        case .name(_, let found, let notFound, let failed): return name(dns, found, notFound, failed)
        case .list(let address, let list, let text, let form):
            return listed(dns, address: address, list: list, text: text, form: form)
        }
    }

    private func questions() -> [Question] {
        switch kind {
        case .name(let domain, _, _, _):
            return [DNSQuestion.RecordType.a, .aaaa].compactMap { type in
                DNSQuestion(name: domain, type: type).map(Question.dns)
            }
        case .list(let address, let list, _, _):
            guard let address = IPAddress(address) else { return [] }
            // Text and listing are asked together: one round trip for a listed client, and one cached nothing
            // for the others.
            return [DNSQuestion.RecordType.a, .txt].compactMap { type in
                DNSQuestion(name: "\(address.reversedForDNSList).\(list)", type: type).map(Question.dns)
            }
        }
    }

    private func noQuestion() -> CalloutRun.Step {
        switch kind {
        case .name(_, _, let notFound, _):
            return .done(Self.expand(notFound, error: "not a domain name"), note: "not a domain name")
        case .list(let address, let list, _, _):
            return .done(nil, note: "\(address) on \(list) can't be asked")
        }
    }

    private func name(
        _ dns: [DNSAnswer], _ found: String, _ notFound: String, _ failed: String
    ) -> CalloutRun.Step {
        if dns.contains(where: { if case .records = $0 { true } else { false } }) {
            return .done(found, note: nil)
        }
        for answer in dns {
            switch answer {
            case .failed(let reason):
                return .done(Self.expand(failed, error: reason), note: "DNS failed: \(reason)")
            case .timedOut: return .done(Self.expand(failed, error: "time-out"), note: "DNS timed out")
            case .records, .noData, .noSuchName: continue
            }
        }
        return .done(Self.expand(notFound, error: "no such host"), note: nil)
    }

    private func listed(
        _ dns: [DNSAnswer], address: String, list: String, text: String?, form: Form
    ) -> CalloutRun.Step {
        switch DNSListAnswer(dns.first ?? .failed("no answer")) {
        case .notListed: return .done(nil, note: nil)
        case .sick(let reason): return .done(nil, note: "\(list) \(reason)")
        case .listed(let code):
            var own = "\(address) is listed by \(list)"
            if let text, !text.isEmpty { own = text }
            if dns.count > 1, case .records(let texts, _) = dns[1], let first = texts.first, !first.isEmpty {
                own = first
            }
            let quoted = CalloutText.quoting(own)
            let template =
                switch form {
                case .reply: "$N$X5.7.1|\(quoted)"
                case .codedReply: "$N554$ 5.7.1$ \(quoted)"
                case .warning: "$A\(Self.warningField):$ \(quoted)"
                }
            return .done(template, note: "\(list) answered \(code)")
        }
    }

    private static func expand(_ text: String, error: String) -> String {
        CalloutText.replacing(UInt8(ascii: "e"), by: error, in: text)
    }
}
