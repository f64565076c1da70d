// SPDX-License-Identifier: MIT

internal import Mail

/// The `dns_verify` callouts that fetch something: `dns_verify_ptr` the name of an address,
/// `dns_verify_ipv4` and `dns_verify_ipv6` the address of a name, `dns_get_first_mx` a domain's first mail
/// exchanger.
///
/// Argument: the address or name alone; what is found is put in, and the callout fails where nothing is. Or
/// `name|found-text|not-found-text[|error-text]`, as `dns_verify` has it: the chosen text is template text,
/// `%n` in it becomes what was found, `%e` the error.
struct DNSFetch: Sendable {
    static let routines: Set<String> = [
        "dns_verify_ptr", "dns_verify_ipv4", "dns_verify_ipv6", "dns_get_first_mx",
    ]

    private struct Texts: Sendable {
        var found: String
        var notFound: String
        var failed: String
    }

    private let question: DNSQuestion?
    private let texts: Texts?
    private var isAsked = false

    init?(_ callout: Callout) {
        guard callout.image == DNSVerify.image, Self.routines.contains(callout.routine) else { return nil }
        let fields = CalloutText.split(callout.argument, at: UInt8(ascii: "|"), most: 4)
        // A found-text needs a text for the other case: two fields are a mistake.
        guard fields.count != 2 else { return nil }
        texts =
            fields.count < 3
            ? nil
            : Texts(
                found: fields[1], notFound: fields[2], failed: fields.count > 3 ? fields[3] : fields[2])
        switch callout.routine {
        case "dns_verify_ptr":
            question = IPAddress(fields[0]).flatMap { DNSQuestion(name: $0.reverseName, type: .ptr) }
        case "dns_verify_ipv4": question = DNSQuestion(name: fields[0], type: .a)
        case "dns_verify_ipv6": question = DNSQuestion(name: fields[0], type: .aaaa)
        default: question = DNSQuestion(name: fields[0], type: .mx)
        }
    }

    mutating func next(_ answers: [Answer]) -> CalloutRun.Step {
        guard let question else { return nothing("can't be asked", note: "can't be asked") }
        guard isAsked else {
            isAsked = true
            return .ask([.dns(question)])
        }
        switch DNSAnswer(answers.first) {
        case .records(let records, _):
            guard let found = question.type == .mx ? MailExchanger.first(of: records)?.host : records.min()
            else { return nothing("no such record", note: nil) }
            guard let texts else { return .done(CalloutText.quoting(found), note: nil) }
            return .done(
                CalloutText.replacing(UInt8(ascii: "n"), by: found, in: texts.found), note: nil)
        case .noData, .noSuchName: return nothing("no such record", note: nil)
        case .failed(let reason): return failed(reason)
        case .timedOut: return failed("time-out")
        }
    }

    private func nothing(_ error: String, note: String?) -> CalloutRun.Step {
        .done(texts.map { CalloutText.replacing(UInt8(ascii: "e"), by: error, in: $0.notFound) }, note: note)
    }

    private func failed(_ reason: String) -> CalloutRun.Step {
        .done(
            texts.map { CalloutText.replacing(UInt8(ascii: "e"), by: reason, in: $0.failed) },
            note: "DNS failed: \(reason)")
    }
}
