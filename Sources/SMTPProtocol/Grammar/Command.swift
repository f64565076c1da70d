// SPDX-License-Identifier: MIT

internal import Mail

/// One command line, read: either a command whose arguments are as the grammar wants them, or the reply that
/// says what is wrong with it. Whether it may come now is `ReceivingMachine`'s to say.
enum Command: Hashable, Sendable {
    case hello(name: String, isExtended: Bool)
    case mail(MailCommand)
    case recipient(RecipientCommand)
    case data, reset, noop, verify, help, quit, startTLS
    case authenticate(AuthCommand)
    case queueRun(QueueRunCommand)
    /// Known, and not offered here: EXPN.
    case notOffered(Reply)
    /// BDAT of RFC 3030, which we don't offer: octets of a message follow that must not be read as commands.
    case chunk
    case http
    case malformed(Reply)

    /// `line` comes without its CRLF, has no other CR or LF, and is within `SMTPLimits.commandLineOctetsMax`.
    static func parse(_ line: [UInt8]) -> Command {
        var hasEightBit = false
        for byte in line {
            guard byte >= 0x20, byte != 0x7F else { return .malformed(.controlCharacter) }
            if byte >= 0x80 { hasEightBit = true }
        }
        var scanner = LineScanner(line)
        let word = scanner.take(while: \.isLetter)
        guard let verb = Verb(scanner.slice(word)), scanner.isAtEnd || scanner.next == Octet.space else {
            return .malformed(.unknownCommand)
        }
        if hasEightBit {
            switch verb {
            case .mail, .rcpt: return .malformed(.eightBitAddress)
            case .http: return .http
            case .bdat: return .chunk
            default: return .malformed(.eightBitArgument)
            }
        }
        scanner.skipSpaces()
        return parse(verb, &scanner)
    }

    private static func parse(_ verb: Verb, _ scanner: inout LineScanner) -> Command {
        switch verb {
        case .ehlo: return hello(&scanner, isExtended: true)
        case .helo: return hello(&scanner, isExtended: false)
        case .mail: return MailCommand.parse(&scanner)
        case .rcpt: return RecipientCommand.parse(&scanner)
        case .data: return scanner.isAtEnd ? .data : .malformed(.noArgument("DATA"))
        case .rset: return scanner.isAtEnd ? .reset : .malformed(.noArgument("RSET"))
        case .quit: return scanner.isAtEnd ? .quit : .malformed(.noArgument("QUIT"))
        case .startTLS: return scanner.isAtEnd ? .startTLS : .malformed(.noArgument("STARTTLS"))
        // RFC 5321 §4.1.1.8 and §4.1.1.9: an argument means nothing.
        case .noop: return .noop
        case .help: return .help
        case .vrfy: return scanner.isAtEnd ? .malformed(.argumentMissing("VRFY")) : .verify
        case .expn: return .notOffered(.notOffered("EXPN"))
        case .etrn: return QueueRunCommand.parse(&scanner)
        case .auth: return AuthCommand.parse(&scanner)
        case .bdat: return .chunk
        case .http: return .http
        }
    }

    private static func hello(_ scanner: inout LineScanner, isExtended: Bool) -> Command {
        let verb = isExtended ? "EHLO" : "HELO"
        guard !scanner.isAtEnd else { return .malformed(.argumentMissing(verb)) }
        let name = scanner.take(while: \.isHelloNameOctet)
        guard scanner.isAtEnd, !name.isEmpty, name.count <= SMTPLimits.helloNameOctetsMax else {
            return .malformed(.badHelloName(verb))
        }
        return .hello(name: scanner.text(name), isExtended: isExtended)
    }
}

extension UInt8 {
    /// What a client may call itself with: RFC 5321 §4.1.1.1 wants a domain or an address literal. Many
    /// clients have only a host name, often with an underscore; those are let in, but nothing that a log, a
    /// header or a rule could read as more than one word.
    var isHelloNameOctet: Bool {
        switch self {
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: ":"):
            return true
        default:
            return isLetterOrDigit
        }
    }
}
