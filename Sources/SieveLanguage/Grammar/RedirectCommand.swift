// SPDX-License-Identifier: MIT

internal import Mail

/// RFC 5228 §4.2, RFC 3894, RFC 6009 §6, §7, RFC 6134 §2.5:
/// `redirect [:copy] [:notify string] [:ret string] [:bytimerelative number / :bytimeabsolute string]
/// [:bymode string] [:bytrace] [:resent / :noresent] [:list] <address: string>`
///
/// Sun's `:resent` puts Resent- fields (RFC 5322 §3.6.6) on the copy, `:noresent` none; none are standard.
struct RedirectCommand: SieveCommand {
    static let usage = Usage(
        name: "redirect",
        tags: [
            .copy, .init(name: "notify", value: .string, capability: "redirect-dsn"),
            .init(name: "ret", value: .string, capability: "redirect-dsn"),
            .init(name: "bytimerelative", group: "time", value: .number, capability: "redirect-deliverby"),
            .init(name: "bytimeabsolute", group: "time", value: .string, capability: "redirect-deliverby"),
            .init(name: "bymode", value: .string, capability: "redirect-deliverby"),
            .init(name: "bytrace", capability: "redirect-deliverby"),
            .init(name: "list", capability: "extlists"),
            .init(name: "resent", group: "resent fields", capability: Vocabulary.gateway),
            .init(name: "noresent", group: "resent fields", capability: Vocabulary.gateway),
        ],
        positional: [.init(name: "address", kind: .string)])

