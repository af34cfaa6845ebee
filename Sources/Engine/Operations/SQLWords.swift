import Text

/// The words of SQL text in capitals, without comments, symbols, numbers and quoted text.
///
/// If a setting decides how the text is read (a backslash in quotes), it counts as several statements, which is the worst case.
struct SQLWords: IteratorProtocol, Sequence {
    private var lexer: SQLLexer
    private var hasEnded = false
    /// True if no second statement was found so far.
    private(set) var isOne = true

    init(_ text: String) { lexer = SQLLexer(text) }

    /// Reads the rest.
    mutating func skip() { while next() != nil {} }

    /// Returns true if one of the following words is this one. Reads them all.
    mutating func contains(_ word: String) -> Bool { contains { $0 == word } }

    mutating func contains(where isMatch: (String) -> Bool) -> Bool {
        var isFound = false
        while let word = next() { if isMatch(word) { isFound = true } }
        return isFound
    }

    mutating func next() -> String? {
        while let token = lexer.next() {
            if token.isUncertain { isOne = false }
            switch token.kind {
            case .word:
                if hasEnded { isOne = false }
                return lexer.capitals(of: token)
            case .symbol(UInt8(ascii: ";")): hasEnded = true
            default: continue
            }
        }
        return nil
    }
}
