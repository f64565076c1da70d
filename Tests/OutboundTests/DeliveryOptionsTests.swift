// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation
import Mail
import SMTPProtocol
import Testing

@testable import Outbound

@Suite("RFC 3461, RFC 2852: what a sender wishes of delivery goes to the next hop")
struct DeliveryOptionsTests {
    private func options() throws -> DeliveryOptions {
        var options = DeliveryOptions()
        options.notify = [.success, .failure]
        options.ret = .headers
        options.envelopeID = "QQ+1"
        options.conversionTags = ["big", "late"]
        options.originalRecipients = [
            .init(recipient: try #require(Address("known@example.test")), text: "rfc822;old=b@example.test")
        ]
        return options
    }

    private func commit(_ options: DeliveryOptions) throws -> Commit {
        let body = sampleMessage()
        let recipients = [try #require(Address("known@example.test"))]
        return Commit(
            caseID: "CASE1",
            envelope: Envelope(sender: Address("a@example.com"), recipients: recipients),
            arrived: Int64(Date().timeIntervalSince1970), note: Array("{}".utf8),
            editions: [.unchanged(octets: body.count)],
            entries: [
                CommitEntry(
                    recipients: recipients, debt: .deliver(channel: "relay"), edition: 0, options: options)
            ], body: MessageBytes(body))
    }

    private func script(_ extensions: [String]) -> SMTPSink.Script {
        var script = SMTPSink.Script()
        script.hello = (["sink", "PIPELINING"] + extensions).map { "250-\($0)" } + ["250 8BITMIME"]
        return script
    }

    @Test("one that offers DSN and DELIVERBY is told, also after a deferral and a restart")
    func told() throws {
        var script = script(["DSN", "DELIVERBY"])
        script.content = { .reply($0 == 1 ? "451 4.3.0 later" : "250 2.0.0 ok") }
        let sink = try SMTPSink(script)
        let judge = JudgeAtHand(.dequeue)
        let gateway = try Gateway(
            ["relay": .sink(sink)], schedule: RetrySchedule(delaysSeconds: [1], lifetimeSeconds: 3_600),
            judge: judge)
        defer { gateway.end() }
        var options = try options()
        options.deliverBy = .init(
            deadline: Int64(Date().timeIntervalSince1970) + 7_200, mode: .return, isTraced: true)
        try gateway.queue(try commit(options))
        try gateway.start()
        #expect(gateway.sees("message.deferred"))
        gateway.stop()
        try gateway.start()
        #expect(gateway.sees("message.delivered"))
        let commands = sink.log.now.commands
        let mails = commands.filter { $0.hasPrefix("MAIL") }
        #expect(mails.count == 2)
        for mail in mails {
            #expect(mail.hasPrefix("MAIL FROM:<a@example.com>"))
            #expect(mail.contains(" RET=HDRS ENVID=QQ+2B1 BY=") && mail.hasSuffix(";RT"))
            let left = mail.split(separator: "BY=").last?.prefix { $0 != ";" }
            #expect(left.flatMap { Int($0) }.map { (7_000...7_200).contains($0) } == true)
        }
        #expect(
            commands.filter { $0.hasPrefix("RCPT") }
                == Array(
                    repeating:
                        "RCPT TO:<known@example.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;old+3Db@example.test",
                    count: 2))
        // DEQUEUE_ACCESS sees the tags each time.
        #expect(judge.log.now.attempts.allSatisfy { $0.conversionTags == ["big", "late"] })
    }

    @Test("one that offers neither gets the message, and no parameter that it doesn't know")
    func notTold() throws {
        let sink = try SMTPSink(script([]))
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(try commit(try options()))
        #expect(gateway.sees("message.delivered"))
        #expect(sink.log.now.commands.contains("MAIL FROM:<a@example.com>"))
        #expect(sink.log.now.commands.contains("RCPT TO:<known@example.test>"))
    }

    @Test("RFC 2852 §4.1.4: what is to be returned when it is late isn't delivered late: a person has it")
    func late() throws {
        let sink = try SMTPSink(script(["DELIVERBY"]))
        let gateway = try Gateway(["relay": .sink(sink)])
        defer { gateway.end() }
        try gateway.start()
        var options = try options()
        options.deliverBy = .init(deadline: 1_000, mode: .return, isTraced: false)
        try gateway.queue(try commit(options))
        #expect(gateway.sees("message.refused"))
        let row = try gateway.rows().first
        #expect(row?.reason.contains("5.4.7") == true)
        #expect(sink.log.now.accepted.isEmpty)
    }

    @Test("a real Postfix takes what we say")
    func postfix() throws {
        let postfix = try SmallPostfix(recipients: ["known@example.test"])
        defer { postfix.stop() }
        let gateway = try Gateway([
            "relay": .smtp(host: "127.0.0.1", port: postfix.port, connectionsMax: 2)
        ])
        defer { gateway.end() }
        try gateway.start()
        try gateway.queue(try commit(try options()))
        #expect(gateway.sees("message.delivered"))
    }
}
