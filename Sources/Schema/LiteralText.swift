/// Whether the text of a string literal is a value of a type that is written as a string.
enum LiteralText {
    /// RFC 3339: `2026-01-02T03:04:05.678+01:00`. A date that does not exist is none.
    static func isDateTime(_ text: String) -> Bool {
        var reader = ByteReader(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2)
        else { return false }
        if reader.take("."), reader.digits() == 0 { return false }
        guard (1...12).contains(month), day >= 1, day <= daysInMonth(month, of: year), hour < 24, minute < 60,
            second <= 60
        else { return false }
        if reader.take("Z") || reader.take("z") { return reader.isAtEnd }
        guard reader.take("+") || reader.take("-"), let offsetHour = reader.number(2), reader.take(":"),
            let offsetMinute = reader.number(2)
        else { return false }
        return offsetHour < 24 && offsetMinute < 60 && reader.isAtEnd
    }

    /// `-12.50`, `1e-7`
    static func isNumber(_ text: String) -> Bool {
        var reader = ByteReader(text)
        _ = reader.take("-")
        guard reader.digits() > 0 else { return false }
        if reader.take("."), reader.digits() == 0 { return false }
        if reader.take("e") || reader.take("E") {
            if !reader.take("-") { _ = reader.take("+") }
            if reader.digits() == 0 { return false }
        }
        return reader.isAtEnd
    }

    /// The standard alphabet, padded to groups of four.
    static func isBase64(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count.isMultiple(of: 4) else { return false }
        let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return padding <= 2
            && bytes.dropLast(padding).allSatisfy { byte in
                let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
                return isLetter || Lexer.isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
            }
    }

    private static func daysInMonth(_ month: Int, of year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}

/// Reads ASCII forward.
private struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// A number of exactly so many digits.
    mutating func number(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard position < bytes.count, Lexer.isDigit(bytes[position]) else { return nil }
            value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        return value
    }

    /// Takes all digits that come, and says how many.
    mutating func digits() -> Int {
        let start = position
        while position < bytes.count, Lexer.isDigit(bytes[position]) { position += 1 }
        return position - start
    }
}
