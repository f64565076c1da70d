// SPDX-License-Identifier: MIT

import Telemetry
import Testing

@testable import Operations

@Suite("The metrics page")
struct MetricsPageTests {
    @Test("every counter has a help text of its own, one printable line", arguments: Counter.allCases)
    func help(counter: Counter) {
        #expect(counter.help.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        #expect(counter.help.hasSuffix("."))
        #expect(Counter.allCases.filter { $0.help == counter.help } == [counter])
    }

    @Test("every counter has its HELP, its TYPE and its value, in that order", arguments: Counter.allCases)
    func lines(counter: Counter) throws {
        let text = MetricsPage.text(counters: [counter: 41], roles: [])
        let lines = text.split(separator: "\n").map(String.init)
        let name = "postern_" + counter.rawValue
        let start = try #require(lines.firstIndex(of: "# HELP \(name) \(counter.help)"))
        #expect(lines[start + 1] == "# TYPE \(name) \(counter.isGauge ? "gauge" : "counter")")
        #expect(lines[start + 2] == "\(name) 41")
        #expect(name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") })
        #expect(name.hasSuffix("_total") == !counter.isGauge)
    }

    @Test("a counter that nobody counted is 0, and the page ends with a line end")
    func zero() {
        let text = MetricsPage.text(counters: [:], roles: [])
        #expect(text.contains("\npostern_messages_accepted_total 0\n"))
        #expect(text.hasSuffix("\n"))
        #expect(!text.contains("postern_role_up"))
    }

    @Test("a role is up while it is ready, and only then")
    func roles() {
        let roles = [
            GatewayHealth.Role(role: "inbound", instance: "0", health: "ready"),
            GatewayHealth.Role(role: "inbound", instance: "1", health: "starting"),
            GatewayHealth.Role(role: "lookups", instance: "", health: "gone"),
        ]
        let text = MetricsPage.text(counters: [:], roles: roles)
        #expect(
            text.hasSuffix(
                """
                # TYPE postern_role_up gauge
                postern_role_up{role="inbound",instance="0"} 1
                postern_role_up{role="inbound",instance="1"} 0
                postern_role_up{role="lookups",instance=""} 0

                """))
    }

    @Test("a label's value can't end its quotes or its line")
    func labels() {
        #expect(MetricsPage.escaped("a\"b\\c\nd") == "a\\\"b\\\\c\\nd")
    }
}
