/// The tokens of a statement of the caller's own, as PostgreSQL cuts them; no more than is needed to see which words stand where.
struct SQLLexer {
    enum Token: Equatable {
        /// A word without quotes, its ASCII letters in capitals.
        case word([UInt8])
        case quotedName
        /// A string, a number or a parameter.
        case literal
        case symbol(UInt8)
        /// What follows depends on the server's settings, or has no end.
        case unclear
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func next() -> Token? {
        skipBlanks()
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "'"): return string(takesBackslashes: false)
        case UInt8(ascii: "\""): return quoted(until: UInt8(ascii: "\"")) ? .quotedName : .unclear
        case UInt8(ascii: "$"): return dollar()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            skip { SQLLexer.isInWord($0) }
            return .literal
        case _ where SQLLexer.beginsWord(byte): return word()
        default:
            position += 1
            return starts("/*") ? .unclear : .symbol(byte)
        }
    }

    private mutating func word() -> Token {
        let start = position
        skip { SQLLexer.isInWord($0) }
        let word = bytes[start..<position].map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 - 32 : $0 }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "'") else {
            // Why: in `U&"…"` a backslash says nothing about where the name ends.
            if word == [UInt8(ascii: "U")], starts("&\"") {
                position += 1
                return quoted(until: UInt8(ascii: "\"")) ? .quotedName : .unclear
            }
            return .word(word)
        }
        return word == [UInt8(ascii: "E")] ? string(takesBackslashes: true) : word.count == 1 ? string(takesBackslashes: false) : .word(word)
    }

    /// What a backslash means in a plain string is a setting of the session.
    private mutating func string(takesBackslashes: Bool) -> Token {
        position += 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\\"):
                if !takesBackslashes { return .unclear }
                position += 2
            case UInt8(ascii: "'"):
                position += 1
                if position >= bytes.count || bytes[position] != UInt8(ascii: "'") { return .literal }
                position += 1
            default: position += 1
            }
        }
        return .unclear
    }

    /// To its end, a doubled quote being none.
    private mutating func quoted(until quote: UInt8) -> Bool {
        position += 1
        while position < bytes.count {
            position += 1
            if bytes[position - 1] != quote { continue }
            if position >= bytes.count || bytes[position] != quote { return true }
            position += 1
        }
        return false
    }

    /// A parameter, or a string between two equal marks.
    private mutating func dollar() -> Token {
        let start = position
        position += 1
        skip { SQLLexer.isInWord($0) && $0 != UInt8(ascii: "$") }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "$") else { return .literal }
        position += 1
        let mark = bytes[start..<position]
        while position + mark.count <= bytes.count {
            if bytes[position] == mark.first, bytes[position..<(position + mark.count)].elementsEqual(mark) {
                position += mark.count
                return .literal
            }
            position += 1
        }
        return .unclear
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while position < bytes.count, condition(bytes[position]) { position += 1 }
    }

    /// Past blanks and comments. Stays before a comment that has no end.
    private mutating func skipBlanks() {
        while position < bytes.count {
            if starts("--") {
                skip { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            } else if starts("/*") {
                if !skipComment() { return }
            } else if [9, 10, 11, 12, 13, 32].contains(bytes[position]) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func skipComment() -> Bool {
        var depth = 0
        var end = position
        while end + 1 < bytes.count {
            let pair = (bytes[end], bytes[end + 1])
            if pair == (UInt8(ascii: "/"), UInt8(ascii: "*")) {
                depth += 1
                end += 2
            } else if pair == (UInt8(ascii: "*"), UInt8(ascii: "/")) {
                depth -= 1
                end += 2
                if depth == 0 {
                    position = end
                    return true
                }
            } else {
                end += 1
            }
        }
        return false
    }

    private func starts(_ two: StaticString) -> Bool {
        position + 1 < bytes.count && bytes[position] == two.utf8Start[0] && bytes[position + 1] == two.utf8Start[1]
    }

    private static func beginsWord(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func isInWord(_ byte: UInt8) -> Bool {
        beginsWord(byte) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "$")
    }
}
