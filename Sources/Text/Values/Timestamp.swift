/// Moments in time as requests write them: RFC 3339, the ISO-8601 form that Prisma takes.
///
/// A moment is a count of microseconds since 2000-01-01 00:00 UTC, PostgreSQL's own.
package enum Timestamp {
    /// The last year of PostgreSQL's timestamps.
    package static let lastYear: Int64 = 294_276
    /// The last year of PostgreSQL's dates.
    private static let lastYearOfDates: Int64 = 5_874_897
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Reads `2026-01-02T03:04:05.678Z`, with any offset and any number of digits after the point. Digits beyond microseconds are cut off.
    /// Years outside 0…9999 have a sign and six digits. Returns nil for anything else.
    package static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard let (day, time) = read(text, lastYear) else { return nil }
        // Why: the count reaches the last year, and not as far back.
        let (midnight, isTooEarly) = day.multipliedReportingOverflow(by: microsecondsPerDay)
        let (moment, isBeyond) = midnight.addingReportingOverflow(time)
        return isTooEarly || isBeyond ? nil : moment
    }

    /// Returns true for `infinity` and `-infinity`, PostgreSQL's words for the moments after and before all others.
    package static func isInfinity(_ text: UnsafeRawBufferPointer) -> Bool {
        let word = text.first == UInt8(ascii: "-") ? UnsafeRawBufferPointer(rebasing: text.dropFirst()) : text
        return word.elementsEqual("infinity".utf8)
    }

    /// The day of a moment, in days since 2000-01-01. Years have up to seven digits.
    package static func parseDay(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard let (day, time) = read(text, lastYearOfDates) else { return nil }
        return time < 0 ? day - 1 : time >= microsecondsPerDay ? day + 1 : day
    }

    /// Returns a moment's day and the time since its midnight in UTC.
    @inline(__always)
    private static func read(_ text: UnsafeRawBufferPointer, _ lastYear: Int64) -> (day: Int64, time: Int64)? {
        var reader = Reader(text, lastYear)
        guard let day = reader.date(), reader.skip("T") || reader.skip("t") || reader.skip(" "), let time = reader.time(), let offset = reader.offset(),
            reader.isAtEnd
        else { return nil }
        return (day, time - offset)
    }

    /// The type of column that a moment is written for.
    package enum Form: Sendable { case timestamp, date, time, timetz }

    /// The text that PostgreSQL reads: `2026-01-02 03:04:05.678000+00`, or the part of it that a date or a time keeps.
    package static func write(_ microseconds: Int64, as form: Form, into buffer: inout ByteBuffer) {
        var (day, time) = microseconds.quotientAndRemainder(dividingBy: microsecondsPerDay)
        if time < 0 {
            day &-= 1
            time &+= microsecondsPerDay
        }
        if form == .date { return write(day: day, into: &buffer) }
        // Why: a time may be 24:00, which is read as the midnight after it. One with a zone is compared by what it is in UTC.
        if form == .time, time == 0, day == dayAfter1970 { return buffer.append("24:00:00") }
        let date = CivilDate(daysSince2000: day)
        let isBeforeChrist = date.year < 1
        if form == .timestamp { write(date, into: &buffer) }
        if form == .timestamp { buffer.append(UInt8(ascii: " ")) }
        write(time: Int(truncatingIfNeeded: time), into: &buffer)
        if form != .time { buffer.append("+00") }
        if isBeforeChrist, form == .timestamp { buffer.append(" BC") }
    }

    /// 1970-01-02, in days since 2000.
    private static var dayAfter1970: Int64 { -10_956 }

    /// A date as PostgreSQL reads it, from days since 2000: `2026-01-02`.
    package static func write(day: Int64, into buffer: inout ByteBuffer) {
        let date = CivilDate(daysSince2000: day)
        write(date, into: &buffer)
        if date.year < 1 { buffer.append(" BC") }
    }

    /// Years before 1 are written as BC, which has no year 0.
    private static func write(_ date: CivilDate, into buffer: inout ByteBuffer) {
        let isBeforeChrist = date.year < 1
        let year = Int(truncatingIfNeeded: isBeforeChrist ? 1 &- date.year : date.year)
        buffer.append(decimal: year, width: year > 999_999 ? 7 : year > 99_999 ? 6 : year > 9999 ? 5 : 4)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(decimal: Int(truncatingIfNeeded: date.month), width: 2)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(decimal: Int(truncatingIfNeeded: date.day), width: 2)
    }

    private static func write(time: Int, into buffer: inout ByteBuffer) {
        buffer.append(decimal: time / 3_600_000_000, width: 2)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: time / 60_000_000 % 60, width: 2)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: time / 1_000_000 % 60, width: 2)
        buffer.append(UInt8(ascii: "."))
        buffer.append(decimal: time % 1_000_000, width: 6)
    }

    /// Steps through a text. Each step returns nil where the text is not as expected.
    private struct Reader {
        let text: UnsafeRawBufferPointer
        let lastYear: Int64
        var position = 0

        init(_ text: UnsafeRawBufferPointer, _ lastYear: Int64) {
            self.text = text
            self.lastYear = lastYear
        }

        var isAtEnd: Bool { position == text.count }

        /// The byte here; 0 at the end.
        var byte: UInt8 { position < text.count ? text[position] : 0 }

        @inline(__always)
        mutating func skip(_ wanted: Unicode.Scalar) -> Bool {
            guard position < text.count, text[position] == UInt8(ascii: wanted) else { return false }
            position += 1
            return true
        }

        /// Exactly `count` digits.
        mutating func digits(_ count: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<count {
                let digit = byte &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value * 10 + Int64(digit)
                position += 1
            }
            return value
        }

        /// Days since 2000-01-01.
        mutating func date() -> Int64? {
            let isNegative = byte == UInt8(ascii: "-")
            let isLong = skip("+") || skip("-")
            guard var year = digits(isLong ? 6 : 4) else { return nil }
            if isLong, let digit = digits(1) { year = year * 10 + digit }
            guard skip("-"), let month = digits(2), skip("-"), let day = digits(2) else {
                return nil
            }
            if isNegative { year = -year }
            guard year.magnitude <= lastYear, month >= 1, month <= 12, day >= 1, day <= Self.days(of: month, in: year) else {
                return nil
            }
            return CivilDate(year: year, month: month, day: day).daysSince2000
        }

        private static func days(of month: Int64, in year: Int64) -> Int64 {
            switch month {
            case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }

        /// Microseconds since midnight. A leap second counts as the first of the next minute.
        mutating func time() -> Int64? {
            guard let hour = digits(2), hour < 24, skip(":"), let minute = digits(2), minute < 60, skip(":"),
                let second = digits(2), second <= 60
            else { return nil }
            var fraction: Int64 = 0
            if skip(".") || skip(",") {
                var scale: Int64 = 100_000
                let start = position
                while let digit = digits(1) {
                    fraction += digit * scale
                    scale /= 10
                }
                if position == start { return nil }
            }
            return (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction
        }

        /// Microseconds that local time is ahead of UTC. Without an offset a text names no moment.
        mutating func offset() -> Int64? {
            if skip("Z") || skip("z") { return 0 }
            let isNegative = byte == UInt8(ascii: "-")
            guard skip("+") || skip("-"), let hours = digits(2), hours < 24 else { return nil }
            _ = skip(":")
            guard let minutes = digits(2), minutes < 60 else { return nil }
            let offset = (hours * 60 + minutes) * 60_000_000
            return isNegative ? -offset : offset
        }
    }
}
