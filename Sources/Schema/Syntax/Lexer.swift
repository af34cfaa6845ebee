/// Cuts schema text into tokens. It is a value, so a copy marks a place to return to.
///
/// It reads only within the buffer, whatever the bytes are. Each call moves forward or returns `end`.
struct Lexer {
    /// The text up to the end of the file that is read. It begins with the files before it.
    let text: UnsafeRawBufferPointer
    var position: Int

    init(_ text: UnsafeRawBufferPointer, from start: Int = 0) {
        self.text = text
        position = start
        // Why: editors on Windows put a byte order mark in front.
        if byte() == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF { position += 3 }
    }

    /// The byte at a distance from the position; 0 beyond the end.
    private func byte(_ distance: Int = 0) -> UInt8 {
        let index = position + distance
        return index < text.count ? text[index] : 0
    }

    mutating func next() -> Token {
        if let broken = skipBlanks() { return broken }
        let start = position
        guard start < text.count else { return Token(kind: .end, start: start, end: start) }
        let first = text[start]
        switch first {
        case UInt8(ascii: "\""): return lexString(from: start)
        case UInt8(ascii: "@"):
            let isDouble = byte(1) == UInt8(ascii: "@")
            return take(isDouble ? .doubleAt : .at, isDouble ? 2 : 1)
        case UInt8(ascii: "-") where Self.isDigit(byte(1)): return lexNumber(from: start)
        default: break
        }
        if let kind = Self.punctuation(first) { return take(kind, 1) }
        if Self.isDigit(first) { return lexNumber(from: start) }
        if Self.isNamePart(first) ? first != UInt8(ascii: "-") : wideNamePart() > 0 { return lexIdentifier(from: start) }
        return lexUnknown(from: start)
    }

    private mutating func take(_ kind: Token.Kind, _ length: Int) -> Token {
        let start = position
        position += length
        return Token(kind: kind, start: start, end: position)
    }

    /// Skips blanks and comments, not line ends. A comment that is never closed is returned as a token.
    private mutating func skipBlanks() -> Token? {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0B, 0x0C:
                position += 1
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
                while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
                if let broken = skipBlockComment() { return broken }
            default:
                return nil
            }
        }
        return nil
    }

    private mutating func skipBlockComment() -> Token? {
        let start = position
        position += 2
        while position < text.count {
            if text[position] == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                position += 2
                return nil
            }
            position += 1
        }
        return Token(kind: .brokenComment, start: start, end: position)
    }

    /// Reads from quote to quote on one line. A backslash and the byte behind it belong together.
    private mutating func lexString(from start: Int) -> Token {
        position += 1
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return Token(kind: .string, start: start, end: position)
            case UInt8(ascii: "\n"):
                return Token(kind: .brokenString, start: start, end: position)
            case UInt8(ascii: "\\") where byte(1) != UInt8(ascii: "\n") && position + 1 < text.count:
                position += 2
            default:
                position += 1
            }
        }
        return Token(kind: .brokenString, start: start, end: position)
    }

    /// Reads `-?digits(.digits)?`. Digits with letters behind them are an identifier, which is refused as a name.
    private mutating func lexNumber(from start: Int) -> Token {
        position += 1
        while Self.isDigit(byte()) { position += 1 }
        if Self.isNamePart(byte()) || wideNamePart() > 0, text[start] != UInt8(ascii: "-") { return lexIdentifier(from: start) }
        if byte() == UInt8(ascii: "."), Self.isDigit(byte(1)) {
            position += 1
            while Self.isDigit(byte()) { position += 1 }
        }
        return Token(kind: .number, start: start, end: position)
    }

    private mutating func lexIdentifier(from start: Int) -> Token {
        while true {
            if Self.isNamePart(byte()) { position += 1 } else if case let length = wideNamePart(), length > 0 { position += length } else { break }
        }
        return Token(kind: .identifier, start: start, end: position)
    }

    /// Reads one control character or punctuation mark, or a run of non-ASCII characters that are neither letters nor digits.
    private mutating func lexUnknown(from start: Int) -> Token {
        position += 1
        if text[start] >= 0x80 {
            while byte() >= 0x80, wideNamePart() == 0 { position += 1 }
        }
        return Token(kind: .unknown, start: start, end: position)
    }

    /// The length of the non-ASCII letter or digit here. 0 if there is none.
    private func wideNamePart() -> Int {
        guard byte() >= 0xC2, let (scalar, length) = scalar(), Self.isLetter(scalar) || Self.isNumber(scalar) else { return 0 }
        return length
    }

    /// The scalar of several bytes that begins here, and its length. The text is valid UTF-8.
    private func scalar() -> (Unicode.Scalar, Int)? {
        let first = UInt32(byte())
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        var value = first & (0x7F >> UInt32(length))
        for distance in 1..<length { value = value << 6 | UInt32(byte(distance) & 0x3F) }
        return Unicode.Scalar(value).map { ($0, length) }
    }

    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    static func isNumber(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    private static func punctuation(_ byte: UInt8) -> Token.Kind? {
        switch byte {
        case UInt8(ascii: "\n"): .newline
        case UInt8(ascii: "{"): .openBrace
        case UInt8(ascii: "}"): .closeBrace
        case UInt8(ascii: "("): .openParenthesis
        case UInt8(ascii: ")"): .closeParenthesis
        case UInt8(ascii: "["): .openBracket
        case UInt8(ascii: "]"): .closeBracket
        case UInt8(ascii: ","): .comma
        case UInt8(ascii: ":"): .colon
        case UInt8(ascii: "."): .dot
        case UInt8(ascii: "="): .equals
        case UInt8(ascii: "?"): .question
        default: nil
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// Returns true for letters, digits, `_` and `-`. The last is included so that the message can name it.
    static func isNamePart(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || isDigit(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
