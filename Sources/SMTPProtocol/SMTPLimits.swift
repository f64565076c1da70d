// SPDX-License-Identifier: MIT

/// What a client may cost us. Each number carries its unit in its name and its reason beside it.
///
/// Seconds are values only: whoever holds the socket keeps the clock.
package struct SMTPLimits: Sendable, Hashable {
    /// Longest command line, in octets, CRLF included.
    ///
    /// RFC 5321 §4.5.3.1.4 obliges us to take 512 and lets extensions ask for more. A longer line is answered
    /// `500 5.5.2`, and its remainder is thrown away up to the next CRLF: were it parsed, the tail of one
    /// command would become another.
    package var commandLineOctetsMax = 2_048

    /// Octets of a refused line that are thrown away before the session ends.
    ///
    /// A client that sends a line without an end would otherwise occupy a session for as long as it likes.
    package var swallowedLineOctetsMax = 65_536

    /// Commands of one session, in all.
    ///
    /// Enough for a hundred full transactions of a thousand recipients, and an end to a session that never
    /// ends.
    package var commandsMax = 120_000

    /// Commands with a mistake in grammar or order, in one session; one more is answered 421.
    ///
    /// A sender makes a few; what makes twenty is not a mail client.
    package var badCommandsMax = 20

    /// Commands that bring no mail nearer (EHLO, HELO, NOOP, RSET, HELP, VRFY), from one accepted message to
    /// the next; one more is answered 421. A client that checks an idle connection needs a handful.
    package var idleCommandsMax = 100

    /// Transactions of one session; one more MAIL is answered 421.
    ///
    /// A session keeps the ruleset that it began with: a client that never leaves must not keep an old one
    /// for ever.
    package var transactionsMax = 10_000

    /// Recipients of one message; one more is answered `452 4.5.3`, and the client sends the rest in another
    /// transaction. RFC 5321 §4.5.3.1.8 obliges us to take 100.
    package var recipientsMax = 1_000

    /// Recipients refused for good (5xx) in one session; one more is answered 421.
    ///
    /// Whoever guesses addresses is cut off; a list with some dead subscribers is not.
    package var rejectedRecipientsMax = 50

    /// Recipients named for one message, rejected ones too, beyond which the whole of it is put off at DATA
    /// (Sun's `recipientcutoff`); nil: none.
    ///
    /// Whoever names that many sends to a list that isn't his.
    package var recipientsCutoff: Int?

    /// Transactions of one session, after which MAIL is answered `450 4.5.3` (`transactionlimit`); nil: none.
    ///
    /// A client that brings more mail than it should is slowed to one connection for so many messages.
    package var transactionsBeforeDeferralMax: Int?

    /// Recipients rejected in one session, after which all others, good or bad, are answered 450
    /// (`deferralrejectlimit`); nil: none.
    ///
    /// Whoever tries names learns nothing any more, and an honest sender comes again.
    package var rejectionsBeforeDeferralMax: Int?

    /// Transactions, named recipients and rejected recipients of one session, after which MAIL and RSET
    /// end it (`disconnecttransactionlimit`, `disconnectrecipientlimit`, `disconnectrejectlimit`); nil: none.
    ///
    /// Others wait for the session's place.
    package var transactionsOfSessionMax: Int?
    /// See above.
    package var recipientsOfSessionMax: Int?
    /// See above.
    package var rejectionsOfSessionMax: Int?

    /// AUTH commands that failed, in one session; one more is answered 421 (`disconnectbadauthlimit`).
    ///
    /// A person mistypes a password a few times; whoever tries more is guessing.
    package var badAuthenticationsMax = 5

    /// How long a client may take for a whole command, in seconds (RFC 5321 §4.5.3.2.7: at least 300).
    package var commandSecondsMax = 300

    /// How long a client may stay that was turned away in the greeting and has yet to say QUIT, in seconds.
    /// RFC 5321 §3.1 has us wait for it, but names no time.
    package var turnedAwaySecondsMax = 10

    /// Longest pause within the content, in seconds (RFC 5321 §4.5.3.2.5: clients allow us 180 for a block).
    package var contentPauseSecondsMax = 180

    /// How long the content of one message may take in all, in seconds.
    ///
    /// A client that sends one byte a minute never pauses too long, yet would hold its draft for days.
    package var contentSecondsMax = 3_600

    /// How long a TLS handshake may take, in seconds. It is a few round trips.
    package var tlsHandshakeSecondsMax = 30

    /// How long the final answer to DATA may take, in seconds, scanning included.
    ///
    /// RFC 5321 §4.5.3.2.6 has clients wait 600 s. We answer `451 4.3.0` well before that: a client that
    /// gives up first sends the message again, and the recipient would have it twice.
    package var finalReplySecondsMax = 480

    /// Longest name in HELO or EHLO, in octets (RFC 5321 §4.5.3.1.2: a domain has 255).
    package static let helloNameOctetsMax = 255

    /// Longest path with its brackets, source route included, in octets (RFC 5321 §4.5.3.1.3 has 256 for a
    /// path; the route is dropped, so only what it costs to read it counts). An address itself has
    /// `Address.octetsMax`.
    ///
    /// There is no limit of its own for the local part: §4.5.3.1.1 names 64 as what everyone must take, but
    /// senders that encode the recipient in the sender go beyond it, and to refuse them would lose mail.
    package static let pathOctetsMax = 1_024

    /// Parameters of one MAIL or RCPT command. Four exist that any client could send; more is an attack on
    /// the parser.
    package static let parametersMax = 16

    /// Octets of ENVID's value as it stands in the command (RFC 3461 §4.4).
    package static let envelopeIDOctetsMax = 100

    /// Octets of ORCPT's value as it stands in the command, its type included (RFC 3461 §4.2).
    package static let originalRecipientOctetsMax = 500

    package init() {}
}
