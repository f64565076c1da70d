// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Delivery: crashes are told and counted, tables have their say")
    struct DeliveryTests {
        private func gateway(to hop: MuteHop, mappings: [Gateway.Edit] = []) throws -> Gateway {
            try Gateway(
                edit: [(#"maildir = "maildir""#, #"next_hop = "127.0.0.1:\#(hop.port)""#)], mappings: mappings
            )
        }

        @Test("outbound killed while the next hop has a message: it comes again, and is told and counted")
        func killedOutbound() throws {
            let hop = try MuteHop()
            let gateway = try gateway(to: hop)
            #expect(try gateway.deliver(subject: "twice").hasPrefix("250"))
            try gateway.wait(until: "the next hop has it") { hop.taken.count == 1 }
            hop.speak()
            let pid = try gateway.role("outbound").pid
            try Processes.signal(SIGKILL, [pid])
            _ = try gateway.successor(of: pid, in: "outbound")
            try gateway.wait(until: "it came again") { hop.taken.count == 2 }
            try gateway.wait(until: "the log says so") { gateway.log.contains("event=queue.unclean") }
            #expect(gateway.log.contains("event=queue.unclean entries=1 recipients=1 known=exactly ids="))
            #expect(try gateway.metric("deliveries_possibly_repeated_total") == 1)
            #expect(try gateway.stop() == 0)
            try gateway.start()
            #expect(gateway.log.components(separatedBy: "event=queue.unclean").count == 2)
        }

        @Test("a dispatcher that was killed is told at the next start, one that was stopped is not")
        func killedDispatcher() throws {
            let gateway = try Gateway()
            let roles = try gateway.roles().map(\.pid)
            try Processes.signal(SIGKILL, [gateway.pid])
            try gateway.wait(until: "every role has ended") { roles.allSatisfy { kill($0, 0) != 0 } }
            try gateway.start()
            let log = gateway.log
            #expect(log.components(separatedBy: "event=dispatcher.unclean last=\"pid ").count == 2)
            #expect(try gateway.metric("dispatcher_unclean_starts_total") == 1)
            #expect(try gateway.stop() == 0)
            try gateway.start()
            #expect(gateway.log.components(separatedBy: "event=dispatcher.unclean").count == 2)
        }

        @Test("tables of delivery decide, are taken over by a reload, and every consultation is a case")
        func tables() throws {
            let hop = try MuteHop()
            hop.speak()
            let tables = """
                DEQUEUE_ACCESS

                  *|*|*|later@*|*|*|*|*       $N$S3600|Not$ now

                LOG_ACTION

                  *|*|D*|*|*|*|*|*|*|*|*|*|*   $<delivered$ to$ $6
                  *|*|E*|*|*|*|*|*|*|*|*|*|*   $<taken$ for$ $6

                ORIG_SEND_ACCESS

                """
            let gateway = try gateway(to: hop, mappings: [("ORIG_SEND_ACCESS\n", tables)])
            let reply = try gateway.deliver(sender: "later@outside.example", subject: "later")
            #expect(reply.hasPrefix("250"))
            try gateway.wait(until: "it is put off") { gateway.log.contains("event=message.postponed") }
            #expect(hop.taken.isEmpty)
            #expect(try gateway.deliver(subject: "at once").hasPrefix("250"))
            try gateway.wait(until: "it is there") { hop.taken.count == 1 }
            try gateway.wait(until: "it is told") {
                gateway.log.contains("event=delivery.noticed")
                    && gateway.log.contains("notice=\"taken for b@example.test\"")
            }
            let words = try gateway.explanation(reply)
            let told = try gateway.awaited("the consultation's case") {
                let words = try gateway.explanation(reply)
                return words.contains("was about to begin") ? words : nil
            }
            #expect(told.contains("=> not tried for 3600 s: DEQUEUE_ACCESS mappings:"), "\(words)")
            let listed = try gateway.command("case", "list", "--tables", "--json").objects
            let names = Set(listed.compactMap { $0["table"] as? String })
            #expect(names == ["DEQUEUE_ACCESS", "LOG_ACTION"])
            // By the rules that judged, every one of them ends as it did.
            let replay = try gateway.command("replay", "--json")
            #expect(replay.status == 0)
            #expect((replay.objects.first?["changed"] as? [Any])?.isEmpty == true, "\(replay.output)")
            try gateway.change("mappings", [("$N$S3600|Not$ now", "$Y")])
            #expect(try gateway.command("reload").status == 0)
            #expect(
                try gateway.roles().filter { $0.name == "outbound" }.map(\.ruleset).first?.isEmpty == false)
            let row = try #require(try gateway.command("queue", "list", "--json").objects.first)
            _ = try gateway.command("queue", "retry", try #require(row["id"] as? String))
            try gateway.wait(until: "it is delivered by the new rules") { hop.taken.count == 2 }
        }
    }
}
