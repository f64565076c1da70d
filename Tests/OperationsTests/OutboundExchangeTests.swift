// SPDX-License-Identifier: MIT

import Foundation
import Testing

@testable import Operations

@Suite("Requests for outbound")
struct OutboundExchangeTests {
    private let request = "{\"command\":\"outbound\",\"request\":{\"verb\":\"list\"}}\n"

    @Test("the request goes to outbound as it was written, and the answer comes back octet for octet")
    func verbatim() throws {
        let gateway = try Gateway.running()
        let answer =
            "{\"id\":\"1\",  \"n\":1.50, \"reason\":\"said \\\"error\\\"\"}\n{\"count\":1,\"done\":true}\n"
        let outbound = try FakeOutbound(path: gateway.outboundPath) { $0.send(answer) }
        let wire = try gateway.control()
        wire.send(
            "{ \"request\" : {\"verb\": \"show\", \"ids\":[\"}\"] , \"n\":1.0} , \"command\":\"outbound\"}\n")
        #expect(wire.octets(answer.utf8.count) == Array(answer.utf8))
        #expect(outbound.requests.entries == ["{\"verb\": \"show\", \"ids\":[\"}\"] , \"n\":1.0}"])
        #expect(outbound.departures.wait { !$0.isEmpty })
    }

    @Test("after one answer the connection serves the next request")
    func next() throws {
        let gateway = try Gateway.running()
        let outbound = try FakeOutbound(path: gateway.outboundPath) { $0.send("{\"done\":true}\n") }
        let wire = try gateway.control()
        wire.send(request + request + "{\"command\":\"status\"}\n")
        #expect(wire.line() == "{\"done\":true}")
        #expect(wire.line() == "{\"done\":true}")
        #expect(wire.line() == FakeDispatcher.twoRoles)
        #expect(outbound.requests.entries.count == 2)
    }

    @Test("a long answer arrives whole, in whatever pieces outbound writes it")
    func long() throws {
        let gateway = try Gateway.running()
        let rows =
            (0..<40_000).map { "{\"id\":\"\($0)\",\"reason\":\"done\"}\n" }.joined() + "{\"done\":true}\n"
        let outbound = try FakeOutbound(path: gateway.outboundPath) { wire in
            let bytes = Array(rows.utf8)
            for start in stride(from: 0, to: bytes.count, by: 7_777) {
                wire.send(Array(bytes[start..<min(start + 7_777, bytes.count)]))
            }
        }
        let wire = try gateway.control()
        wire.send(request)
        wire.finishSending()
        #expect(wire.rest() == Array(rows.utf8))
        #expect(wire.isEnded)
        withExtendedLifetime(outbound) {}
    }

    @Test("a dead outbound is an error that says what to do, and the connection goes on")
    func dead() throws {
        let gateway = try Gateway.running()
        let wire = try gateway.control()
        wire.send(request)
        let error = try answer(wire.line())
        #expect(error.hasPrefix("outbound does not answer on \(gateway.outboundPath): "))
        #expect(error.hasSuffix("it is restarted when it dies, so try again, and see `postern status`"))
        wire.send("{\"command\":\"status\"}\n")
        #expect(wire.line() == FakeDispatcher.twoRoles)
        #expect(gateway.events.entries.contains("control.failed"))
    }

    @Test("an outbound that dies in the middle is an error behind the whole lines so far")
    func dies() throws {
        let gateway = try Gateway.running()
        let outbound = try FakeOutbound(path: gateway.outboundPath) { wire in
            wire.send("{\"id\":\"1\"}\n{\"id\":")
            shutdown(wire.descriptor, Int32(SHUT_RDWR))
        }
        let wire = try gateway.control()
        wire.send(request)
        #expect(wire.line() == "{\"id\":\"1\"}")
        #expect(
            try answer(wire.line())
                == "outbound ended before its answer did; ask again: an act with the same key is done once")
        withExtendedLifetime(outbound) {}
    }

    @Test("a silent outbound is an error, and is left")
    func silent() throws {
        let gateway = try Gateway.running { $0.outboundMs = 50 }
        let outbound = try FakeOutbound(path: gateway.outboundPath) { _ in }
        let wire = try gateway.control()
        wire.send(request)
        #expect(
            try answer(wire.line())
                == "outbound's answer stood still for 50 ms; see `postern status` and its log")
        #expect(outbound.departures.wait { !$0.isEmpty })
    }

    @Test("an endless answer is cut off")
    func endless() throws {
        let gateway = try Gateway.running { $0.answerOctetsMax = 100_000 }
        let outbound = try FakeOutbound(path: gateway.outboundPath) { wire in
            for _ in 0..<1_000 { wire.send("{\"id\":\"" + String(repeating: "x", count: 1_000) + "\"}\n") }
        }
        let wire = try gateway.control()
        wire.send(request)
        var last: String?
        while let line = wire.line() {
            last = line
            if line.hasPrefix("{\"error\"") { break }
        }
        #expect(try answer(last) == "outbound's answer is longer than 100000 octets; ask for less")
        withExtendedLifetime(outbound) {}
    }

    @Test("a client that leaves doesn't keep outbound's connection open")
    func leaves() throws {
        let gateway = try Gateway.running()
        let outbound = try FakeOutbound(path: gateway.outboundPath) { _ in }
        var wire: Wire? = try gateway.control()
        wire?.send(request)
        #expect(outbound.requests.wait { !$0.isEmpty })
        wire = nil
        #expect(outbound.departures.wait { !$0.isEmpty })
        #expect(!gateway.events.entries.contains("control.failed"))
    }

    @Test("only a line that says done or error ends an answer")
    func ends() {
        #expect(OutboundExchange.isEnd(Array("{\"done\":true,\"count\":0}".utf8)))
        #expect(OutboundExchange.isEnd(Array("{\"error\":\"no\"}".utf8)))
        #expect(!OutboundExchange.isEnd(Array("{\"reason\":\"error\",\"id\":\"1\"}".utf8)))
        #expect(!OutboundExchange.isEnd(Array("{\"row\":{\"done\":true}}".utf8)))
        #expect(!OutboundExchange.isEnd(Array("done".utf8)))
        #expect(!OutboundExchange.isEnd([]))
    }

    private func answer(_ line: String?) throws -> String {
        try JSONDecoder().decode(ControlAnswer.self, from: Data(try #require(line).utf8)).error
    }
}
