// SPDX-License-Identifier: MIT
import Mail
import SieveLanguage
import Testing

@Suite("The notice about a script that can't be run")
struct FailureNoticeTests {
    private let context = OwnMessageContext(
        hostname: "gate.example.net", now: 1_792_976_000, id: "A1-1.1",
        postmaster: Address(localPart: "postmaster", domain: "example.net"))

    private func notice(
        _ details: [String] = ["ann@example.net.sieve:3:1: the foo command is not known"]
    ) -> FailureNotice {
        FailureNotice(
            owner: Address(localPart: "Ann", domain: "example.net"), script: "ann@example.net.sieve",
            problem: .mistakes, details: details)
    }

    private func run(_ answer: Answer) -> (outcome: FailureNoticeRun.Outcome, asked: [Question]) {
        var run = FailureNoticeRun(notice(), context)
        var asked: [Question] = []
        var answers: [Answer] = []
        while true {
            switch run.next(answers) {
            case .ask(let questions):
                asked += questions
                answers = questions.map { _ in answer }
            case .done(let outcome, _): return (outcome, asked)
            }
        }
    }

    @Test("goes from the postmaster to the owner, by the null reverse-path, and says that a machine wrote it")
    func header() throws {
        let message = notice().message(context)
        #expect(message.sender == nil)
        #expect(message.recipients == [Address(localPart: "Ann", domain: "example.net")])
        let text = String(decoding: message.bytes(of: MessageBytes([])), as: UTF8.self)
        for line in [
            "From: postmaster@example.net\r\n", "To: <Ann@example.net>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Subject: Your mail filter does not work: ann@example.net.sieve\r\n",
            "    ann@example.net.sieve:3:1: the foo command is not known\r\n",
            "delivered as if you had no filter",
        ] {
            #expect(text.contains(line), "\(line)")
        }
    }

    @Test("at most one a day for each owner and script, and none where nobody remembers")
    func pause() {
        let first = run(.memory(expires: nil))
        #expect(first.outcome.message != nil)
        #expect(
            first.asked == [
                .memory(
                    MemoryQuestion(
                        purpose: .notify, owner: "ann@example.net",
                        key: "14:script failure21:ann@example.net.sieve"))
            ])
        #expect(first.outcome.effects == [.remember(notice().memory, seconds: 86_400)])
        for answer in [Answer.memory(expires: 1_793_000_000), .unavailable("gone"), .time(1)] {
            let later = run(answer)
            #expect(later.outcome == FailureNoticeRun.Outcome())
        }
    }

    @Test("what stands in a script can't add a header field or end the text")
    func hostile() {
        let message = notice([
            "x:1:1: \"a\r\n.\r\nBcc: eve@example.org\"", String(repeating: "ü", count: 10_000),
        ]).message(context)
        let text = String(decoding: message.bytes(of: MessageBytes([])), as: UTF8.self)
        #expect(!text.contains("\nBcc:"))
        #expect(text.utf8.count < 16_000)
    }
}
