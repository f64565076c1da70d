// SPDX-License-Identifier: MIT

package import Mail

/// `MAIL FROM:<sender> [SIZE=n] [BODY=7BIT|8BITMIME] [AUTH=submitter]` (RFC 5321 §4.1.1.2, RFC 1870 §6,
/// RFC 6152 §2, RFC 4954 §5).
package struct MailCommand: Hashable, Sendable {
    /// Nil is the null reverse-path, `<>`.
    package let sender: Address?
    /// Octets that the client says the message has, or nil. A number beyond `Int` is `Int.max`.
    package let declaredOctets: Int?
    /// `BODY=8BITMIME` was given.
    package let isEightBit: Bool
    /// `AUTH=` was given, and well formed: who, the client says, submitted the message, nil for `<>`.
    package let submitter: Submitter?

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
            default: return .malformed(.unknownParameter)
            }
        }
        return .mail(
            MailCommand(
                sender: sender, declaredOctets: declaredOctets, isEightBit: isEightBit, submitter: submitter))
    }

    /// `<>`, or a mailbox as xtext (RFC 3461 §4): `+` and two hexadecimal digits, upper case, for what
    /// couldn't stand there itself.
    private static func submitter(_ text: String) -> Submitter? {
        if text == "<>" { return .unknown }
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "+") else {
                octets.append(octet)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue)
            else { return nil }
            octets.append(high << 4 | low)
        }
        return Address(String(decoding: octets, as: UTF8.self)).map(Submitter.mailbox)
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        default: nil
        }
    }

    /// 1 to 20 digits (RFC 1870 §6).
    private static func octets(_ text: String) -> Int? {
        guard (1...20).contains(text.utf8.count), text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int(text) ?? .max
    }
}
