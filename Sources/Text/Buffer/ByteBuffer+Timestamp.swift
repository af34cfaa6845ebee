extension ByteBuffer {
    /// `"2026-01-02T03:04:05.678Z"` from microseconds since 2000-01-01 00:00 UTC, PostgreSQL's count.
    ///
    /// The text is quoted and in UTC. It is cut to milliseconds, towards the past. Years outside 0…9999 are written as JavaScript's
    /// `toISOString` writes them: a sign and six digits, or seven: `"+010000-01-01T…"`.
    package mutating func append(timestamp microseconds: Int64) {
        let day = ByteBuffer.floorDivide(microseconds, 86_400_000_000)
        append(day: day.quotient, millisecond: UInt32(truncatingIfNeeded: day.remainder / 1000))
    }

    /// `"2026-01-02T03:04:05.678901Z"`: the same, and nothing is cut.
    package mutating func append(preciseTimestamp microseconds: Int64) {
        let day = ByteBuffer.floorDivide(microseconds, 86_400_000_000)
        append(day: day.quotient, millisecond: UInt32(truncatingIfNeeded: day.remainder / 1000))
        size &-= 2
        append(decimal: Int(day.remainder % 1000), width: 3)
        append("Z\"")
    }

    /// `"2026-01-02"`, years as above.
    package mutating func append(plainDate day: Int32) {
        append(day: Int64(day), millisecond: 0)
        // Why: what follows the date is fifteen bytes long, `T00:00:00.000Z"`.
        size &-= 15
        append(UInt8(ascii: "\""))
    }

    /// `"03:04:05.678"`, or with microseconds: a time of day, from 0 to 24 hours.
    package mutating func append(plainTime microseconds: Int64, isPrecise: Bool) {
        let time = Int(microseconds)
        append(UInt8(ascii: "\""))
        append(decimal: time / 3_600_000_000, width: 2)
        append(UInt8(ascii: ":"))
        append(decimal: time / 60_000_000 % 60, width: 2)
        append(UInt8(ascii: ":"))
        append(decimal: time / 1_000_000 % 60, width: 2)
        append(UInt8(ascii: "."))
        append(decimal: isPrecise ? time % 1_000_000 : time % 1_000_000 / 1000, width: isPrecise ? 6 : 3)
        append(UInt8(ascii: "\""))
    }

    /// `"infinity"` or `"-infinity"`: PostgreSQL's words for a moment after or before all others.
    package mutating func append(infinity isNegative: Bool) { append(isNegative ? "\"-infinity\"" : "\"infinity\"") }

    /// With microseconds where there are any, else with milliseconds.
    package mutating func append(isoMoment microseconds: Int64) {
        if microseconds % 1000 == 0 { append(timestamp: microseconds) } else { append(preciseTimestamp: microseconds) }
    }

    /// The same for a day counted from 2000-01-01: midnight UTC.
    package mutating func append(date day: Int32) { append(day: Int64(day), millisecond: 0) }

    package mutating func append(preciseDate day: Int32) {
        append(day: Int64(day), millisecond: 0)
        size &-= 2
        append("000Z\"")
    }

    private mutating func append(day: Int64, millisecond: UInt32) {
        let date = CivilDate(daysSince2000: day)
        reserve(32)
        append(UInt8(ascii: "\""))
        if date.year < 0 || date.year > 9999 {
            append(UInt8(ascii: date.year < 0 ? "-" : "+"))
            // Why seven: a date of PostgreSQL's reaches the year 5,874,897.
            append(decimal: Int(truncatingIfNeeded: date.year.magnitude), width: date.year.magnitude > 999_999 ? 7 : 6)
        } else {
            let year = UInt32(truncatingIfNeeded: date.year)
            ByteBuffer.put(pair: Int(year / 100), at: end)
            ByteBuffer.put(pair: Int(year % 100), at: end + 2)
            size &+= 4
        }
        ByteBuffer.put(month: Int(date.month), day: Int(date.day), millisecond, at: end)
        size &+= 21
    }

    /// `-01-02T03:04:05.678Z"`: 21 bytes.
    @inline(__always)
    private static func put(month: Int, day: Int, _ millisecond: UInt32, at target: UnsafeMutablePointer<UInt8>) {
        let second = millisecond / 1000, fraction = millisecond % 1000
        let minute = second / 60
        target[0] = UInt8(ascii: "-")
        put(pair: month, at: target + 1)
        target[3] = UInt8(ascii: "-")
        put(pair: day, at: target + 4)
        target[6] = UInt8(ascii: "T")
        put(pair: Int(minute / 60), at: target + 7)
        target[9] = UInt8(ascii: ":")
        put(pair: Int(minute % 60), at: target + 10)
        target[12] = UInt8(ascii: ":")
        put(pair: Int(second % 60), at: target + 13)
        target[15] = UInt8(ascii: ".")
        target[16] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: fraction / 100)
        put(pair: Int(fraction % 100), at: target + 17)
        target[19] = UInt8(ascii: "Z")
        target[20] = UInt8(ascii: "\"")
    }

    @inline(__always)
    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient &- 1, remainder &+ divisor) : (quotient, remainder)
    }
}

/// A day of the proleptic Gregorian calendar. Year 0 is 1 BC.
package struct CivilDate: Equatable, Sendable {
    package var year: Int64
    package var month: Int64
    package var day: Int64

    package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Counts in eras of 400 years that begin on the first of March, so that the leap day comes last. Values a few years away from the ends
    /// of Int64 are exact; none traps.
    package init(daysSince2000 day: Int64) {
        let shifted = day &+ 730_425  // 0000-03-01
        let era = (shifted >= 0 ? shifted : shifted &- 146_096) / 146_097
        // Why 32 bits: it is less than 146,097, and dividing by a constant then takes half as long.
        let dayOfEra = UInt32(truncatingIfNeeded: shifted &- era &* 146_097)
        let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let month = (5 &* dayOfYear &+ 2) / 153  // 0 is March
        self.day = Int64(dayOfYear &- (153 &* month &+ 2) / 5 &+ 1)
        self.month = Int64(month < 10 ? month &+ 3 : month &- 9)
        year = Int64(yearOfEra) &+ era &* 400 &+ (self.month <= 2 ? 1 : 0)
    }

    /// Days since 2000-01-01; the inverse of the above for a date that exists.
    package var daysSince2000: Int64 {
        let year = month <= 2 ? self.year &- 1 : self.year
        let era = (year >= 0 ? year : year &- 399) / 400
        let yearOfEra = year &- era &* 400
        let dayOfYear = (153 &* (month > 2 ? month &- 3 : month &+ 9) &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 730_425
    }
}
