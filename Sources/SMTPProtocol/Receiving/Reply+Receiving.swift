// SPDX-License-Identifier: MIT

internal import Mail

/// The replies that the receiving side gives by itself. Codes: RFC 5321 §4.2 and the RFC of each extension;
/// status: RFC 3463, RFC 5248. A reply that a gate decided on comes from there.
extension Reply {
    static let ok = Reply(250, "2.0.0", "Ok")
    static let senderOK = Reply(250, "2.1.0", "Sender ok")
    static let recipientOK = Reply(250, "2.1.5", "Recipient ok")
    static let sendContent = Reply(354, nil, "Send the message, end with <CRLF>.<CRLF>")
    static let readyForTLS = Reply(220, "2.0.0", "Ready to start TLS")
    static let cannotVerify = Reply(252, "2.0.0", "Send some mail, it will be tried")
    static let help = Reply(214, "2.0.0", "See RFC 5321")

    // Grammar.
    static let lineTooLong = Reply(500, "5.5.2", "Command line too long")
    static let bareLineFeed = Reply(500, "5.5.2", "Bare LF: a command line ends with CRLF")
    static let bareCarriageReturn = Reply(500, "5.5.2", "Bare CR: a command line ends with CRLF")
    static let controlCharacter = Reply(500, "5.5.2", "Control character in a command")
    static let unknownCommand = Reply(500, "5.5.2", "Command not recognised")
    static let eightBitAddress = Reply(553, "5.6.7", "Only ASCII in addresses: SMTPUTF8 is not offered")
    static let eightBitArgument = Reply(501, "5.5.2", "Only ASCII in commands")
    static let mailGrammar = Reply(501, "5.5.4", "Syntax: MAIL FROM:<address>")
    static let recipientGrammar = Reply(501, "5.5.4", "Syntax: RCPT TO:<address>")
    static let malformedParameter = Reply(501, "5.5.4", "Malformed parameter")
    static let badSizeParameter = Reply(501, "5.5.4", "Syntax: SIZE=number of octets")
    static let badBodyParameter = Reply(501, "5.5.4", "Syntax: BODY=7BIT or BODY=8BITMIME")
    static let badRetParameter = Reply(501, "5.5.4", "Syntax: RET=FULL or RET=HDRS")
    static let badEnvidParameter = Reply(501, "5.5.4", "Syntax: ENVID= and at most 100 octets of xtext")
    static let badByParameter = Reply(
        501, "5.5.4", "Syntax: BY=seconds;N or BY=seconds;R, with T behind it for a trace")
    static let badNotifyParameter = Reply(
        501, "5.5.4", "Syntax: NOTIFY=NEVER, or some of SUCCESS,FAILURE,DELAY")
    static let badOrcptParameter = Reply(501, "5.5.4", "Syntax: ORCPT=rfc822;address, the address in xtext")
    static let badAuthParameter = Reply(501, "5.5.4", "Syntax: AUTH=mailbox in xtext, or AUTH=<>")
    static let authGrammar = Reply(501, "5.5.4", "Syntax: AUTH mechanism [initial response]")
    static let etrnGrammar = Reply(501, "5.5.4", "Syntax: ETRN node")
    static let unknownParameter = Reply(555, "5.5.4", "Parameter not recognised or not offered")

    static func noArgument(_ verb: String) -> Reply { Reply(501, "5.5.4", "\(verb) takes no argument") }
    static func argumentMissing(_ verb: String) -> Reply { Reply(501, "5.5.4", "\(verb) needs an argument") }
    static func badHelloName(_ verb: String) -> Reply {
        Reply(501, "5.5.4", "\(verb) needs a domain name or an address literal")
    }
    static func badSender(_ reason: String) -> Reply { Reply(501, "5.1.7", "Bad sender: \(reason)") }
    static func badRecipient(_ reason: String) -> Reply { Reply(501, "5.1.3", "Bad recipient: \(reason)") }

    // Order of commands.
    static let helloFirst = Reply(503, "5.5.1", "Say EHLO first")
    static let mailFirst = Reply(503, "5.5.1", "Say MAIL first")
    static let alreadyOpen = Reply(503, "5.5.1", "A transaction is open: finish it, or say RSET")
    static let noRecipients = Reply(554, "5.5.1", "No valid recipients")
    static let alreadyTLS = Reply(503, "5.5.1", "TLS is active already")
    static let turnedAway = Reply(503, "5.5.1", "You are not welcome here: say QUIT")

