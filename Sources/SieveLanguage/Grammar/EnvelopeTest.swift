// SPDX-License-Identifier: MIT

/// RFC 5228 §5.4, RFC 6009 §4, §5:
/// `envelope [COMPARATOR] [ADDRESS-PART] [MATCH-TYPE] <envelope part: string-list> <key list: string-list>`
struct EnvelopeTest: SieveTest {
    static let usage = Usage(
        name: "envelope", capabilities: ["envelope"], tags: KeyMatcher.tags + AddressPart.tags,
        positional: [
            .init(name: "envelope part", kind: .stringList), .init(name: "key list", kind: .stringList),
        ])

    /// Compared without case.
    enum Side: String, CaseIterable, Sendable {
        case from
        case to
        /// The address that the client authenticated as. Not of any RFC; Pigeonhole has it too.
        case auth
        /// RFC 6009 §4: what the client asked for with DSN (RFC 3461).
        case notify
        case orcpt
        case ret
        case envid
        /// RFC 6009 §5: what it asked for with DELIVERBY (RFC 2852).
        case bytimeabsolute
        case bytimerelative
        case bymode
        case bytrace

        var capability: String? {
            switch self {
            case .from, .to, .auth: nil
            case .notify, .orcpt, .ret, .envid: "envelope-dsn"
            case .bytimeabsolute, .bytimerelative, .bymode, .bytrace: "envelope-deliverby"
            }
        }

        /// Of others than addresses there is no part.
        var isAddress: Bool { self == .from || self == .to || self == .auth }
    }

    /// With a variable in it, a name is checked when the script runs.
    enum Name: Sendable {
        case side(Side)
        case phrase(Phrase)
    }

    let names: [Name]
    let part: AddressPart
    let hasPart: Bool
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        var names: [Name] = []
        var isGood = true
        let part = AddressPart(arguments)
        let hasPart = part != .all
        for text in arguments.strings(0) {
            let phrase = compiler.phrase(text)
            guard let octets = phrase.constant else {
                names.append(.phrase(phrase))
                continue
            }
            guard let side = Side(rawValue: String(decoding: octets, as: UTF8.self).lowercased()) else {
                compiler.mistakes.add(
                    text.range, "unknown envelope part \(MistakeList.quoted(octets))",
                    help: "parts are \"from\" and \"to\", and others with envelope-dsn and envelope-deliverby"
                )
                isGood = false
                continue
            }
            if let capability = side.capability, !compiler.capabilities.contains(capability) {
                compiler.missingCapability(
                    [capability], for: "the envelope part \"\(side.rawValue)\"", at: text.range)
                isGood = false
            }
            // RFC 6009 §4: they are no addresses, except the original recipient.
            if hasPart, !side.isAddress, side != .orcpt {
                compiler.mistakes.add(
                    text.range, "the envelope part \"\(side.rawValue)\" is no address, and has no parts",
                    help: "leave the address part out")
                isGood = false
            }
            names.append(.side(side))
        }
        guard let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler), isGood else {
            return nil
        }
        self.names = names
        self.keys = keys
        self.hasPart = hasPart
        self.part = part
    }
}
