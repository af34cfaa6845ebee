import Text

/// The words of SQL text in capitals; comments, signs, numbers and what stands in quotes left out.
///
/// Where a setting decides how the text is read (a backslash in quotes), it is taken for several statements, which is the worst case.
struct SQLWords: IteratorProtocol, Sequence {
    private var lexer: SQLLexer
    private var hasEnded = false
    /// Whether no second statement was met so far.
    private(set) var isOne = true

    init(_ text: String) { lexer = SQLLexer(text) }

    /// Reads the rest.
    mutating func skip() { while next() != nil {} }

    /// Whether one of the words that follow is this. Reads them all.
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
