import Text

/// Reads the text of a trigger function in PL/pgSQL, far enough to know that it changes at most its own row.
///
/// A function that it does not understand counts as one that writes. It knows statements by their first words, and assignments. Queries, which
/// begin with SELECT, VALUES, TABLE or WITH or contain FROM, are not accepted. The catalog query (`CatalogFacts`) has judged the called
/// functions by name. This type only makes sure that every call was visible there.
enum TriggerSource {
    private enum Token: Equatable {
        /// In lower case.
        case word(String)
        case quoted
        case literal
        case symbol(UInt8)
        case comment
        /// A token that is not understood.
        case foreign
    }

    private static let queries: Set<String> = ["select", "values", "table", "with", "into", "execute", "call", "union", "intersect", "except"]  // ASCII
    private static let statements: Set<String> = [  // ASCII
        "declare", "begin", "end", "if", "elsif", "elseif", "else", "case", "when", "return", "raise", "null", "loop", "while", "for", "foreach",
        "exit", "continue", "exception", "assert", "perform", "get",
    ]
    /// Functions with FROM in their arguments.
    private static let wordy: Set<String> = ["substring", "extract", "trim", "overlay", "position"]  // ASCII

    /// Returns true if the function only changes NEW, computes and raises. True for an empty text.
    static func onlyAdjusts(_ source: String) -> Bool {
        var lexer = SQLLexer(source)
        var tokens: [Token] = []
        while let next = lexer.next() {
            let token = Self.token(next, lexer)
            if token == .foreign { return false }
            tokens.append(token)
        }
        return areCallsVisible(tokens) && areStatementsHarmless(tokens.filter { $0 != .comment })
    }

    // MARK: Judging

    /// Returns true if each parenthesis follows a word, or a symbol after which there can be no call.
    private static func areCallsVisible(_ tokens: [Token]) -> Bool {
        for (position, token) in tokens.enumerated() {
            let former = position > 0 ? tokens[position - 1] : .symbol(UInt8(ascii: ";"))
            if token == .symbol(UInt8(ascii: "(")) {
                switch former {
                case .quoted, .literal, .comment, .foreign: return false
                case .word(let word) where word.utf8.count > 63: return false
                case .word, .symbol: continue
                }
            }
            // Why: `(row).name` may call a function with that name.
            if token == .symbol(UInt8(ascii: ".")), former == .symbol(UInt8(ascii: ")")) || former == .symbol(UInt8(ascii: "]")) || former == .comment {
                return false
            }
        }
        return true
    }

    private static func areStatementsHarmless(_ tokens: [Token]) -> Bool {
        var isStart = true
        var isDeclaring = false
        var cases = 0
        var calls: [String] = []
        for (position, token) in tokens.enumerated() {
            let former = position > 0 ? tokens[position - 1] : .symbol(UInt8(ascii: ";"))
            // Why: in RAISE EXCEPTION the word is a level; elsewhere it begins the handlers.
            let isLevel = token == .word("exception") && former == .word("raise")
            defer { isStart = !isLevel && begins(after: token, cases) }
            switch token {
            case .word(let word):
                if queries.contains(word) { return false }
                if word == "from", former != .word("distinct"), !wordy.contains(calls.last ?? "") { return false }
                if word == "declare" { isDeclaring = true }
                if word == "begin" { isDeclaring = false }
                if word == "case", !isStart { cases += 1 }
                if word == "end", cases > 0 {
                    cases -= 1
                } else if isStart, !isDeclaring, !statements.contains(word), !isAssignment(tokens[position...]) {
                    return false
                }
            case .symbol(UInt8(ascii: "(")): if case .word(let word) = former { calls.append(word) } else { calls.append("") }
            case .symbol(UInt8(ascii: ")")): _ = calls.popLast()
            case .quoted where isStart && !isDeclaring: if !isAssignment(tokens[position...]) { return false }
            case .literal where isStart, .symbol where isStart && token != .symbol(UInt8(ascii: ";")): return false
            default: break
            }
        }
        return true
    }

    /// Returns true if a statement begins after the token.
    private static func begins(after token: Token, _ cases: Int) -> Bool {
        switch token {
        case .symbol(UInt8(ascii: ";")): true
        case .word("then"), .word("else"): cases == 0
        case .word("loop"), .word("begin"), .word("declare"): true
        default: false
        }
    }

    /// Returns true for `a := …`, `NEW.a = …` or `a[1] := …`. The first token is a name.
    private static func isAssignment(_ tokens: ArraySlice<Token>) -> Bool {
        var place = tokens.startIndex + 1
        func token(_ offset: Int) -> Token { tokens.indices.contains(place + offset) ? tokens[place + offset] : .foreign }
        while token(0) == .symbol(UInt8(ascii: ".")) {
            switch token(1) {
            case .word, .quoted: place += 2
            default: return false
            }
        }
        while token(0) == .symbol(UInt8(ascii: "[")) {
            guard let end = tokens[place...].firstIndex(of: .symbol(UInt8(ascii: "]"))) else { return false }
            place = end + 1
        }
        return token(0) == .symbol(UInt8(ascii: "=")) || (token(0) == .symbol(UInt8(ascii: ":")) && token(1) == .symbol(UInt8(ascii: "=")))
    }

    // MARK: Reading

    /// Why prefixes are not understood: such strings and names have escapes of their own.
    private static func token(_ token: SQLLexer.Token, _ lexer: SQLLexer) -> Token {
        if token.isOpen || token.isUncertain || token.isPrefixed { return .foreign }
        switch token.kind {
        case .word:
            let bytes = lexer.bytes[token.range]
            // Why: the server folds other letters by its locale.
            return bytes.contains { $0 >= 0x80 } ? .foreign : .word(String(decoding: bytes, as: UTF8.self).lowercased())
        case .quotedName: return .quoted
        case .string, .number, .parameter: return .literal
        case .symbol(let byte): return .symbol(byte)
        case .comment: return .comment
        }
    }
}
