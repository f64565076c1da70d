// SPDX-License-Identifier: MIT

internal import Telemetry

/// The page for Prometheus, in its text format 0.0.4.
enum MetricsPage {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    static let prefix = "postern_"

    /// `roles` is empty where the dispatcher did not answer.
    static func text(counters: [Counter: UInt64], roles: [GatewayHealth.Role]) -> String {
        var text = ""
        for counter in Counter.allCases {
            let name = prefix + counter.rawValue
            text += "# HELP \(name) \(counter.help)\n"
            text += "# TYPE \(name) \(counter.isGauge ? "gauge" : "counter")\n"
            text += "\(name) \(counters[counter] ?? 0)\n"
        }
        guard !roles.isEmpty else { return text }
        text += "# HELP postern_role_up 1 while the process serves, 0 while it starts, drains or is gone.\n"
        text += "# TYPE postern_role_up gauge\n"
        for role in roles {
            text += "postern_role_up{role=\"\(escaped(role.role))\",instance=\"\(escaped(role.instance))\"} "
            text += role.isReady ? "1\n" : "0\n"
        }
        return text
    }

    /// A label's value: backslash, quote and line feed are escaped.
    static func escaped(_ value: String) -> String {
        var out: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): out += [UInt8(ascii: "\\"), byte]
            case 0x0A: out += Array("\\n".utf8)
            default: out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
