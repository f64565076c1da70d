// SPDX-License-Identifier: MIT

/// A point in time as a clock on some wall shows it: proleptic Gregorian calendar, seconds, and the wall's
/// offset from UTC.
struct CivilTime: Sendable, Hashable {
    /// Seconds since 1970-01-01 00:00:00 UTC; leap seconds don't count.
    let epoch: Int64
    /// Minutes east of UTC.
    let offsetMinutes: Int

    let year: Int
    /// 1 to 12.
    let month: Int
    /// 1 to 31.
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    /// 0 is Sunday.
    let weekday: Int

    /// Years that a date field may name: RFC 5322 §3.3 begins with 1900, and four digits end with 9999.
    static let years = 1900...9999

    private static let secondsPerDay: Int64 = 86_400

    init(epoch: Int64, offsetMinutes: Int = 0) {
        self.epoch = epoch
        self.offsetMinutes = offsetMinutes
        let local = epoch &+ Int64(offsetMinutes) * 60
        let days = local >= 0 ? local / Self.secondsPerDay : (local + 1) / Self.secondsPerDay - 1
        let seconds = Int(local - days * Self.secondsPerDay)
        hour = seconds / 3_600
        minute = seconds / 60 % 60
        second = seconds % 60
        weekday = Int(((days + 4) % 7 + 7) % 7)
        (year, month, day) = Self.civil(days: days)
    }

    /// Nil for what no calendar has. Second 60 is the last of its minute.
    init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, offsetMinutes: Int) {
        guard Self.years.contains(year), (1...12).contains(month),
            (1...Self.days(in: month, of: year)).contains(day), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second), (-1_439...1_439).contains(offsetMinutes)
        else { return nil }
        let seconds = Int64(hour * 3_600 + minute * 60 + min(second, 59))
        let days = Self.days(year: year, month: month, day: day)
        self.init(
            epoch: days * Self.secondsPerDay + seconds - Int64(offsetMinutes) * 60,
            offsetMinutes: offsetMinutes)
    }

    /// Days since 1858-11-17, the Modified Julian Day (RFC 5260 §4.2), on that wall's calendar.
    var julianDay: Int64 { Self.days(year: year, month: month, day: day) + 40_587 }

    func at(offsetMinutes: Int) -> CivilTime { CivilTime(epoch: epoch, offsetMinutes: offsetMinutes) }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01. Years begin in March here, so that the day that some have more is their last.
    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let year = month > 2 ? year : year - 1
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    private static func civil(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }
}
