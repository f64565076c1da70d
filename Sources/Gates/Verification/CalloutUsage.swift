// SPDX-License-Identifier: MIT

internal import Mail

/// How a callout is written, for whoever checks rules before they judge anybody.
package enum CalloutUsage {
    /// Whether some probe gives the callout an argument that makes sense. `argument`: its text in pieces; nil
    /// for what only a probe gives.
    package static func isSound(image: String, routine: String, argument: [String?]) -> Bool {
        // A field may hold a number, an address, a name, or the test of a number.
        ["1", "=1"].contains { filler in
            let text = argument.map { $0 ?? filler }.joined()
            return CalloutRun(Callout(image: image, routine: routine, argument: text)) != nil
        }
    }

    /// The meter that a callout names; nil where it names none, or only a probe says which. That of
    /// `conn_throttle` is always there.
    package static func meter(image: String, argument: [String?]) -> String? {
        guard image == MeterCallout.image, let first = argument.first ?? nil,
            let comma = first.utf8.firstIndex(of: UInt8(ascii: ","))
        else { return nil }
        return String(first[..<comma])
    }

    /// The kinds of meter that a routine works on, the usual one first.
    package static func meterKinds(routine: String) -> [String] {
        switch routine {
        case "throttle", "query": ["throttle"]
        case "greylisting": ["greylist"]
        case "fetch", "test": ["simple", "throttle"]
        case "remove": ["simple", "throttle", "greylist"]
        default: ["simple"]
        }
    }

    /// How the routine's argument is written.
    package static func usage(image: String, routine: String) -> String {
        let argument =
            switch routine {
            case "dns_verify": "NAME|FOUND-TEXT|NOT-FOUND-TEXT|ERROR-TEXT"
            case "dns_verify_domain", "dns_verify_domain_port", "dns_verify_domain_warn":
                "ADDRESS,LIST,DEFAULT-TEXT"
            case "dns_verify_ptr": "ADDRESS, or ADDRESS|FOUND-TEXT|NOT-FOUND-TEXT|ERROR-TEXT"
            case "dns_verify_ipv4", "dns_verify_ipv6", "dns_get_first_mx":
                "NAME, or NAME|FOUND-TEXT|NOT-FOUND-TEXT|ERROR-TEXT"
            case "adjust": "METER,KEY,NUMBER"
            case "store": "METER,KEY,VALUE"
            case "adjust_and_test": "METER,KEY,NUMBER,>=NUMBER"
            case "test": "METER,KEY,>=NUMBER"
            default: image == MeterCallout.connectionImage ? "ADDRESS,RATE" : "METER,KEY"
            }
        return "$[\(image),\(routine),...] with \(argument)"
    }
}
