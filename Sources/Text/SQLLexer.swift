/// Cuts SQL text into tokens, at the same places as PostgreSQL's own lexer.
///
/// The text alone does not decide two things, and each token says so. A backslash in a plain string is an escape or not, depending on the
/// session's `standard_conforming_strings`. A token that is not closed ends with the text.
package struct SQLLexer {
    package struct Token: Equatable {
        package enum Kind: Equatable {
            /// A keyword, or a name without quotes.
            case word
            /// A name in double quotes, `U&"…"` included.
            case quotedName
            /// In single quotes, with its prefix and all parts that lines continue, or between dollar marks.
            case string
            /// A run of digits. Points, exponents and signs are tokens of their own.
            case number
            /// `$1`
            case parameter
            /// Any other byte.
            case symbol(UInt8)
            /// `--` to the end of the line, where a carriage return counts; `/* */`, which nest.
            case comment
        }
        package let kind: Kind
        /// Its bytes in the text.
        package let range: Range<Int>
        /// A string or a name that begins with a letter: `E'…'`, `U&"…"`.
        package var isPrefixed = false
        /// True for a plain string with a backslash. Its end is that under `standard_conforming_strings = on`.
        package var isUncertain = false
        /// True if it is not closed.
        package var isOpen = false
    }

    package let bytes: [UInt8]
    private var position = 0

    package init(_ text: String) { bytes = Array(text.utf8) }

    /// Returns the next token. Comments are tokens. Nil at the end.
    package mutating func next() -> Token? {
        while let byte = byte(at: position), SQLLexer.isBlank(byte) { position += 1 }
        guard let first = byte(at: position) else { return nil }
        let start = position
        switch first {
        case UInt8(ascii: "-") where byte(at: position + 1) == first:
            skipLine()
            return token(.comment, start)
        case UInt8(ascii: "/") where byte(at: position + 1) == UInt8(ascii: "*"):
            let isClosed = skipComment()
            return token(.comment, start, isOpen: !isClosed)
        case UInt8(ascii: "'"): return string(start, prefix: nil)
        case UInt8(ascii: "\""): return quotedName(start)
        case UInt8(ascii: "$"): return dollar(start)
        case _ where SQLLexer.isDigit(first):
            skip(while: SQLLexer.isDigit)
            return token(.number, start)
        case _ where SQLLexer.beginsWord(first): return word(start)
        default:
            position += 1
            return token(.symbol(first), start)
        }
    }

    /// Returns the next token, without closed comments.
    package mutating func nextBesidesComments() -> Token? {
        while let token = next() { if token.kind != .comment || token.isOpen { return token } }
        return nil
    }

    // MARK: What a token says

    /// Returns a word with its ASCII letters in capitals.
    package func capitals(of token: Token) -> String {
        String(decoding: bytes[token.range].map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 & 0xDF : $0 }, as: UTF8.self)
    }

    /// Returns true if a token is this word. The word is in capitals.
    package func `is`(_ token: Token, _ word: StaticString) -> Bool {
        guard token.kind == .word, token.range.count == word.utf8CodeUnitCount else { return false }
        return zip(bytes[token.range], UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)).allSatisfy { byte, letter in
            byte == letter || (byte >= UInt8(ascii: "a") && byte & 0xDF == letter)
        }
    }

    // MARK: Cutting

    private func token(_ kind: Token.Kind, _ start: Int, isPrefixed: Bool = false, isUncertain: Bool = false, isOpen: Bool = false) -> Token {
        Token(kind: kind, range: start..<position, isPrefixed: isPrefixed, isUncertain: isUncertain, isOpen: isOpen)
    }

    /// Reads a word, or a string or name with a letter in front.
    private mutating func word(_ start: Int) -> Token {
        skip(while: SQLLexer.isInWord)
        guard position - start == 1, let next = byte(at: position) else { return token(.word, start) }
        let letter = bytes[start] & 0xDF
        if next == UInt8(ascii: "'"), ["B", "E", "N", "X"].contains(Unicode.Scalar(letter)) { return string(start, prefix: letter) }
        if letter == UInt8(ascii: "U"), next == UInt8(ascii: "&") {
            if byte(at: position + 1) == UInt8(ascii: "'") {
                position += 1
                return string(start, prefix: letter)
            }
            if byte(at: position + 1) == UInt8(ascii: "\"") {
                position += 1
                return quotedName(start, isPrefixed: true)
            }
        }
        return token(.word, start)
    }

    /// Reads a string from its quote on. Parts with a line end between them are one string of the first part's kind.
    private mutating func string(_ start: Int, prefix: UInt8?) -> Token {
        let takesBackslashes = prefix == UInt8(ascii: "E")
        let isPlain = prefix == nil || prefix == UInt8(ascii: "N")
        var isUncertain = false
        repeat {
            position += 1
            var isClosed = false
            while !isClosed, let byte = byte(at: position) {
                position += 1
                if byte == UInt8(ascii: "\\") {
                    if takesBackslashes { position = min(position + 1, bytes.count) }
                    if isPlain { isUncertain = true }
                } else if byte == UInt8(ascii: "'") {
                    if self.byte(at: position) == byte { position += 1 } else { isClosed = true }
                }
            }
            if !isClosed { return token(.string, start, isPrefixed: prefix != nil, isUncertain: isUncertain, isOpen: true) }
        } while skipToContinuation()
        return token(.string, start, isPrefixed: prefix != nil, isUncertain: isUncertain)
    }

    /// Skips blanks and line comments with a line end, up to the quote that continues a string.
    private mutating func skipToContinuation() -> Bool {
        var place = position
        var hasLineEnd = false
        while let byte = byte(at: place) {
            if SQLLexer.isBlank(byte) {
                if SQLLexer.endsLine(byte) { hasLineEnd = true }
                place += 1
            } else if byte == UInt8(ascii: "-"), self.byte(at: place + 1) == byte {
                while let byte = self.byte(at: place), !SQLLexer.endsLine(byte) { place += 1 }
            } else {
                guard byte == UInt8(ascii: "'"), hasLineEnd else { return false }
                position = place
                return true
            }
        }
        return false
    }

    private mutating func quotedName(_ start: Int, isPrefixed: Bool = false) -> Token {
        position += 1
        while let byte = byte(at: position) {
            position += 1
            if byte != UInt8(ascii: "\"") { continue }
            guard self.byte(at: position) == byte else { return token(.quotedName, start, isPrefixed: isPrefixed) }
            position += 1
        }
        return token(.quotedName, start, isPrefixed: isPrefixed, isOpen: true)
    }

    /// `$1`, `$$ … $$`, `$name$ … $name$`, or a dollar sign alone.
    private mutating func dollar(_ start: Int) -> Token {
        position += 1
        guard let next = byte(at: position) else { return token(.symbol(bytes[start]), start) }
        if SQLLexer.isDigit(next) {
            skip(while: SQLLexer.isDigit)
            return token(.parameter, start)
        }
        var end = position
        if SQLLexer.beginsWord(next) { while let byte = byte(at: end), SQLLexer.isInMark(byte) { end += 1 } }
        guard byte(at: end) == UInt8(ascii: "$") else { return token(.symbol(bytes[start]), start) }
        let mark = bytes[start...end]
        position = end + 1
        while position + mark.count <= bytes.count {
            if bytes[position] == mark.first, bytes[position..<position + mark.count].elementsEqual(mark) {
                position += mark.count
                return token(.string, start)
            }
            position += 1
        }
        position = bytes.count
        return token(.string, start, isOpen: true)
    }

    private mutating func skipLine() {
        while let byte = byte(at: position), !SQLLexer.endsLine(byte) { position += 1 }
    }

    /// Returns true if the comment is closed.
    private mutating func skipComment() -> Bool {
        var depth = 0
        while let first = byte(at: position) {
            switch (first, byte(at: position + 1)) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")): depth += 1
            case (UInt8(ascii: "*"), UInt8(ascii: "/")): depth -= 1
            default:
                position += 1
                continue
            }
            position += 2
            if depth == 0 { return true }
        }
        return false
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while let byte = byte(at: position), condition(byte) { position += 1 }
    }

    private func byte(at place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

    // MARK: Bytes

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
    private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func beginsWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// Why dollars: inside a word they do not begin a string.
    private static func isInWord(_ byte: UInt8) -> Bool { isInMark(byte) || byte == UInt8(ascii: "$") }
    private static func isInMark(_ byte: UInt8) -> Bool { beginsWord(byte) || isDigit(byte) }
}
