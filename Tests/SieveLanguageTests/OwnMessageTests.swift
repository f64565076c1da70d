// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

/// What scripts have us send, as messages.
struct OwnMessages {
    var message = "From: \"Ann Lee\" <ann@example.org>\nTo: me@example.org\nSubject: Hello\n\ntext\n"
    var sender = Address("ann@example.org")
    var settings = SieveSettings()

    var subject: SieveSubject {
        SieveSubject(
            message: Message(parsing: MessageBytes(Trial.wire(message))), sender: sender,
            recipient: Address("me@example.org"), originalRecipient: Address("old@example.org"),
            settings: settings)
    }

    static let context = OwnMessageContext(
        hostname: "gate.example.net", now: 0, id: "a1",
        postmaster: Address(localPart: "postmaster", domain: "example.net"))

    /// A field of the message, decoded.
    static func field(_ name: String, of message: OwnMessage?) -> String? {
        guard let message else { return nil }
        let parsed = Message(parsing: MessageBytes(message.bytes(of: MessageBytes([]))))
        return parsed.header.first(named: name).map { parsed.header.decoded($0, in: parsed.bytes) }
    }

    func vacation(subject line: String? = nil, owner: String? = nil) -> OwnMessage? {
        VacationMessage.make(
            .init(
                reason: "Gone.", isMIME: false, subject: line, from: nil, seconds: 86_400, days: 1,
                handle: nil,
                recipient: "ann@example.org", owner: owner), to: subject, Self.context)
    }

    func notification(_ uri: String, from: String? = nil, informed: Set<Address> = []) -> OwnMessage? {
        NotificationMessage.make(
            .init(method: uri, from: from, importance: 2, options: [], message: "New"), about: subject,
            Self.context, informed: informed)
    }
}

@Suite("Messages that scripts send: RFC 5230 §5, RFC 5436 §2, vnd.dovecot.report")
struct OwnMessageTests {
    @Test("RFC 5230 §5.5: the answer greets the sender by the name that the message gives him")
    func greeting() {
        #expect(OwnMessages.field("to", of: OwnMessages().vacation()) == "\"Ann Lee\" <ann@example.org>")
        var own = OwnMessages(message: "From: Bob <bob@example.org>\n\ntext\n")
        #expect(OwnMessages.field("to", of: own.vacation()) == "<ann@example.org>")
        own.settings.vacationToIgnoresEnvelope = true
        #expect(OwnMessages.field("to", of: own.vacation()) == "\"Bob\" <bob@example.org>")
        #expect(own.vacation()?.recipients == [Address("ann@example.org")].compactMap { $0 })
        own.message = "From: =?utf-8?Q?J=C3=B6rg_M=2E?= <ann@example.org>\n\ntext\n"
        #expect(OwnMessages.field("to", of: own.vacation()) == "Jörg M. <ann@example.org>")
    }

    @Test("RFC 5230 §5.4: it comes from the address that the message named, or the user's own")
    func from() {
        var own = OwnMessages()
        #expect(OwnMessages.field("from", of: own.vacation()) == "me@example.org")
        own.settings.userAddress = "user@example.org"
        #expect(OwnMessages.field("from", of: own.vacation()) == "user@example.org")
        #expect(OwnMessages.field("from", of: own.vacation(owner: "list@example.org")) == "list@example.org")
    }

    @Test("RFC 5230 §5.3: the subject is the configured one, and an endless one ends in an ellipsis")
    func subjects() {
        var own = OwnMessages()
        own.settings.vacationSubjectTemplate = "Re: %{subject} (%$)"
        #expect(OwnMessages.field("subject", of: own.vacation()) == "Re: Hello (Hello)")
        let endless = OwnMessages.field(
            "subject", of: own.vacation(subject: String(repeating: "a b", count: 200)))
        #expect(endless?.unicodeScalars.count == 256 && endless?.hasSuffix("\u{2026}") == true)
    }

    @Test("RFC 5436 §2.3: a notification is sent by whom :from names; of mail from nobody, by nobody")
    func notificationSender() {
        var own = OwnMessages()
        let uri = "mailto:a@example.org"
        #expect(own.notification(uri)?.sender == OwnMessages.context.postmaster)
        #expect(own.notification(uri, from: "Me <me@example.org>")?.sender == Address("me@example.org"))
        own.settings.notificationSender = .recipient
        #expect(own.notification(uri, from: "x@example.org")?.sender == Address("me@example.org"))
        own.sender = nil
        #expect(own.notification(uri, from: "me@example.org")?.sender == nil)
    }

