// SPDX-License-Identifier: MIT

internal import Mail
internal import MappingTables

/// The `dns_verify` callouts of mapping templates, as evaluations that ask for DNS.
///
/// - `dns_verify`, argument `domain|found-text|not-found-text[|error-text]`: does the name have an address?
///   The chosen text is template text; `%e` in it becomes the resolver's error.
/// - `dns_verify_domain` and `dns_verify_domain_port`, argument `ip,list[,default-text]`: is the address on a
///   DNS list (RFC 5782)? Listed: a rejection with the list's TXT text, or the default text, or our own. Not
///   listed, or the list is sick: the callout fails, and with it the entry. The `_port` form carries its own
///   SMTP code.
struct DNSVerify: Sendable {
    enum Step: Sendable {
        case ask([Question])
        /// Template text or nil for "the callout failed"; a note for the trail.
        case done(String?, note: String?)
    }

    /// Octets of a TXT answer that go into a reply, at most.
    static let textOctetsMax = 200
    static let image = "dns_verify"
    static let routines: Set<String> = ["dns_verify", "dns_verify_domain", "dns_verify_domain_port"]

    private enum Kind: Sendable {
        case name(domain: String, found: String, notFound: String, failed: String)
        case list(address: String, list: String, text: String?, carriesCode: Bool)
    }

    private let kind: Kind
    private var isAsked = false

    /// Nil for a callout that isn't ours or whose arguments make no sense.
    init?(_ callout: Callout) {
        guard callout.image == Self.image else { return nil }
        switch callout.routine {
        case "dns_verify":
            let fields = Self.split(callout.argument, at: UInt8(ascii: "|"), most: 4)
            guard fields.count >= 3 else { return nil }
            kind = .name(
                domain: fields[0], found: fields[1], notFound: fields[2],
                failed: fields.count > 3 ? fields[3] : fields[2])
        case "dns_verify_domain", "dns_verify_domain_port":
            let fields = Self.split(callout.argument, at: UInt8(ascii: ","), most: 3)
            guard fields.count >= 2 else { return nil }
            kind = .list(
                address: fields[0], list: fields[1], text: fields.count > 2 ? fields[2] : nil,
                carriesCode: callout.routine.hasSuffix("_port"))
        default:
            return nil
        }
    }

    mutating func next(_ answers: [Answer]) -> Step {
        guard isAsked else {
            isAsked = true
            let questions = questions()
            return questions.isEmpty ? noQuestion() : .ask(questions)
        }
        let dns = answers.map { answer -> DNSAnswer in
            switch answer {
            case .dns(let answer): answer
            case .unavailable(let reason): .failed(reason)
            default: .failed("the answer is no DNS answer")
            }
        }
        switch kind {
        case .name(_, let found, let notFound, let failed): return name(dns, found, notFound, failed)
        case .list(let address, let list, let text, let carriesCode):
            return listed(dns, address: address, list: list, text: text, carriesCode: carriesCode)
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

    private func noQuestion() -> Step {
        switch kind {
        case .name(_, _, let notFound, _):
            return .done(Self.expand(notFound, error: "not a domain name"), note: "not a domain name")
        case .list(let address, let list, _, _):
            return .done(nil, note: "\(address) on \(list) can't be asked")
        }
    }

    private func name(_ dns: [DNSAnswer], _ found: String, _ notFound: String, _ failed: String) -> Step {
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
        _ dns: [DNSAnswer], address: String, list: String, text: String?, carriesCode: Bool
    ) -> Step {
        switch dns.first {
        case .records(let records, _)?:
            // RFC 5782 §2.1: listings are 127/8. 127.255.255/24 is how lists say that they didn't answer the
            // question (blocked resolver, too many queries); anything outside 127/8 is a resolver that
            // rewrites NXDOMAIN.
            let codes = records.compactMap { IPAddress($0) }.filter { $0.isIPv4 && $0.octets[0] == 127 }
            guard let code = codes.first(where: { !($0.octets[1] == 255 && $0.octets[2] == 255) }) else {
                return .done(
                    nil,
                    note:
                        "\(list) answered \(records.first ?? "nothing"): an error of the list, not a listing")
            }
            var own = "\(address) is listed by \(list)"
            if let text, !text.isEmpty { own = text }
            if dns.count > 1, case .records(let texts, _) = dns[1], let first = texts.first, !first.isEmpty {
                own = first
            }
            let quoted = Self.quote(own)
            return .done(
                carriesCode ? "$N554$ 5.7.1$ \(quoted)" : "$N$X5.7.1|\(quoted)",
                note: "\(list) answered \(code)")
        case .failed(let reason)?: return .done(nil, note: "\(list) failed: \(reason)")
        case .timedOut?: return .done(nil, note: "\(list) timed out")
        case .noData?, .noSuchName?, nil: return .done(nil, note: nil)
        }
    }

    /// Text from outside as template text: nothing in it is a flag, a field or a separator.
    private static func quote(_ text: String) -> String {
        let plain = text.utf8.prefix(textOctetsMax).map { byte in
            byte == UInt8(ascii: "|")
                ? UInt8(ascii: "_") : (0x20...0x7E).contains(byte) ? byte : UInt8(ascii: "?")
        }
        return TemplateText.quoting(String(decoding: plain, as: UTF8.self))
    }

    /// `text` with each `%e` replaced.
    private static func expand(_ text: String, error: String) -> String {
        let quoted = Array(quote(error).utf8)
        var expanded: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "%"), rest.first == UInt8(ascii: "e") {
                rest.removeFirst()
                expanded += quoted
            } else {
                expanded.append(octet)
            }
        }
        return String(decoding: expanded, as: UTF8.self)
    }

    private static func split(_ text: String, at separator: UInt8, most: Int) -> [String] {
        text.utf8.split(separator: separator, maxSplits: most - 1, omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
    }
}
