// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Testing

@testable import Gates

@Suite("Marks as a case records them")
struct MarksTests {
    /// Written as cases are, read with a decoder that isn't ours.
    private func roundTrip<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(FactsEncoder().encode(value)))
    }

    private func text(_ value: some Encodable) throws -> String {
        String(decoding: try FactsEncoder().encode(value), as: UTF8.self)
    }

    private var full: Marks {
        var marks = Marks(
            sourceChannel: "a", destinationChannel: "b", recipient: Rules.mailbox("r@example.test"),
            holdReason: "h")
        marks.disposal = .jettison
        marks.disposalRule = "mappings:1"
        marks.sender = ""
        marks.senderField = "s@example.test"
        marks.headerLines = ["X: y"]
        marks.subjectTag = "t"
        marks.conversionTags = ["c"]
        marks.captures = [Rules.mailbox("m@example.test")]
        marks.spamAdjustments = ["1"]
        marks.suppressesVacation = true
        marks.limits = .init(messageOctetsMax: 1, recipientsMax: nil, recipientsCutoff: 3)
        marks.authenticationRules = "EXTERNAL"
        marks.client = ClientFindings()
        marks.consequences.notices = ["n"]
        marks.consequences.replyDelay = 1
        marks.consequences.transactionDelay = 2
        marks.consequences.disconnects = true
        marks.consequences.connectionNote = "o"
        marks.consequences.debugLevel = 3
        return marks
    }

    @Test("what differs from nothing at all is written, and nothing else")
    func small() throws {
        #expect(try text(Marks()) == "{}")
        #expect(try text(Consequences()) == "{}")
        #expect(try text(Decision.admit(Marks(holdReason: "x"))) == #"{"admit":{"_0":{"holdReason":"x"}}}"#)
        #expect(
            try text(Rules.recipient())
                == #"{"original":{"localPart":"bob","domain":"example.test"},"#
                + #""address":{"localPart":"bob","domain":"example.test"},"channel":"inside"}"#)
    }

    @Test("every member is written and read back")
    func whole() throws {
        #expect(try roundTrip(full) == full)
        #expect(
            try roundTrip(Decision.reject(.accessDenied, full.consequences)).consequences == full.consequences
        )
        #expect(try roundTrip(Marks()) == Marks())
        // No member was added that the record leaves out.
        #expect(Mirror(reflecting: full).children.count == 18)
        #expect(Mirror(reflecting: full.consequences).children.count == 6)
    }

    @Test("facts of session, sender and recipient are written and read back, defaults left out")
    func facts() throws {
        var session = Rules.session(tls: "TLSv1.3", authenticated: "ann@example.test")
        session.tlsCipher = "X"
        session.isLMTP = true
        session.clientName = "mx.example.test"
        session.client.listWeight = 3
        #expect(try roundTrip(session) == session)
        #expect(Mirror(reflecting: session).children.count == 10)
        #expect(try !text(Rules.session()).contains("isLMTP"))
        let sender = SenderFacts(
            sender: nil, declaredOctets: 5, isEightBit: true, authParameter: "<>", envelopeID: "e")
        #expect(try roundTrip(sender) == sender)
        var recipient = RecipientFacts(
            Rules.mailbox("a@b.test"), originalRecipient: "rfc822;c@d.test", notices: [.delay, .success],
            commandCount: 7, admittedCount: 3)
        recipient.wantsNoNotices = true
        #expect(try roundTrip(recipient) == recipient)
        #expect(Mirror(reflecting: recipient).children.count == 6)
        #expect(
            try text(RecipientFacts(Rules.mailbox("a@b.test")))
                == #"{"recipient":{"localPart":"a","domain":"b.test"}}"#)
    }

    @Test("of two hold reasons the first counts, of two disposals the stronger, of two senders the later")
    func union() {
        var one = Marks(holdReason: "first")
        one.disposal = .bitbucket
        one.disposalRule = "mappings:1"
        one.sender = "a@b.test"
        one.conversionTags = ["x", "y"]
        one.captures = [Rules.mailbox("m@example.test")]
        var two = Marks(holdReason: "second")
        two.disposal = .discard
        two.disposalRule = "mappings:2"
        two.sender = "c@d.test"
        two.conversionTags = ["y", "z"]
        two.captures = one.captures
        one.formUnion(two)
        #expect(one.holdReason == "first")
        #expect(one.disposalRule == "mappings:1")
        #expect(one.sender == "c@d.test")
        #expect(one.conversionTags == ["x", "y", "z"])
        #expect(one.captures.count == 1)
        two.disposal = .jettison
        one.formUnion(two)
        #expect(one.disposal == .jettison && one.disposalRule == "mappings:2")
    }

    @Test("lists have an end")
    func limits() {
        var marks = Marks()
        for index in 0..<100 {
            var more = Marks()
            more.headerLines = ["X-\(index): y"]
            more.conversionTags = ["t\(index)"]
            more.spamAdjustments = ["1"]
            more.captures = [Rules.mailbox("m\(index)@example.test")]
            more.consequences.notices = ["n\(index)"]
            marks.formUnion(more)
        }
        #expect(marks.headerLines.count == Marks.listMax)
        #expect(marks.conversionTags.count == Marks.listMax)
        #expect(marks.spamAdjustments.count == Marks.listMax)
        #expect(marks.captures.count == Marks.listMax)
        #expect(marks.consequences.notices.count == Consequences.noticesMax)
    }
}