    @Test("RFC 5436 §2.7: to and cc stand apart, and who was told isn't told again")
    func notificationRecipients() throws {
        let own = OwnMessages()
        let uri = "mailto:a@example.org%2cb@example.org?cc=%22C%2C%20D%22%20%3Cc@example.org%3E,a@example.org"
        let first = own.notification(uri)
        #expect(OwnMessages.field("to", of: first) == "<a@example.org>, <b@example.org>")
        #expect(OwnMessages.field("cc", of: first) == "\"C, D\" <c@example.org>")
        #expect(OwnMessages.field("importance", of: first) == "Normal")
        let told = Set(["a", "c"].map { Address(localPart: $0, domain: "example.org") })
        #expect(
            own.notification(uri, informed: told)?.recipients == [Address("b@example.org")].compactMap { $0 })
        #expect(own.notification("mailto:a@example.org", informed: told) == nil)
    }

    @Test("an abuse report comes from whom the settings name, and names the user")
    func report() {
        var own = OwnMessages()
        func make() -> OwnMessage? {
            ReportMessage.abuse(
                .init(
                    feedbackType: "abuse", message: "spam", address: "abuse@example.com",
                    isHeadersOnly: true),
                about: own.subject, OwnMessages.context)
        }
        #expect(OwnMessages.field("from", of: make()) == "postmaster@example.net")
        own.settings.userAddress = "user@example.org"
        own.settings.reportFrom = .userAddress
        let report = make()
        #expect(OwnMessages.field("from", of: report) == "user@example.org")
        let text = String(
            decoding: report.map { $0.bytes(of: own.subject.message.bytes) } ?? [], as: UTF8.self)
        #expect(text.contains("\r\nDovecot-Reporting-User: <user@example.org>\r\n"))
        #expect(text.contains("\r\nSubject: Hello\r\n"))
    }

    @Test("a report with a message in it holds ranges of that message, whatever its size")
    func reportOfLargeMessage() throws {
        var own = OwnMessages()
        own.message += String(repeating: "a line of the body\n", count: 10_000)
        let subject = own.subject
        let report = try #require(
            ReportMessage.abuse(
                .init(feedbackType: "abuse", message: "spam", address: "a@example.com", isHeadersOnly: false),
                about: subject, OwnMessages.context))
        let written = report.pieces.reduce(0) {
            if case .inserted(let octets) = $1 { $0 + octets.count } else { $0 }
        }
        #expect(written < 2_000)
        let tree = Message(parsing: MessageBytes(report.bytes(of: subject.message.bytes))).parts()
        #expect(
            tree.root.children.map(\.type) == ["text/plain", "message/feedback-report", "message/rfc822"])
    }

    @Test("no line of the message in a report begins with the boundary around it")
    func reportBoundary() throws {
        var own = OwnMessages()
        func boundary() throws -> String {
            let report = try #require(
                ReportMessage.rejection(reason: "no", of: own.subject, OwnMessages.context))
            let bytes = MessageBytes(report.bytes(of: own.subject.message.bytes))
            return try #require(Message(parsing: bytes).parts().root.contentType.parameters["boundary"])
        }
        let first = try boundary()
        own.message = "--\(first): x\n" + own.message
        #expect(try boundary() != first)
    }
}

@Suite("RFC 5228 §4.2, §10: redirect")
struct RedirectTests {
    private let script = "redirect \"bob@example.org\";"

    @Test("a message that was redirected from here before is kept instead, and the outcome says why")
    func circle() throws {
        for (from, isCircle) in [("ME@example.org", true), ("other@example.org", false)] {
            var trial = Trial(message: "X-Sieve-Redirected-From: \(from)\nFrom: ann@example.org\n\ntext\n")
            #expect(
                try trial.actions(script) == [isCircle ? "implicit keep" : "redirect bob@example.org"])
            #expect(try trial.outcome(script).remarks.isEmpty == !isCircle)
            trial.settings.userAddress = "other@example.org"
            #expect(try trial.actions(script) == ["implicit keep"])
        }
    }

    @Test("a header that the script edits hides no circle")
    func hidden() throws {
        let trial = Trial(message: "X-Sieve-Redirected-From: me@example.org\nFrom: ann@example.org\n\ntext\n")
        #expect(
            try trial.actions(
                "require \"editheader\"; deleteheader \"x-sieve-redirected-from\"; \(script)") == [
                    "implicit keep"
                ])
    }

    @Test("the copy bears the address that it left, and the sender that the settings choose")
    func copy() {
        var own = OwnMessages()
        #expect(
            String(decoding: RedirectedMessage.field(for: own.subject), as: UTF8.self)
                == "X-Sieve-Redirected-From: me@example.org\r\n")
        let postmaster = OwnMessages.context.postmaster
        for (policy, sender) in [
            (SenderPolicy.sender, "ann@example.org"), (.recipient, "me@example.org"),
            (.originalRecipient, "old@example.org"), (.userAddress, "me@example.org"),
            (.postmaster, "postmaster@example.net"), (.fixed(Address("x@example.com")), "x@example.com"),
        ] {
            own.settings.redirectSender = policy
            #expect(
                RedirectedMessage.sender(for: own.subject, postmaster: postmaster)?.description == sender)
        }
        own.settings.redirectSender = .fixed(nil)
        #expect(RedirectedMessage.sender(for: own.subject, postmaster: postmaster) == nil)
        own.settings.redirectSender = .recipient
        own.sender = nil
        #expect(RedirectedMessage.sender(for: own.subject, postmaster: postmaster) == nil)
    }

    @Test("with a limit of 0 neither redirects nor notifications are compiled")
    func prohibited() {
        var limits = SieveLimits()
        limits.redirectsMax = 0
        limits.notificationsMax = 0
        #expect(Compiling.complaints(script, limits: limits).count == 1)
        #expect(
            Compiling.complaints("require \"enotify\"; notify \"mailto:a@example.org\";", limits: limits)
                .count == 1)
        #expect(
            Compiling.complaints("require \"extlists\"; redirect :list \"friends\";", limits: limits).count
                == 1)
    }
}
