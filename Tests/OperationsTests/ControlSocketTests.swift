// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import NIOCore
import Testing

@testable import Operations

@Suite("The control socket")
struct ControlSocketTests {
    private func error(_ line: String?) throws -> String {
        try JSONDecoder().decode(ControlAnswer.self, from: Data(try #require(line).utf8)).error
    }

    @Test(
        "each command reaches the dispatcher, and its answer comes back as it is",
        arguments: DispatcherAct.allCases)
    func commands(act: DispatcherAct) throws {
        let gateway = try Gateway.running([act: .text(#"{"said":"\#(act.rawValue)"}"#)])
        let wire = try gateway.control()
        wire.send("{\"command\":\"\(act.rawValue)\"}\n")
        #expect(wire.line() == #"{"said":"\#(act.rawValue)"}"#)
        #expect(gateway.dispatcher.asked.entries == [act])
        #expect(gateway.events.entries.contains("control.commanded") == (act != .status))
    }

    @Test("what the dispatcher refuses is an error, and the connection goes on")
    func refused() throws {
        let gateway = try Gateway.running([.reload: .failure("the gateway is stopping")])
        let wire = try gateway.control()
        wire.send("{\"command\":\"reload\"}\n")
        #expect(try error(wire.line()) == "the gateway is stopping")
        wire.send("{\"command\":\"status\"}\n")
        #expect(wire.line() == FakeDispatcher.twoRoles)
    }

    @Test("a silent dispatcher is an error, and its late answer is dropped")
    func silent() throws {
        let gateway = try Gateway.running([.status: .silence, .stop: .text("{}")]) { $0.dispatcherMs = 50 }
        let wire = try gateway.control()
        wire.send("{\"command\":\"status\"}\n")
        #expect(
            try error(wire.line()) == "the dispatcher did not answer \"status\" within 50 ms; see its log")
        gateway.dispatcher.release()
        wire.send("{\"command\":\"stop\"}\n")
        #expect(wire.line() == "{}")
    }

    @Test("requests of one connection are answered in their order, one after the other")
    func order() throws {
        let gateway = try Gateway.running([.status: .later("1"), .stop: .text("2")])
        let wire = try gateway.control()
        wire.send("{\"command\":\"status\"}\n{\"command\":\"stop\"}\n")
        #expect(gateway.dispatcher.asked.wait { !$0.isEmpty })
        #expect(gateway.dispatcher.asked.entries == [.status])
        gateway.dispatcher.release()
        #expect(wire.line() == "1")
        #expect(wire.line() == "2")
    }

    @Test("a request may come in any cut")
    func cuts() throws {
        let gateway = try Gateway.running()
        let wire = try gateway.control()
        for byte in "{\"command\":\"status\"}\n".utf8 { wire.send([byte]) }
        #expect(wire.line() == FakeDispatcher.twoRoles)
    }

    @Test("a client that has said all still gets its answer, and then the end")
    func halfClosed() throws {
        let gateway = try Gateway.running([.status: .later("1")])
        let wire = try gateway.control()
        wire.send("{\"command\":\"status\"}\n")
        wire.finishSending()
        #expect(gateway.dispatcher.asked.wait { !$0.isEmpty })
        gateway.dispatcher.release()
        #expect(wire.rest() == Array("1\n".utf8))
        #expect(wire.isEnded)
    }

    @Test(
        "a request that is none is answered with what is wrong, and the connection ends",
        arguments: [
            ("status", "the request isn't a JSON object with a \"command\""),
            ("", "the request isn't a JSON object with a \"command\""),
            ("{\"command\":7}", "the request isn't a JSON object with a \"command\""),
            ("[\"command\"]", "the request isn't a JSON object with a \"command\""),
            (String(repeating: "[", count: 100_000), "the request isn't a JSON object with a \"command\""),
            ("{\"command\":\"halt\"}", "no such command; there are status, reload, stop and outbound"),
            ("{\"command\":\"outbound\"}", "\"outbound\" needs a \"request\" that is a JSON object"),
            (
                "{\"command\":\"outbound\",\"request\":[]}",
                "\"outbound\" needs a \"request\" that is a JSON object"
            ),
        ])
    func noRequest(line: String, text: String) throws {
        let gateway = try Gateway.running()
        let wire = try gateway.control()
        wire.send(line + "\n{\"command\":\"stop\"}\n")
        #expect(try error(wire.line()) == text)
        #expect(wire.rest().isEmpty && wire.isEnded)
        #expect(gateway.dispatcher.asked.entries.isEmpty)
    }

    @Test("an overlong request is refused, with its line end and without")
    func overlong() throws {
        let gateway = try Gateway.running { $0.controlLineOctetsMax = 1_000 }
        for end in ["", "\n"] {
            let wire = try gateway.control()
            wire.send(String(repeating: "x", count: 1_001) + end)
            #expect(
                try error(wire.line())
                    == "the request is longer than 1000 octets; split it, and wait for answers")
            #expect(wire.rest().isEmpty && wire.isEnded)
        }
    }

    @Test("a client that is silent is cut off")
    func idle() throws {
        let gateway = try Gateway.running { $0.controlIdleMs = 50 }
        let wire = try gateway.control()
        wire.send("{\"command\":")
        #expect(wire.rest().isEmpty && wire.isEnded)
    }

    @Test("connections beyond the limit are closed")
    func connectionsMax() throws {
        let gateway = try Gateway.running { $0.controlConnectionsMax = 1 }
        let first = try gateway.control()
        first.send("{\"command\":\"status\"}\n")
        #expect(first.line() == FakeDispatcher.twoRoles)
        let second = try gateway.control()
        #expect(second.rest().isEmpty && second.isEnded)
    }

    @Test("owner and group may use it, others may not")
    func mode() throws {
        let gateway = try Gateway.running()
        var status = stat()
        #expect(stat(gateway.controlPath, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
    }

    @Test("what a predecessor left in its place is replaced")
    func stale() throws {
        let gateway = try Gateway()
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(Wire.withAddress(gateway.controlPath) { bind(left, $0, $1) } == 0)
        close(left)
        let service = try gateway.begin().wait()
        let wire = try gateway.control()
        wire.send("{\"command\":\"status\"}\n")
        #expect(wire.line() == FakeDispatcher.twoRoles)
        try service.drain().wait()
    }

    @Test("a path that is too long for a socket is an error that says so")
    func longPath() throws {
        let gateway = try Gateway()
        var settings = gateway.settings
        settings.controlSocketPath += String(repeating: "x", count: 100)
        #expect {
            try gateway.begin(settings).wait()
        } throws: { error in
            (error as? OperationsError)?.code == .controlSocket
                && "\(error)".hasPrefix("control socket \(settings.controlSocketPath): ")
        }
    }

    @Test("the answer to `stop` arrives although the stop begins with it")
    func stopping() throws {
        let gateway = try Gateway.running([.stop: .later("{\"result\":\"stopping\"}")])
        let idle = try gateway.control()
        idle.send("{\"command\":\"status\"}\n")
        #expect(idle.line() == FakeDispatcher.twoRoles)
        let wire = try gateway.control()
        wire.send("{\"command\":\"stop\"}\n")
        #expect(gateway.dispatcher.asked.wait { $0.contains(.stop) })
        gateway.dispatcher.release()
        let drained = try #require(gateway.service).drain()
        #expect(wire.line() == "{\"result\":\"stopping\"}")
        #expect(wire.rest().isEmpty && wire.isEnded)
        #expect(idle.rest().isEmpty && idle.isEnded)
        try drained.wait()
    }

    @Test("a stop doesn't wait for ever for an answer that doesn't come")
    func stoppingLate() throws {
        let gateway = try Gateway.running([.reload: .silence]) { $0.drainMs = 50 }
        let wire = try gateway.control()
        wire.send("{\"command\":\"reload\"}\n")
        #expect(gateway.dispatcher.asked.wait { !$0.isEmpty })
        try gateway.service?.drain().wait()
        #expect(wire.rest().isEmpty && wire.isEnded)
    }
}
