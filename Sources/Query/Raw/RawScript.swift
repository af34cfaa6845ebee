import Text

/// SQL text that may hold several statements.
enum RawScript {
    /// Returns the largest parameter number of the text: 3 for `$1 + $3`. Quotes and comments do not count.
    static func highestParameter(in text: String) -> Int {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return 0 }
        var lexer = SQLLexer(text)
        var highest = 0
        while let token = lexer.next() {
            guard token.kind == .parameter else { continue }
            let number = lexer.bytes[token.range].dropFirst().reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), QueryLimit.slots) }
            highest = max(highest, number)
        }
        return highest
    }

    /// Returns the statements between the semicolons, without empty ones. Semicolons in quotes, dollar quotes and comments, and in
    /// the body of a function that is written as `BEGIN ATOMIC … END`, separate nothing.
    static func statements(of text: String) -> [String] {
        // Why first: nearly every text has no semicolon.
        guard text.utf8.contains(UInt8(ascii: ";")) else { return [text] }
        var lexer = SQLLexer(text)
        var result: [String] = []
        var start = 0
        var hasContent = false
        var body = FunctionBody()
        while let token = lexer.nextBesidesComments(), token.kind != .comment {
            if token.kind == .symbol(UInt8(ascii: ";")), !body.isOpen {
                if hasContent { result.append(String(decoding: lexer.bytes[start..<token.range.lowerBound], as: UTF8.self)) }
                start = token.range.upperBound
                hasContent = false
                body = FunctionBody()
            } else {
                hasContent = true
                body.add(token, lexer)
            }
        }
        if hasContent { result.append(String(decoding: lexer.bytes[start...], as: UTF8.self)) }
        return result
    }

    /// Knows whether the text is within `BEGIN ATOMIC … END`.
    private struct FunctionBody {
        /// `BEGIN ATOMIC` and `CASE` that have no `END` yet.
        private var depth = 0
        private var isAfterBegin = false

        var isOpen: Bool { depth > 0 }

        mutating func add(_ token: SQLLexer.Token, _ lexer: SQLLexer) {
            if isAfterBegin, lexer.is(token, "ATOMIC") { depth += 1 }
            if isOpen, lexer.is(token, "CASE") { depth += 1 }
            if isOpen, lexer.is(token, "END") { depth -= 1 }
            isAfterBegin = lexer.is(token, "BEGIN")
        }
    }
}
