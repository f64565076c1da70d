// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 4954: AUTH")
struct AuthenticationTests {
    private static func visit(
        inClear: Bool = true, judge: @escaping @Sendable (ReceivingStep) -> ReceivingAnswer? = { _ in nil }
    ) -> Visit {
        var visit = Visit.greeted(offersTLS: true, judge: judge)
        visit.machine.offers.mechanisms = [.plain, .login]
        visit.machine.offers.allowsClearAuthentication = inClear
        return visit
    }

    private static func base64(_ text: String) -> String {
        var octets: [UInt8] = []
        Base64.append(Array(text.utf8), to: &octets)
        return String(decoding: octets, as: UTF8.self)
    }

    private static let plain = base64("\0ann\0secret")

    // MARK: Offer

    @Test("it is offered in TLS, and in the clear only where that is allowed")
    func offered() {
        var visit = Self.visit(inClear: false)
        visit.say("EHLO a.example\r\n")
        #expect(visit.replies.last?.contains("AUTH") == false)
        #expect(
            visit.say("AUTH PLAIN \(Self.plain)\r\n") == [
                "538 5.7.11 Encryption required: say STARTTLS first"
            ])
        #expect(visit.secrets.isEmpty)
        visit.say("STARTTLS\r\n")
        visit.say("EHLO a.example\r\n")
        #expect(visit.replies.last?.hasSuffix("AUTH PLAIN LOGIN") == true)
        #expect(visit.say("AUTH PLAIN \(Self.plain)\r\n") == ["235 2.7.0 Authentication succeeded"])
        #expect(visit.machine.protocolName == "ESMTPSA")
    }

    @Test("§4: after it succeeded it is no longer offered, and another AUTH is answered 503")
    func once() {
        var visit = Self.visit()
        #expect(visit.say("auth plain \(Self.plain)\r\n") == ["235 2.7.0 Authentication succeeded"])
        #expect(visit.say("AUTH LOGIN\r\n") == ["503 5.5.1 You are authenticated already"])
        visit.say("EHLO a.example\r\n")
        #expect(visit.replies.last?.contains("AUTH") == false)
        #expect(visit.machine.protocolName == "ESMTPA")
    }

    @Test("RFC 3207 §4.2: TLS makes an identity void that was proved before it")
    func forgottenWithTLS() {
        var visit = Self.visit()
        visit.say("AUTH PLAIN \(Self.plain)\r\n")
        #expect(visit.machine.isAuthenticated)
        visit.say("STARTTLS\r\n")
        #expect(!visit.machine.isAuthenticated)
    }

    @Test("it waits for EHLO, and isn't permitted in a transaction")
    func order() {
        var visit = Visit()
        visit.machine.offers.mechanisms = [.plain]
        visit.machine.offers.allowsClearAuthentication = true
        #expect(visit.say("AUTH PLAIN\r\n") == ["503 5.5.1 Say EHLO first"])
        visit.say("HELO a.example\r\n")
        #expect(visit.say("AUTH PLAIN\r\n") == ["503 5.5.1 Say EHLO before AUTH"])
        visit.say("EHLO a.example\r\nMAIL FROM:<a@b.example>\r\n")
        #expect(visit.say("AUTH PLAIN\r\n") == ["503 5.5.1 Not while a transaction is open"])
        #expect(visit.machine.envelope != nil)
    }

    @Test(
        "a mechanism that isn't offered is answered 504, bad grammar 501",
        arguments: [
            ("AUTH CRAM-MD5", "504 5.5.4"), ("AUTH PLAINER", "504 5.5.4"), ("AUTH", "501 5.5.4"),
            ("AUTH PLAIN a b", "501 5.5.4"), ("AUTH PLAIN;", "501 5.5.4"),
            ("AUTH ABCDEFGHIJKLMNOPQRSTU", "501 5.5.4"),
        ])
    func mechanisms(_ line: String, _ reply: String) {
        var visit = Self.visit()
        #expect(visit.say(line + "\r\n").first?.hasPrefix(reply) == true)
    }

    // MARK: Exchanges

    @Test("PLAIN comes with the command, or after an empty challenge")
    func plain() {
        var visit = Self.visit()
        #expect(visit.say("AUTH PLAIN\r\n") == ["334 "])
        #expect(visit.say(Self.plain + "\r\n") == ["235 2.7.0 Authentication succeeded"])
        #expect(visit.asked.last == "identity PLAIN ann" && visit.secrets == ["secret"])
    }

    @Test("LOGIN asks for a name and a password; the name may come with the command")
    func login() {
        var visit = Self.visit()
        #expect(visit.say("AUTH LOGIN\r\n") == ["334 VXNlcm5hbWU6"])
        #expect(visit.say(Self.base64("ann") + "\r\n") == ["334 UGFzc3dvcmQ6"])
        #expect(visit.say(Self.base64("secret") + "\r\n") == ["235 2.7.0 Authentication succeeded"])
        visit = Self.visit()
        #expect(visit.say("AUTH LOGIN \(Self.base64("ann"))\r\n") == ["334 UGFzc3dvcmQ6"])
        #expect(visit.say(Self.base64("secret") + "\r\n") == ["235 2.7.0 Authentication succeeded"])
        #expect(visit.asked.last == "identity LOGIN ann" && visit.secrets == ["secret"])
    }

    @Test("`*` cancels with 501, and the session goes on")
    func cancelled() {
        var visit = Self.visit()
        #expect(visit.say("AUTH LOGIN\r\n*\r\n").last == "501 5.7.0 Authentication cancelled")
        #expect(visit.say("NOOP\r\n") == ["250 2.0.0 Ok"])
        #expect(!visit.machine.isAuthenticated)
    }

    @Test("what follows a challenge is a response, whatever it looks like")
    func noCommands() {
        var visit = Self.visit()
        visit.say("AUTH PLAIN\r\n")
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["501 5.5.2 The response is no Base64"])
        #expect(visit.machine.envelope == nil && !visit.asked.contains { $0.hasPrefix("sender") })
    }

    @Test("credentials that nobody can have are refused unasked")
    func malformed() {
        for text in [
            "", "ann", "\0ann", "\0\0secret", "\0ann\0", "bob\0ann\0secret", "\0ann\0se\0cret",
            "\0a\nb\0secret", "\0\(String(repeating: "x", count: 256))\0secret",
            "\0ann\0\(String(repeating: "x", count: 513))",
        ] {
            var visit = Self.visit()
            let response = text.isEmpty ? "=" : Self.base64(text)
            #expect(
                visit.say("AUTH PLAIN \(response)\r\n") == ["535 5.7.8 Authentication credentials invalid"],
                "\(text)")
            #expect(visit.secrets.isEmpty)
        }
        var visit = Self.visit()
        visit.say("AUTH LOGIN\r\n")
        #expect(visit.say("/w==\r\n") == ["535 5.7.8 Authentication credentials invalid"])
    }

    @Test("the longest identity and secret fit a command line")
    func longest() {
        let identity = String(repeating: "i", count: 255)
        let secret = String(repeating: "s", count: 512)
        var visit = Self.visit()
        let response = Self.base64("\(identity)\0\(identity)\0\(secret)")
        #expect(visit.say("AUTH PLAIN \(response)\r\n") == ["235 2.7.0 Authentication succeeded"])
    }

    @Test("a response longer than a line is answered 500 5.5.6, and its rest is no command")
    func tooLong() {
        var visit = Self.visit()
        visit.say("AUTH PLAIN\r\n")
        let replies = visit.say(String(repeating: "A", count: 5_000) + "\r\nNOOP\r\n")
        #expect(replies == ["500 5.5.6 Authentication exchange line is too long", "250 2.0.0 Ok"])
    }

    @Test("every cut of an exchange ends the same")
    func cuts() {
        let dialogue = Array("AUTH LOGIN\r\n\(Self.base64("ann"))\r\n\(Self.base64("secret"))\r\n".utf8)
        for octets in 1...dialogue.count {
            var visit = Self.visit()
            visit.say(dialogue, cutEvery: octets)
            #expect(visit.replies.last == "235 2.7.0 Authentication succeeded")
        }
    }

    // MARK: Ends

    @Test("a wrong password is answered as its judge says, and too many end the session")
    func guesses() {
        var visit = Self.visit {
            if case .askIdentity = $0 { .refused(Reply(535, "5.7.8", "No")) } else { nil }
        }
        for _ in 0..<5 { #expect(visit.say("AUTH PLAIN \(Self.plain)\r\n") == ["535 5.7.8 No"]) }
        #expect(
            visit.say("AUTH PLAIN \(Self.plain)\r\n") == [
                "421 4.7.0 Too many failed authentications, closing"
            ])
        #expect(visit.isClosed && !visit.machine.isAuthenticated)
    }

    @Test("that nobody can say is no wrong guess")
    func temporary() {
        var visit = Self.visit {
            if case .askIdentity = $0 { .refused(Reply(454, "4.7.0", "Later")) } else { nil }
        }
        for _ in 0..<20 { #expect(visit.say("AUTH PLAIN \(Self.plain)\r\n") == ["454 4.7.0 Later"]) }
        #expect(!visit.isClosed)
    }

    @Test("where it is required, mail waits for it")
    func required() {
        var visit = Self.visit()
        visit.machine.offers.requiresAuthentication = true
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["530 5.7.0 Authentication required"])
        visit.say("AUTH PLAIN \(Self.plain)\r\n")
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["250 2.1.0 Sender ok"])
    }

    @Test("RFC 3207 §4: where TLS is required, mail and AUTH wait for it")
    func tlsRequired() {
        var visit = Self.visit()
        visit.machine.offers.requiresTLS = true
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["530 5.7.0 Must issue a STARTTLS command first"])
        #expect(visit.say("AUTH PLAIN\r\n").first?.hasPrefix("538 ") == true)
        visit.say("STARTTLS\r\n")
        visit.say("EHLO a.example\r\n")
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["250 2.1.0 Sender ok"])
    }

    @Test("the secret is in no description")
    func hidden() {
        let credentials = Credentials(mechanism: .plain, identity: "ann", secret: Array("secret".utf8))
        var dumped = ""
        dump(ReceivingStep.askIdentity(credentials), to: &dumped)
        for text in ["\(credentials)", "\(ReceivingStep.askIdentity(credentials))", dumped] {
            #expect(!text.contains("secret") && !text.contains("115") && text.contains("ann"))
        }
    }

    // MARK: AUTH= of MAIL

    @Test("§5: MAIL names who submitted it, in xtext, or `<>`; only where AUTH is offered")
    func submitter() {
        func submitter(_ parameter: String) -> MailCommand.Submitter? {
            guard case .mail(let mail) = Command.parse(Array("MAIL FROM:<> AUTH=\(parameter)".utf8)) else {
                return nil
            }
            return mail.submitter
        }
        #expect(submitter("<>") == .unknown)
        #expect(submitter("Ann@b.example") == .mailbox(Address(localPart: "Ann", domain: "b.example")))
        #expect(submitter("e+3Dmc2@b.example") == .mailbox(Address(localPart: "e=mc2", domain: "b.example")))
        for wrong in ["ann", "a+3d@b.example", "a+3@b", "a+", "+00@b.example", "+FF@b.example"] {
            #expect(submitter(wrong) == nil, "\(wrong)")
        }
        var visit = Visit.greeted()
        #expect(visit.say("MAIL FROM:<> AUTH=<>\r\n").first?.hasPrefix("555 ") == true)
        visit = Self.visit()
        #expect(visit.say("MAIL FROM:<> AUTH=<>\r\n") == ["250 2.1.0 Sender ok"])
    }
}
