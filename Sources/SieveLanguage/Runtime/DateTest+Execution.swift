// SPDX-License-Identifier: MIT

internal import Mail

extension DateTest {
    /// A field without a readable date is as if it weren't there (RFC 5260 §4).
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        var values: [FieldValue] = []
        if let name {
            for octets in try execution.rawValues(name, selection) {
                // In trace fields such as Received the date stands behind the last semicolon.
                let date =
                    octets.lastIndex(of: UInt8(ascii: ";")).map { Array(octets[($0 + 1)...]) } ?? octets
                guard let time = DateField.parse(date) else { continue }
                values.append(FieldValue(part.text(of: try zone.moved(time, &execution))))
            }
        }
        return try keys.match(values, &execution)
    }
}

extension CurrentDateTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let time = try zone.moved(CivilTime(epoch: try execution.now()), &execution)
        return try keys.match([FieldValue(part.text(of: time))], &execution)
    }
}

extension DateTest.Zone {
    func moved(_ time: CivilTime, _ execution: inout Execution) throws(Interruption) -> CivilTime {
        switch self {
        case .original: return time
        case .local: return time.at(offsetMinutes: execution.subject.settings.zoneOffsetMinutes)
        case .named(let phrase):
            let text = try execution.octets(of: phrase)
            guard let offset = DateField.offsetMinutes(text) else {
                throw .fault("\(MistakeList.quoted(text)) is no time zone")
            }
            return time.at(offsetMinutes: offset)
        }
    }
}

extension Execution {
    /// Seconds since 1970-01-01 UTC, the same for the whole evaluation.
    func now() throws(Interruption) -> Int64 {
        guard case .time(let seconds) = try answer(to: .time) else {
            throw .fault("nobody says what time it is")
        }
        return seconds
    }
}
