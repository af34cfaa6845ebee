import Text

/// A statement of a script in the form that an error may show: on one line, without comments, and with `'…'` and `?` for values.
struct StatementSketch {
    private var lexer: SQLLexer
    private let keepsNumbers: Bool
    private var text: [UInt8] = []

    /// Returns the statement with that number, counted from 1 as the server counts. Nil if there is none.
    ///
    /// - Parameter keepsNumbers: true if the library wrote the script, whose numbers are lengths.
    static func text(_ number: Int, of script: String, keepsNumbers: Bool = false) -> String? {
        var sketch = StatementSketch(lexer: SQLLexer(script), keepsNumbers: keepsNumbers)
        var count = 0
        while let text = sketch.next() {
            count += 1
            if count == number { return cut(text) }
        }
        return nil
    }

    private static func cut(_ text: [UInt8]) -> String {
        guard text.count > Limits.sketchBytes else { return String(decoding: text, as: UTF8.self) }
        var end = Limits.sketchBytes
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: text[..<end], as: UTF8.self) + " …"
    }

    /// Returns the next statement that is more than blanks and comments.
    private mutating func next() -> [UInt8]? {
        text = []
        // The depth of parentheses: a rule has several statements inside them.
        var depth = 0
        var (end, isInNumber) = (0, false)
        while let token = lexer.nextBesidesComments() {
            switch token.kind {
            case .symbol(UInt8(ascii: ";")) where depth == 0:
                if !text.isEmpty { return text }
                continue
            case .symbol(UInt8(ascii: "(")): depth += 1
            case .symbol(UInt8(ascii: ")")): depth = max(depth - 1, 0)
            // A token without an end may hold anything.
            case .comment: continue
            default: break
            }
            let isAdjacent = token.range.lowerBound == end
            end = token.range.upperBound
            if !text.isEmpty, !isAdjacent { text.append(UInt8(ascii: " ")) }
            // The rest of a number: `.5`, `e10`.
            let isRest = isInNumber && isAdjacent && token.kind.mayEndNumber
            isInNumber = isRest || token.kind == .number && !keepsNumbers
            if !isRest { append(token) }
        }
        return text.isEmpty ? nil : text
    }

    private mutating func append(_ token: SQLLexer.Token) {
        let bytes = lexer.bytes[token.range]
        switch token.kind {
        case .string where bytes.first == UInt8(ascii: "$"): text += "$…$".utf8
        case .string: text += bytes.prefix { $0 != UInt8(ascii: "'") } + "'…'".utf8
        case .number where !keepsNumbers: text.append(UInt8(ascii: "?"))
        default: text += bytes
        }
    }
}

extension SQLLexer.Token.Kind {
    fileprivate var mayEndNumber: Bool { self == .word || self == .number || self == .symbol(UInt8(ascii: ".")) }
}
