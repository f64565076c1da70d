// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("A DNS list that a real Unbound serves")
    struct DNSListTests {
        private static let records = [
            "9.0.0.127.list.example. 60 IN A 127.0.0.2",
            "9.0.0.127.list.example. 60 IN TXT \"listed, see https://list.example/127.0.0.9\"",
            "8.0.0.127.list.example. 60 IN A 127.255.255.254",
        ]

        /// A gateway that asks `unbound` and nobody else.
        private func gateway(asking unbound: Unbound) throws -> Gateway {
            try Gateway(
                edit: [
                    (#"# servers = ["192.0.2.53"]"#, #"servers = ["127.0.0.1:\#(unbound.port)"]"#),
                    ("timeout_ms = 5000", "timeout_ms = 1000"),
                    (#"local_zones = ["dnsbl.postern.test"]"#, "local_zones = []"),
                ],
                mappings: [("dnsbl.postern.test", "list.example")])
        }

        @Test("whom it lists is refused with its text; whom it doesn't list is served")
        func listed() throws {
            let unbound = try Unbound(zone: "list.example", records: Self.records)
            let gateway = try gateway(asking: unbound)
            let reply = try gateway.deliver(from: "127.0.0.9", subject: "listed")
            #expect(reply.hasPrefix("554 5.7.1 listed, see https://list.example/127.0.0.9 (case "))
            #expect(try gateway.explanation(reply).contains("DNS A 9.0.0.127.list.example: 127.0.0.2"))
            let other = try gateway.deliver(from: "127.0.0.5", subject: "unlisted")
            #expect(other.hasPrefix("250 2.0.0"))
            #expect(try gateway.explanation(other).contains("DNS A 5.0.0.127.list.example: no such name"))
        }

        @Test("an answer in 127.255.255.0/24 is the list's own trouble, and lists nobody")
        func error() throws {
            let unbound = try Unbound(zone: "list.example", records: Self.records)
            let gateway = try gateway(asking: unbound)
            let reply = try gateway.deliver(from: "127.0.0.8", subject: "not listed")
            #expect(reply.hasPrefix("250 2.0.0"))
            let explanation = try gateway.explanation(reply)
            #expect(explanation.contains("list.example answered 127.255.255.254: an error of the list"))
        }

        @Test("while Unbound is gone clients are served all the same, and the case says which list failed")
        func gone() throws {
            let unbound = try Unbound(zone: "list.example", records: Self.records)
            let gateway = try gateway(asking: unbound)
            #expect(try gateway.deliver(from: "127.0.0.9", subject: "listed").hasPrefix("554"))
            try unbound.stop()
            let reply = try gateway.deliver(from: "127.0.0.7", subject: "served")
            #expect(reply.hasPrefix("250 2.0.0"))
            let explanation = try gateway.explanation(reply)
            // Unbound's library would try for longer than dns.timeout_ms.
            #expect(explanation.contains("DNS A 7.0.0.127.list.example: timed out"), "\(explanation)")
            #expect(explanation.contains("list.example timed out"), "\(explanation)")
            #expect(try gateway.arrived(1, with: "served").count == 1)
        }
    }
}