    /// The list's name where `isList`.
    let address: Phrase
    let isList: Bool
    let isCopy: Bool
    /// Nil where the script doesn't say.
    let isResent: Bool?
    let notify: String?
    let ret: String?
    let deliverBy: SieveAction.Redirection.DeliverBy?

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0) else { return nil }
        address = compiler.phrase(text)
        isCopy = arguments.has("copy")
        isList = arguments.has("list")
        isResent = arguments.has("resent") ? true : arguments.has("noresent") ? false : nil
        var isGood = true
        if !isList, let constant = address.constant, Self.address(constant) == nil {
            compiler.mistakes.add(
                text.range, "\(MistakeList.quoted(constant)) is not an address that mail can be sent to",
                help: "write one address such as \"name@example.org\", in ASCII; a group or a list is none")
            isGood = false
        }
        if compiler.limits.redirectsMax == 0 {
            compiler.mistakes.add(
                arguments.nameRange, "redirect is not allowed here: the limit of redirects is 0",
                help: "use another action, or ask whoever runs the server")
            isGood = false
        }
        notify = Self.notify(arguments, &compiler, &isGood)
        ret = Self.ret(arguments, &compiler, &isGood)
        deliverBy = Self.deliverBy(arguments, &compiler, &isGood)
        guard isGood else { return nil }
    }

    /// RFC 6009 §6, RFC 3461 §4.1: `NEVER`, or a list of the others.
    private static func notify(
        _ arguments: Arguments, _ compiler: inout Compiler, _ isGood: inout Bool
    ) -> String? {
        guard let text = arguments.string(ofTag: "notify") else { return nil }
        let value = String(decoding: compiler.constant(text, naming: "value") ?? [], as: UTF8.self)
            .uppercased()
        let words = value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        let known: Set<String> = ["SUCCESS", "FAILURE", "DELAY"]
        guard words == ["NEVER"] || (words.allSatisfy(known.contains) && Set(words).count == words.count)
        else {
            compiler.mistakes.add(
                text.range, "\(MistakeList.quoted(value)) is no value of :notify",
                help: "write \"NEVER\", or some of \"SUCCESS,FAILURE,DELAY\"")
            isGood = false
            return nil
        }
        return value
    }

    private static func ret(
        _ arguments: Arguments, _ compiler: inout Compiler, _ isGood: inout Bool
    ) -> String? {
        guard let text = arguments.string(ofTag: "ret") else { return nil }
        let value = String(decoding: compiler.constant(text, naming: "value") ?? [], as: UTF8.self)
            .uppercased()
        guard value == "FULL" || value == "HDRS" else {
            compiler.mistakes.add(
                text.range, "\(MistakeList.quoted(value)) is no value of :ret",
                help: "write \"FULL\" or \"HDRS\"")
            isGood = false
            return nil
        }
        return value
    }

    /// RFC 6009 §7: how much and in which way comes together or not at all.
    private static func deliverBy(
        _ arguments: Arguments, _ compiler: inout Compiler, _ isGood: inout Bool
    ) -> SieveAction.Redirection.DeliverBy? {
        var mode = "notify"
        if let text = arguments.string(ofTag: "bymode") {
            mode = String(decoding: compiler.constant(text, naming: "mode") ?? [], as: UTF8.self).lowercased()
            if mode != "notify" && mode != "return" {
                compiler.mistakes.add(
                    text.range, "\(MistakeList.quoted(mode)) is no value of :bymode",
                    help: "write \"notify\" or \"return\"")
                isGood = false
            }
        }
        if let seconds = arguments.number(ofTag: "bytimerelative") {
            return .init(
                seconds: Int64(seconds), isAbsolute: false, mode: mode, isTraced: arguments.has("bytrace"))
        }
        if let text = arguments.string(ofTag: "bytimeabsolute") {
            guard let octets = compiler.constant(text, naming: "time"), let time = TimeText.parse(octets)
            else {
                compiler.mistakes.add(
                    text.range, "this is no time", help: "write it as \"2026-11-22T12:00:00Z\" (RFC 3339)")
                isGood = false
                return nil
            }
            return .init(
                seconds: time.epoch, isAbsolute: true, mode: mode, isTraced: arguments.has("bytrace"))
        }
        for tag in ["bymode", "bytrace"] {
            guard let range = arguments.range(ofTag: tag) else { continue }
            compiler.mistakes.add(
                range, "\":\(tag)\" stands without a time",
                help: "write :bytimerelative and a number of seconds")
            isGood = false
        }
        return nil
    }

    /// RFC 5228 §2.4.2.3: `addr-spec` or `phrase "<" addr-spec ">"`, without routes and groups; and what an
    /// SMTP envelope can carry.
    static func address(_ text: [UInt8]) -> Address? {
        let list = mailboxes(text)
        return list?.count == 1 ? list?.first?.address : nil
    }

    /// Every mailbox of a list as `address` takes one, with its display name; nil where one of them is none.
    static func mailboxes(_ text: [UInt8]) -> [(display: String, address: Address)]? {
        let list = AddressList.parse(text)
        guard list.defects.isEmpty, !list.addresses.isEmpty, !hasRouteOrEmptyElement(text) else { return nil }
        var mailboxes: [(display: String, address: Address)] = []
        for found in list.addresses {
            guard found.group == nil, isDomain(found.domain),
                let address = Address("\(quotedIfNeeded(found.localPart))@\(found.domain)")
            else { return nil }
            mailboxes.append((found.display, address))
        }
        return mailboxes
    }

    /// What the reader of header fields forgives, and an address of a script mustn't have.
    private static func hasRouteOrEmptyElement(_ text: [UInt8]) -> Bool {
        let visible = text.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D && $0 != 0x0A }
        let route = zip(visible, visible.dropFirst()).contains {
            $0 == UInt8(ascii: "<") && $1 == UInt8(ascii: "@")
        }
        return route || visible.first == UInt8(ascii: ",") || visible.last == UInt8(ascii: ",")
    }

    /// A dot-atom as it is, anything else as a quoted string (RFC 5321 §4.1.2).
    static func quotedIfNeeded(_ local: String) -> String {
        let isAtom = local.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy {
                !$0.isEmpty && $0.allSatisfy(isAtomText)
            }
        guard !isAtom else { return local }
        var quoted = "\""
        for scalar in local.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// RFC 5322 §3.2.3.
    static func isAtomText(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-/=?^_`{|}~".utf8.contains(octet)
        }
    }

    /// A domain name of at most 253 octets (RFC 5321 §2.3.5), or an address literal.
    private static func isDomain(_ domain: String) -> Bool {
        if domain.utf8.first == UInt8(ascii: "[") {
            let literal = domain.dropFirst().dropLast()
            let isIPv6 = literal.lowercased().hasPrefix("ipv6:")
            return domain.utf8.last == UInt8(ascii: "]")
                && IPAddress(String(isIPv6 ? literal.dropFirst(5) : literal)) != nil
        }
        guard domain.utf8.count <= 253 else { return false }
        return domain.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                && label.last != UInt8(ascii: "-")
                && label.allSatisfy {
                    isAtomText($0) && ($0 == UInt8(ascii: "-") || Lexer.continuesIdentifier($0))
                }
        }
    }
}
