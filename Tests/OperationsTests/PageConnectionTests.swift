// SPDX-License-Identifier: MIT

import NIOCore
import Testing

@testable import Operations

@Suite("HTTP connections")
struct PageConnectionTests {
    @Test("a connection serves request after request, pipelined ones in their order")
    func keepAlive() throws {
        let wire = try Gateway.kept.pages()
        wire.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(Response(from: wire)?.status == 200)
        wire.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(Response(from: wire)?.status == 404)
        let last = Response(from: wire)
        #expect(last?.status == 200)
        #expect(last?.headers["connection"] == nil)
    }

    @Test("`Connection: close` and HTTP/1.0 end it with the answer")
    func close() throws {
        let closing = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        for request in [closing, "GET /health HTTP/1.0\r\n\r\n"] {
            let wire = try Gateway.kept.pages()
            wire.send(request)
            let response = Response(from: wire)
            #expect(response?.status == 200)
            #expect(response?.headers["connection"] == "close")
            #expect(wire.rest().isEmpty && wire.isEnded)
        }
    }

    @Test("HTTP/1.0 goes on where it asks for that")
    func oldKeepAlive() throws {
        let wire = try Gateway.kept.pages()
        for _ in 0..<2 {
            wire.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(Response(from: wire)?.headers["connection"] == "keep-alive")
        }
    }

    @Test("the last of its requests ends a connection")
    func requestsMax() throws {
        let gateway = try Gateway.running { $0.requestsPerConnectionMax = 2 }
        let wire = try gateway.pages()
        for _ in 0..<3 { wire.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(Response(from: wire)?.headers["connection"] == nil)
        #expect(Response(from: wire)?.headers["connection"] == "close")
        #expect(wire.rest().isEmpty && wire.isEnded)
    }

    @Test(
        "a request of HTTP/1.1 without one Host is refused",
        arguments: ["", "Host: a\r\nHost: b\r\n"])
    func host(fields: String) throws {
        let wire = try Gateway.kept.pages()
        wire.send("GET /health HTTP/1.1\r\n\(fields)\r\n")
        #expect(Response(from: wire)?.status == 400)
        #expect(wire.rest().isEmpty && wire.isEnded)
    }

    @Test("a short body is dropped, and the connection goes on")
    func shortBody() throws {
        let wire = try Gateway.kept.pages()
        wire.send("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        #expect(Response(from: wire)?.status == 200)
        wire.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(Response(from: wire)?.status == 200)
    }

    /// A request beyond one of the limits.
    enum TooLong: CaseIterable {
        case requestLine, field, fieldCount, header, body, chunkedBody

        var request: String {
            let get = "GET /health HTTP/1.1\r\nHost: a\r\n"
            let post = "POST /health HTTP/1.1\r\nHost: a\r\n"
            func text(_ count: Int) -> String { String(repeating: "a", count: count) }
            return switch self {
            case .requestLine: "GET /\(text(9_000)) HTTP/1.1\r\nHost: a\r\n\r\n"
            case .field: get + "X: \(text(9_000))\r\n\r\n"
            case .fieldCount: get + String(repeating: "X: y\r\n", count: 100) + "\r\n"
            case .header: get + (0..<5).map { "X\($0): \(text(5_000))\r\n" }.joined() + "\r\n"
            case .body: post + "Content-Length: 9000\r\n\r\n" + text(9_000)
            case .chunkedBody:
                post + "Transfer-Encoding: chunked\r\n\r\n2710\r\n" + text(10_000) + "\r\n0\r\n\r\n"
            }
        }

        var status: Int { self == .body || self == .chunkedBody ? 413 : 431 }
    }

    @Test("a request beyond its limits is refused, and the connection ends", arguments: TooLong.allCases)
    func tooLong(kind: TooLong) throws {
        let wire = try Gateway.kept.pages()
        wire.send(kind.request)
        #expect(Response(from: wire)?.status == kind.status)
        #expect(wire.rest().isEmpty && wire.isEnded)
    }

    @Test(
        "what is no HTTP is refused, and the connection ends",
        arguments: [
            "EHLO client.example\r\n\r\n", "\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "GET\r\n\r\n",
            "GET /health HTTP/9.9\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        ])
    func garbage(text: String) throws {
        let wire = try Gateway.kept.pages()
        wire.send(text)
        #expect(Response(from: wire)?.status == 400)
        #expect(wire.rest().isEmpty && wire.isEnded)
    }

    @Test("garbage behind a request does not cost the request its answer")
    func garbageBehind() throws {
        let gateway = try Gateway.running([.status: .later(FakeDispatcher.twoRoles)])
        let wire = try gateway.pages()
        wire.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n\u{1}\u{2}\r\n\r\n")
        #expect(gateway.dispatcher.asked.wait { !$0.isEmpty })
        gateway.dispatcher.release()
        #expect(Response(from: wire)?.status == 200)
        #expect(Response(from: wire)?.status == 400)
        #expect(wire.rest().isEmpty && wire.isEnded)
    }

    @Test("random octets end in an answer or in nothing, and the server goes on", arguments: 0..<40)
    func random(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        let words =
            "GETPOSHADhealthmetrics/ HTTP/1.10\r\n:,;=?%#{}\u{0}\u{FF}chunkedTransfer-EncodingContent-Length"
        let alphabet = Array(words.utf8)
        let octets = (0..<2_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return alphabet[Int(state >> 33) % alphabet.count]
        }
        let wire = try Gateway.kept.pages()
        wire.send(octets)
        wire.finishSending()
        _ = wire.rest()
        #expect(wire.isEnded)
        #expect(try Gateway.kept.request("/health")?.status == 200)
    }

    @Test("a client that doesn't finish its request is cut off, though it drips")
    func drip() throws {
        let gateway = try Gateway.running { $0.requestMs = 100 }
        let wire = try gateway.pages()
        wire.send("GET /health HTTP/1.1\r\nX: ")
        #expect(wire.rest().isEmpty && wire.isEnded)
        let idle = try gateway.pages()
        #expect(idle.rest().isEmpty && idle.isEnded)
    }

    @Test("connections beyond the limit are closed, and those within it served")
    func connectionsMax() throws {
        let gateway = try Gateway.running { $0.pageConnectionsMax = 1 }
        let first = try gateway.pages()
        first.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(Response(from: first)?.status == 200)
        let second = try gateway.pages()
        #expect(second.rest().isEmpty && second.isEnded)
        first.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(Response(from: first)?.status == 200)
    }

    @Test("a stop ends idle connections at once, and others with their answer")
    func drain() throws {
        let gateway = try Gateway.running([.status: .later(FakeDispatcher.twoRoles)])
        let idle = try gateway.pages()
        idle.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(Response(from: idle)?.status == 404)
        let busy = try gateway.pages()
        busy.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(gateway.dispatcher.asked.wait { !$0.isEmpty })
        let drained = try #require(gateway.service).drain()
        #expect(idle.rest().isEmpty && idle.isEnded)
        gateway.dispatcher.release()
        #expect(Response(from: busy)?.status == 200)
        #expect(busy.rest().isEmpty && busy.isEnded)
        try drained.wait()
        #expect(gateway.events.entries.last == "operations.stopped")
        #expect(throws: (any Error).self) { try gateway.pages() }
    }
}

extension Gateway {
    /// For tests that leave it as they found it.
    nonisolated(unsafe) static let kept: Gateway = {
        // Unsafe: nothing of it changes once it runs.
        do { return try Gateway.running() } catch { preconditionFailure("a gateway must start: \(error)") }
    }()
}
