// SPDX-License-Identifier: MIT

/// What of a date is compared (RFC 5260 §4.2).
enum DatePart: String, CaseIterable, Sendable {
    case year, month, day, date, julian, hour, minute, second, time, iso8601, std11, zone, weekday

    /// Nil after a mistake. Compared without case.
    init?(_ text: SyntaxNode.Text, _ compiler: inout Compiler) {
        guard let octets = compiler.constant(text, naming: "date part") else { return nil }
        guard let part = DatePart(rawValue: String(decoding: octets, as: UTF8.self).lowercased()) else {
            compiler.mistakes.add(
                text.range, "unknown date part \(MistakeList.quoted(octets))",
                help: "date parts are "
                    + DatePart.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
            return nil
        }
        self = part
    }

    func text(of time: CivilTime) -> String {
        switch self {
        case .year: DateField.padded(time.year, 4)
        case .month: DateField.padded(time.month)
        case .day: DateField.padded(time.day)
        case .date: Self.date(time)
        case .julian: String(time.julianDay)
        case .hour: DateField.padded(time.hour)
        case .minute: DateField.padded(time.minute)
        case .second: DateField.padded(time.second)
        case .time: Self.clock(time)
        case .iso8601: "\(Self.date(time))T\(Self.clock(time))\(Self.zoneWithColon(time))"
        case .std11: DateField.text(time)
        case .zone: DateField.zone(time.offsetMinutes)
        case .weekday: String(time.weekday)
        }
    }

    private static func date(_ time: CivilTime) -> String {
        "\(DateField.padded(time.year, 4))-\(DateField.padded(time.month))-\(DateField.padded(time.day))"
    }

    private static func clock(_ time: CivilTime) -> String {
        "\(DateField.padded(time.hour)):\(DateField.padded(time.minute)):\(DateField.padded(time.second))"
    }

    private static func zoneWithColon(_ time: CivilTime) -> String {
        let zone = DateField.zone(time.offsetMinutes)
        return "\(zone.prefix(3)):\(zone.suffix(2))"
    }
}
