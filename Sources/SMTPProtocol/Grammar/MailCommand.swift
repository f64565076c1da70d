// SPDX-License-Identifier: MIT

package import Mail

/// `MAIL FROM:<sender> [SIZE=n] [BODY=7BIT|8BITMIME] [AUTH=submitter] [RET=FULL|HDRS] [ENVID=xtext]
/// [BY=seconds;mode]` (RFC 5321 §4.1.1.2, RFC 1870 §6, RFC 6152 §2, RFC 4954 §5, RFC 3461 §4, RFC 2852 §4).
package struct MailCommand: Hashable, Sendable {
    /// Nil is the null reverse-path, `<>`.
    package let sender: Address?
    /// Octets that the client says the message has, or nil. A number beyond `Int` is `Int.max`.
    package let declaredOctets: Int?
    /// `BODY=8BITMIME` was given.
    package let isEightBit: Bool
    /// `AUTH=` was given, and well formed: who, the client says, submitted the message, nil for `<>`.
    package let submitter: Submitter?
    /// `RET=`.
    package var ret: DeliveryOptions.Return?
    /// `ENVID=`, decoded.
    package var envelopeID: String?
    /// `BY=`.
    package var deliverBy: DeliverByParameter?

    /// A parameter was given that belongs to DSN or DELIVERBY.
    package var usesNotifications: Bool { ret != nil || envelopeID != nil || deliverBy != nil }

    package enum Submitter: Hashable, Sendable, CustomStringConvertible {
        /// `AUTH=<>`: the client doesn't know, or doesn't say.
        case unknown
        case mailbox(Address)

        /// `<>` or the address.
        package var description: String {
            switch self {
            case .unknown: "<>"
            case .mailbox(let address): address.description
            }
        }
    }

    package init(
        sender: Address?, declaredOctets: Int? = nil, isEightBit: Bool = false, submitter: Submitter? = nil
    ) {
        self.sender = sender
        self.declaredOctets = declaredOctets
        self.isEightBit = isEightBit
        self.submitter = submitter
    }

    /// The scanner stands behind `MAIL` and its spaces. A space after the colon is wrong, and so common that
    /// refusing it would refuse mail; it can't be misread.
    static func parse(_ scanner: inout LineScanner) -> Command {
        guard scanner.take(word: "FROM:") else { return .malformed(.mailGrammar) }
        scanner.skipSpaces()
        let sender: Address?
        switch Path.parse(&scanner) {
        case .null: sender = nil
        case .mailbox(let address) where address.domain.isEmpty:
            return .malformed(.badSender("the address has no domain"))
        case .mailbox(let address): sender = address
        case .malformed(let reason): return .malformed(.badSender(reason))
        }
        switch Parameter.parse(&scanner) {
        case .malformed(let reply): return .malformed(reply)
        case .parameters(let parameters): return command(sender, parameters)
        }
    }

    private static func command(_ sender: Address?, _ parameters: [Parameter]) -> Command {
        var declaredOctets: Int?
        var isEightBit = false
        var submitter: Submitter?
        var ret: DeliveryOptions.Return?
        var envelopeID: String?
        var deliverBy: DeliverByParameter?
        for parameter in parameters {
            switch (parameter.keyword, parameter.value) {
            case ("SIZE", let value?):
                guard let octets = octets(value) else { return .malformed(.badSizeParameter) }
                declaredOctets = octets
            case ("SIZE", nil): return .malformed(.badSizeParameter)
            case ("BODY", "7BIT"): isEightBit = false
            case ("BODY", "8BITMIME"): isEightBit = true
            case ("BODY", _): return .malformed(.badBodyParameter)
            case ("AUTH", _):
                guard let said = parameter.text.flatMap(Self.submitter) else {
                    return .malformed(.badAuthParameter)
                }
                submitter = said
            case ("RET", _):
                guard let said = parameter.value.flatMap(DeliveryOptions.Return.init(rawValue:)) else {
                    return .malformed(.badRetParameter)
                }
                ret = said
            case ("ENVID", _):
                guard let id = parameter.text.flatMap(Self.envelopeID) else {
                    return .malformed(.badEnvidParameter)
                }
                envelopeID = id
            case ("BY", _):
                guard let by = parameter.value.flatMap(DeliverByParameter.parse) else {
                    return .malformed(.badByParameter)
                }
                deliverBy = by
            default: return .malformed(.unknownParameter)
            }
        }
        var command = MailCommand(
            sender: sender, declaredOctets: declaredOctets, isEightBit: isEightBit, submitter: submitter)
        command.ret = ret
        command.envelopeID = envelopeID
        command.deliverBy = deliverBy
        return .mail(command)
    }

    /// `<>`, or a mailbox as xtext.
    private static func submitter(_ text: String) -> Submitter? {
        if text == "<>" { return .unknown }
        guard let octets = XText.decode(text) else { return nil }
        return Address(String(decoding: octets, as: UTF8.self)).map(Submitter.mailbox)
    }

    /// RFC 3461 §4.4: at most 100 octets of xtext, printable ASCII once decoded.
    private static func envelopeID(_ text: String) -> String? {
        guard text.utf8.count <= SMTPLimits.envelopeIDOctetsMax, let octets = XText.decode(text),
            octets.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        return String(decoding: octets, as: UTF8.self)
    }

    /// 1 to 20 digits (RFC 1870 §6).
    private static func octets(_ text: String) -> Int? {
        guard (1...20).contains(text.utf8.count), text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int(text) ?? .max
    }
}
