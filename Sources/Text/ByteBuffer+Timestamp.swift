extension ByteBuffer {
    /// `"2026-01-02T03:04:05.678Z"` from microseconds since 2000-01-01 00:00 UTC, PostgreSQL's count.
    ///
    /// Quoted, in UTC, cut (towards the past) to milliseconds. Years outside 0…9999 are written as JavaScript's
    /// `toISOString` writes them, with a sign and six digits: `"+010000-01-01T…"`, `"-000001-…"`.
    package mutating func append(timestamp microseconds: Int64) {
        let day = ByteBuffer.floorDivide(microseconds, 86_400_000_000)
        append(day: day.quotient, millisecond: day.remainder / 1000)
    }

    /// The same for a day counted from 2000-01-01: midnight UTC.
    package mutating func append(date day: Int32) { append(day: Int64(day), millisecond: 0) }

    private mutating func append(day: Int64, millisecond: Int64) {
        let date = CivilDate(daysSince2000: day)
        append(UInt8(ascii: "\""))
        if date.year < 0 || date.year > 9999 {
            append(UInt8(ascii: date.year < 0 ? "-" : "+"))
            append(decimal: Int(truncatingIfNeeded: date.year.magnitude), width: 6)
        } else {
            append(decimal: Int(truncatingIfNeeded: date.year), width: 4)
        }
        append(room: 24) { target in
            let seconds = millisecond / 1000
            target[0] = UInt8(ascii: "-")
            ByteBuffer.put(date.month, at: target + 1)
            target[3] = UInt8(ascii: "-")
            ByteBuffer.put(date.day, at: target + 4)
            target[6] = UInt8(ascii: "T")
            ByteBuffer.put(seconds / 3600, at: target + 7)
            target[9] = UInt8(ascii: ":")
            ByteBuffer.put(seconds / 60 % 60, at: target + 10)
            target[12] = UInt8(ascii: ":")
            ByteBuffer.put(seconds % 60, at: target + 13)
            target[15] = UInt8(ascii: ".")
            target[16] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: millisecond % 1000 / 100)
            ByteBuffer.put(millisecond % 100, at: target + 17)
            target[19] = UInt8(ascii: "Z")
            target[20] = UInt8(ascii: "\"")
            return 21
        }
    }

    /// Two digits of a value below 100.
    @inline(__always)
    private static func put(_ value: Int64, at target: UnsafeMutablePointer<UInt8>) {
        target[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10)
        target[1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10)
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

    /// Counts in eras of 400 years that begin on the first of March, so that the leap day comes last. Any value that is at
    /// least a few years away from the ends of Int64 is right; none traps.
    package init(daysSince2000 day: Int64) {
        let shifted = day &+ 730_425  // 0000-03-01
        let era = (shifted >= 0 ? shifted : shifted &- 146_096) / 146_097
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let month = (5 &* dayOfYear &+ 2) / 153  // 0 is March
        self.day = dayOfYear &- (153 &* month &+ 2) / 5 &+ 1
        self.month = month < 10 ? month &+ 3 : month &- 9
        year = yearOfEra &+ era &* 400 &+ (self.month <= 2 ? 1 : 0)
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