    static func notOffered(_ verb: String) -> Reply { Reply(502, "5.5.1", "\(verb) is not offered") }

    // Limits.
    /// RFC 5321 §4.5.3.1.10 has 452; status and words are those of Sun's `recipientlimit`.
    static let tooManyRecipients = Reply(452, "4.2.3", "Too many recipients specified")
    static let envelopeTooLarge = Reply(451, "4.4.5", "Error ending envelope: too many recipients")
    static let noMoreTransactions = Reply(
        450, "4.5.3", "Number of transactions exceeds allowed maximum")
    static let sessionTransactions = Reply(
        450, "4.7.0", "Session transaction limit reached; disconnecting")
    static let sessionRecipients = Reply(450, "4.7.0", "Session recipient limit reached; disconnecting")
    static let sessionRejections = Reply(
        450, "4.7.0", "Session rejected recipient limit reached; disconnecting")
    static let rejectionsDefer = Reply(450, "4.7.1", "Too many rejected recipients: try again later")
    static let tooManyBadAuthentications = Reply(421, "4.7.0", "Too many failed authentications, closing")
    static let tooManyTransactions = Reply(421, "4.7.0", "Too many messages in one session, closing")
    static let tooManyCommands = Reply(421, "4.7.0", "Too many commands, closing")
    static let tooManyBadCommands = Reply(421, "4.7.0", "Too many errors, closing")
    static let tooManyIdleCommands = Reply(421, "4.7.0", "Too many commands without mail, closing")
    static let tooManyRejectedRecipients = Reply(421, "4.7.0", "Too many rejected recipients, closing")
    static let endlessLine = Reply(421, "4.7.0", "Line without an end, closing")

    static func messageTooBig(_ octetsMax: Int) -> Reply {
        Reply(552, "5.3.4", "Message too big: at most \(octetsMax) octets")
    }

    // Authentication (RFC 4954 §4, §6).
    static let authSucceeded = Reply(235, "2.7.0", "Authentication succeeded")
    static let authCancelled = Reply(501, "5.7.0", "Authentication cancelled")
    static let badBase64 = Reply(501, "5.5.2", "The response is no Base64")
    static let badCredentials = Reply(535, "5.7.8", "Authentication credentials invalid")
    static let authLineTooLong = Reply(500, "5.5.6", "Authentication exchange line is too long")
    static let unknownMechanism = Reply(504, "5.5.4", "Authentication mechanism not offered")
    static let authNeedsTLS = Reply(538, "5.7.11", "Encryption required: say STARTTLS first")
    static let alreadyAuthenticated = Reply(503, "5.5.1", "You are authenticated already")
    static let authNeedsHello = Reply(503, "5.5.1", "Say EHLO before AUTH")
    static let notInTransaction = Reply(503, "5.5.1", "Not while a transaction is open")
    static let authRequired = Reply(530, "5.7.0", "Authentication required")
    static let tlsRequired = Reply(530, "5.7.0", "Must issue a STARTTLS command first")

    // Content.
    static func faultyContent(_ fault: ContentFault) -> Reply {
        switch fault {
        case .bareCarriageReturn:
            Reply(554, "5.6.0", "Bare CR in the message: lines end with CRLF (RFC 5321 2.3.8)")
        case .bareLineFeed:
            Reply(554, "5.6.0", "Bare LF in the message: lines end with CRLF (RFC 5321 2.3.8)")
        }
    }

    // The end of a session.
    static let goodbye = Reply(221, "2.0.0", "Bye")
    static let timedOut = Reply(421, "4.4.2", "Timeout, closing")
    static let shuttingDown = Reply(421, "4.3.2", "Service shutting down, try again later")
    static let plaintextBehindSTARTTLS = Reply(554, "5.5.1", "Octets behind STARTTLS in plaintext, closing")
    static let chunkingNotOffered = Reply(502, "5.5.1", "BDAT is not offered, closing")
    static let httpNotSpoken = Reply(500, "5.5.1", "HTTP is not spoken here, closing")
    /// In place of a "refusal" that isn't one: whoever is not admitted must never hear that he is.
    static let localError = Reply(451, "4.3.0", "Local error, try again later")
}
