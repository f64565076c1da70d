// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Poison: a message that ends the process which looks into it")
    struct PoisonTests {
        private static let message = Array("Subject: deadly\n\nWhoever reads this dies.\n".utf8)

        /// Sends the message, waits until it is being judged, and kills the worker: as if the message had
        /// done it.
        private func killJudging(_ gateway: Gateway) throws {
            let worker = try gateway.role("inbound-0")
            let client = try SMTPDialogue.greeted(port: gateway.port)
            try client.begin()
            let sockets = try Processes.sockets(worker.pid)
            try client.send(SMTPDialogue.wire(Self.message))
            // One more is the one on which the scanner is asked, and only a judgement asks it.
            try gateway.wait(until: "the judgement") { try Processes.sockets(worker.pid) > sockets }
            try Processes.signal(SIGKILL, [worker.pid])
            #expect(try client.reply() == nil)
            _ = try gateway.successor(of: worker.pid, in: "inbound-0")
        }

        @Test("after two deaths it is held whole, unread, with the reason, and mail behind it flows")
        func held() throws {
            let gateway = try Gateway(edit: [Gateway.oneWorker])
            let scanner = try gateway.scannerProcesses()
            // While the scanner stands still, a judgement waits.
            try Processes.signal(SIGSTOP, scanner)
            try killJudging(gateway)
            try killJudging(gateway)
            let client = try SMTPDialogue.greeted(port: gateway.port)
            let reply = try client.deliver(Self.message)
            #expect(reply.hasPrefix("250 2.0.0"), "\(reply)")
            let row = try #require(try gateway.held(1).first)
            let reason = "2 processes died judging this message; held without looking inside"
            #expect(row["reason"] as? String == reason)
            #expect(row["case"] as? String == (try Gateway.caseID(reply)))
            #expect(try gateway.explanation(reply).contains(reason))
            #expect(try gateway.metric("messages_poisoned_total") == 1)
            try Processes.signal(SIGCONT, scanner)
            #expect(try gateway.deliver(subject: "behind it").hasPrefix("250"))
            _ = try gateway.arrived(1, with: "behind it")
            // Whoever releases it has been told.
            let id = try #require(row["id"] as? String)
            #expect(
                try gateway.command("held", "release", id, "--json").objects.first?["result"] as? String
                    == "delivered")
            let arrived = try #require(try gateway.arrived(1, with: "Subject: deadly").first)
            #expect(arrived.hasSuffix("Subject: deadly\r\n\r\nWhoever reads this dies.\r\n"))
        }

        @Test("one death is not enough: the message is looked into again, and relayed if it is harmless")
        func once() throws {
            let gateway = try Gateway(edit: [Gateway.oneWorker])
            let scanner = try gateway.scannerProcesses()
            try Processes.signal(SIGSTOP, scanner)
            try killJudging(gateway)
            try Processes.signal(SIGCONT, scanner)
            let client = try SMTPDialogue.greeted(port: gateway.port)
            #expect(try client.deliver(Self.message).hasPrefix("250"))
            #expect(try gateway.arrived(1, with: "Subject: deadly").count == 1)
            #expect(try gateway.held(0).isEmpty)
        }
    }
}
