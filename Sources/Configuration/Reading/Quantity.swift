// SPDX-License-Identifier: MIT

/// Numbers with units as the operator writes them: `"10MB"`, `"15m"`. All exact; nothing is rounded.
enum Quantity {
    /// Octets from `"512"`, `"512K"`, `"10MB"`, `"2G"`, in any case: powers of 1,024. Nil for anything else
    /// and where the number doesn't fit.
    static func octets(_ text: String) -> Int? {
        scaled(text) { unit in
            switch unit {
            case "": 1
            case "k", "kb": 1 << 10
            case "m", "mb": 1 << 20
            case "g", "gb": 1 << 30
            default: nil
            }
        }
    }

    /// Seconds from `"30"`, `"30s"`, `"15m"`, `"1h"`, `"5d"`.
    static func seconds(_ text: String) -> Int? {
        scaled(text) { unit in
            switch unit {
            case "", "s": 1
            case "m": 60
            case "h": 3_600
            case "d": 86_400
            default: nil
            }
        }
    }

    /// The largest unit that says `octets` exactly.
    static func describe(octets: Int) -> String {
        for (factor, unit) in [(1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")]
        where octets > 0 && octets % factor == 0 {
            return "\(octets / factor)\(unit)"
        }
        return "\(octets) octets"
    }

    static func describe(seconds: Int) -> String {
        for (factor, unit) in [(86_400, "d"), (3_600, "h"), (60, "m")]
        where seconds > 0 && seconds % factor == 0 {
            return "\(seconds / factor)\(unit)"
        }
        return "\(seconds)s"
    }

    private static func scaled(_ text: String, _ factor: (String) -> Int?) -> Int? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let rest = text.utf8.dropFirst(digits.count).drop { $0 == 0x20 }
        // 18 digits always fit into an Int.
        guard (1...18).contains(digits.count), let number = Int(String(decoding: digits, as: UTF8.self)),
            let factor = factor(String(decoding: rest, as: UTF8.self).lowercased())
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}
