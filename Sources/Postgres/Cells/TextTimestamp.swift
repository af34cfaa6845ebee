import Text

/// A date or time in PostgreSQL's ISO text format: `2024-01-31`, `2024-01-31 12:30:00.123+05:30`, `12:30:00-08`,
/// `0044-03-15 BC`.
struct TextTimestamp {
    /// Microseconds since 2000-01-01 00:00 UTC. A time without a date belongs to 1970-01-01.
    let microseconds: Int64
    /// Days of a date since 2000-01-01.
    let day: Int32
    /// Microseconds since midnight of a time.
    let timeOfDay: Int64

    /// Returns nil for text that is not a date or time, `infinity` included.
    init?(_ text: UnsafeRawBufferPointer, _ type: ColumnType) {
        var reader = DigitReader(text)
        var day: Int64 = -10_957
        if type != .time, type != .timetz {
            guard let year = reader.number(4...7), reader.skip("-"), let month = reader.number(2...2), reader.skip("-"),
                let dayOfMonth = reader.number(2...2), (1...12).contains(month), (1...31).contains(dayOfMonth)
            else { return nil }
            let isBeforeChrist = text.count >= 3 && text.suffix(3).elementsEqual(" BC".utf8)
            day = CivilDate(year: isBeforeChrist ? 1 - year : year, month: month, day: dayOfMonth).daysSince2000
        }
        var time: Int64 = 0
        if type != .date {
            if type != .time, type != .timetz, !reader.skip(" ") { return nil }
            guard let hour = reader.number(2...2), reader.skip(":"), let minute = reader.number(2...2), reader.skip(":"),
                let second = reader.number(2...2)
            else { return nil }
            time = ((hour * 60 + minute) * 60 + second) * 1_000_000
            if reader.skip(".") { time += reader.fraction() }
            if type == .timestamptz || type == .timetz {
                guard let offset = reader.offset() else { return nil }
                time -= offset * 1_000_000
            }
            // Why: a time with a zone belongs to the day that it falls on in UTC, as in binary format.
            if type == .timetz { time = (time % 86_400_000_000 + 86_400_000_000) % 86_400_000_000 }
        }
        microseconds = day &* 86_400_000_000 &+ time
        self.day = Int32(truncatingIfNeeded: day)
        timeOfDay = time
    }
}

/// Takes digits from the front of a text.
private struct DigitReader {
    private let text: UnsafeRawBufferPointer
    private var position = 0

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    private var digit: Int64? {
        guard position < text.count, text[position] &- UInt8(ascii: "0") < 10 else { return nil }
        return Int64(text[position] &- UInt8(ascii: "0"))
    }

    /// Takes a number with a count of digits in `width`.
    mutating func number(_ width: ClosedRange<Int>) -> Int64? {
        var value: Int64 = 0
        var count = 0
        while count < width.upperBound, let digit {
            value = value * 10 + digit
            position += 1
            count += 1
        }
        return width.contains(count) ? value : nil
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, UInt32(text[position]) == character.value else { return false }
        position += 1
        return true
    }

    /// Takes the digits after a decimal point and returns them as microseconds.
    mutating func fraction() -> Int64 {
        var value: Int64 = 0
        var scale: Int64 = 100_000
        while let digit {
            value += digit * scale
            scale /= 10
            position += 1
        }
        return value
    }

    /// Takes an offset such as `+05:30`, `-08` or `+00:19:32` and returns it in seconds east of Greenwich.
    mutating func offset() -> Int64? {
        let isWest = skip("-")
        guard isWest || skip("+"), let hours = number(1...2) else { return nil }
        var seconds = hours * 3600
        if skip(":") {
            guard let minutes = number(2...2) else { return nil }
            seconds += minutes * 60
            if skip(":"), let rest = number(2...2) { seconds += rest }
        }
        return isWest ? -seconds : seconds
    }
}
