// SPDX-License-Identifier: MIT

import Telemetry
import Testing

@testable import Operations

@Suite("Pages")
struct PageTests {
    @Test("/metrics sums what all processes counted")
    func metrics() throws {
        let gateway = try Gateway.running()
        let one = try CounterPage(path: gateway.settings.countersFolder + "/inbound-0")
        let two = try CounterPage(path: gateway.settings.countersFolder + "/inbound-1")
        one.add(.messagesAccepted, 3)
        two.add(.messagesAccepted, 4)
        let response = try #require(try gateway.request("/metrics"))
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.body.contains("\npostern_messages_accepted_total 7\n"))
        #expect(response.body.contains("postern_role_up{role=\"inbound\",instance=\"0\"} 1\n"))
    }

    @Test("/metrics gives the counters while the dispatcher is silent")
    func metricsAlone() throws {
        let gateway = try Gateway.running([.status: .silence]) { $0.healthMs = 50 }
        let response = try #require(try gateway.request("/metrics"))
        #expect(response.status == 200)
        #expect(response.body.contains("postern_messages_accepted_total 0\n"))
        #expect(!response.body.contains("postern_role_up"))
    }

    @Test("/health is 200 while every role is ready")
    func healthy() throws {
        let gateway = try Gateway.running()
        let response = try #require(try gateway.request("/health"))
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "application/json")
        #expect(response.body == #"{"roles":{"inbound-0":"ready","lookups":"ready"},"status":"ok"}"# + "\n")
    }

    @Test("/health is 503 while a role is not ready, and names it")
    func degraded() throws {
        let status = #"{"roles":[{"role":"scanner","instance":"clamav","health":"starting"}]}"#
        let gateway = try Gateway.running([.status: .text(status)])
        let response = try #require(try gateway.request("/health"))
        #expect(response.status == 503)
        #expect(response.body == #"{"roles":{"scanner-clamav":"starting"},"status":"degraded"}"# + "\n")
    }

    @Test(
        "/health is 503 where the dispatcher says nothing that tells",
        arguments: [
            (FakeDispatcher.Answer.silence, "the dispatcher did not answer within 50 ms"),
            (.text("never mind"), "the dispatcher's answer is no status"),
            (.failure("the gateway is stopping"), "the gateway is stopping"),
        ])
    func unknown(answer: FakeDispatcher.Answer, reason: String) throws {
        let gateway = try Gateway.running([.status: answer]) { $0.healthMs = 50 }
        let response = try #require(try gateway.request("/health"))
        #expect(response.status == 503)
        #expect(response.body == #"{"reason":"\#(reason)","roles":{},"status":"unknown"}"# + "\n")
    }

    @Test("a status without roles is not health")
    func empty() throws {
        let gateway = try Gateway.running([.status: .text(#"{"roles":[]}"#)])
        #expect(try gateway.request("/health")?.status == 503)
    }

    @Test("the dispatcher is asked once for all who ask at the same time, and again when its word is old")
    func askedOnce() throws {
        let gateway = try Gateway.running([.status: .later(FakeDispatcher.twoRoles)]) { $0.healthAgeMs = 0 }
        let wires = try (0..<5).map { _ in try gateway.pages() }
        for wire in wires { wire.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n") }
        // A sixth client's refusal says that the five were read: one event loop serves them in order.
        #expect(gateway.dispatcher.asked.wait { !$0.isEmpty })
        for _ in 0..<5 { #expect(try gateway.request("/nothing")?.status == 404) }
        gateway.dispatcher.release()
        for wire in wires { #expect(Response(from: wire)?.status == 200) }
        #expect(gateway.dispatcher.asked.entries.count == 1)
        gateway.dispatcher.set(.status, .text(FakeDispatcher.twoRoles))
        #expect(try gateway.request("/health")?.status == 200)
        #expect(gateway.dispatcher.asked.entries.count == 2)
    }

    @Test("a dispatcher that fell silent shows, whatever it said before")
    func fellSilent() throws {
        let gateway = try Gateway.running {
            $0.healthAgeMs = 0
            $0.healthMs = 50
        }
        #expect(try gateway.request("/health")?.status == 200)
        gateway.dispatcher.set(.status, .silence)
        #expect(try gateway.request("/health")?.status == 503)
    }

    @Test(
        "other paths are 404", arguments: ["/", "/metricsx", "/health/", "/../etc/passwd", "//metrics", "*"])
    func notFound(target: String) throws {
        #expect(try Gateway.running().request(target)?.status == 404)
    }

    @Test(
        "other methods are 405 and hear which are allowed",
        arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    func methods(method: String) throws {
        let response = try #require(try Gateway.running().request("/metrics", method: method))
        #expect(response.status == 405)
        #expect(response.headers["allow"] == "GET, HEAD")
    }

    @Test("HEAD is answered as GET is, without the body")
    func head() throws {
        let gateway = try Gateway.running()
        let wire = try gateway.pages()
        wire.send("HEAD /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try #require(Response(from: wire, hasBody: false))
        let get = try #require(Response(from: wire))
        #expect(head.status == 200)
        #expect(head.headers == get.headers)
        #expect(head.headers["content-length"] == "\(get.body.utf8.count)")
    }

    @Test(
        "a query and the absolute form change nothing",
        arguments: ["/health?x=1", "http://gate.example/health?x"])
    func forms(target: String) throws {
        #expect(try Gateway.running().request(target)?.status == 200)
    }

    @Test("no answer is kept, sniffed, framed or run", arguments: ["/metrics", "/health", "/nothing"])
    func headers(target: String) throws {
        let headers = try #require(try Gateway.running().request(target)).headers
        #expect(headers["cache-control"] == "no-store")
        #expect(headers["x-content-type-options"] == "nosniff")
        #expect(headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
        #expect(headers["referrer-policy"] == "no-referrer")
    }
}
