// SPDX-License-Identifier: MIT

package import Mail

/// A message that a script had us write: an answer, a notification, a report.
package struct OwnMessage: Hashable, Sendable {
    /// Nil is the null reverse-path.
    package var sender: Address?
    package var recipients: [Address]
    /// Bytes of ours with CRLF line ends, and ranges of the bytes of the message that it is about: a report
    /// with a large message in it costs what is written around it.
    package var pieces: [Edition.Piece]

    package init(sender: Address?, recipients: [Address], pieces: [Edition.Piece]) {
        self.sender = sender
        self.recipients = recipients
        self.pieces = pieces
    }

    /// A message with nothing in it of the one that it is about.
    package init(sender: Address?, recipients: [Address], bytes: [UInt8]) {
        self.init(sender: sender, recipients: recipients, pieces: [.inserted(bytes)])
    }

    /// As a whole; `message` are the bytes of the message that it is about.
    package func bytes(of message: MessageBytes) -> [UInt8] { Edition(pieces: pieces).bytes(of: message) }
}

/// What every message of ours needs of the outside.
package struct OwnMessageContext: Hashable, Sendable {
    /// Our name, for message ids.
    package var hostname: String
    /// Seconds since 1970-01-01 UTC.
    package var now: Int64
    /// Printable ASCII without blanks, different for every message written: a case's id and a number.
    package var id: String
    /// Stands for us where an address is needed: `postmaster@example.org`.
    package var postmaster: Address

    package init(hostname: String, now: Int64, id: String, postmaster: Address) {
        self.hostname = hostname
        self.now = now
        self.id = id
        self.postmaster = postmaster
    }
}

/// Puts header fields together.
struct OwnHeader {
    private(set) var octets: [UInt8] = []

    init(_ context: OwnMessageContext) {
        add("Date", DateField.text(CivilTime(epoch: context.now)))
        add("Message-ID", "<\(context.id)@\(context.hostname)>")
        add("X-Sieve", "Postern")
    }

    /// Characters of a subject that is made of what others wrote: as many as anybody reads.
    private static let subjectCharactersMax = 256

    /// A subject made of what others wrote: what is too long ends in an ellipsis.
    mutating func add(subject: String) {
        let scalars = subject.unicodeScalars
        guard scalars.count > Self.subjectCharactersMax else { return add("Subject", subject) }
        add(
            "Subject",
            String(String.UnicodeScalarView(scalars.prefix(Self.subjectCharactersMax - 1))) + "\u{2026}")
    }

    mutating func add(_ name: String, _ value: String) {
        octets += FieldText.field(name: name, body: Array(value.utf8))
    }

    /// An address as it was given, with its name if it has one; only one of ours or one that was checked.
    mutating func add(_ name: String, address: String) { add(name, address) }

    mutating func add(_ name: String, _ recipients: [MailtoMethod.Recipient]) {
        guard !recipients.isEmpty else { return }
        octets += FieldText.field(
            name: name, body: Array(recipients.map(\.text).joined(separator: Array(", ".utf8))))
    }

    mutating func add(_ name: String, display: String, _ address: Address) {
        add(name, [MailtoMethod.Recipient(display: display, address: address)])
    }

    /// RFC 5322 §3.6.4: what an answer refers to.
    mutating func addReferences(to subject: SieveSubject) {
        guard let id = Self.raw("message-id", of: subject).first else { return }
        octets += FieldText.field(name: "In-Reply-To", body: id)
        let references =
            Self.raw("references", of: subject).first ?? Self.raw("in-reply-to", of: subject).first
        // Ten thousand octets of ancestry help nobody.
        let older = references.map { $0.suffix(900) + [0x20] } ?? []
        octets += FieldText.field(name: "References", body: older + id)
    }

    static func raw(_ name: String, of subject: SieveSubject) -> [[UInt8]] {
        subject.message.header.fields(named: name).map {
            subject.message.header.unfolded($0, in: subject.message.bytes)
        }
    }

    static func text(_ name: String, of subject: SieveSubject) -> String? {
        subject.message.header.first(named: name).map {
            subject.message.header.decoded($0, in: subject.message.bytes)
        }
    }
}
