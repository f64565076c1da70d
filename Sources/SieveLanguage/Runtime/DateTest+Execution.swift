// SPDX-License-Identifier: MIT

internal import Mail

extension DateTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        var values: [FieldValue] = []
        if let name {
            for time in try execution.times(name, selection) {
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
