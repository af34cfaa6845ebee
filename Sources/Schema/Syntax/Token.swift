/// A piece of schema text. Comments and blanks lie between tokens.
struct Token {
    enum Kind {
        case identifier, number, string
        case openBrace, closeBrace, openParenthesis, closeParenthesis, openBracket, closeBracket
        case comma, colon, dot, equals, question, at, doubleAt
        case newline, end
        /// A string without its closing quote on the same line.
        case brokenString
        /// A `/*` without `*/`.
        case brokenComment
        /// A character that no token begins with.
        case unknown
    }

    var kind: Kind
    /// Byte offsets into the text.
    var start: Int
    var end: Int

    /// The text of a kind of token in messages. Nil if the kind has no fixed text.
    static func fixedText(_ kind: Kind) -> String? {
        switch kind {
        case .openBrace: "{"
        case .closeBrace: "}"
        case .openParenthesis: "("
        case .closeParenthesis: ")"
        case .openBracket: "["
        case .closeBracket: "]"
        case .comma: ","
        case .colon: ":"
        case .dot: "."
        case .equals: "="
        case .question: "?"
        case .at: "@"
        case .doubleAt: "@@"
        case .identifier, .number, .string, .newline, .end, .brokenString, .brokenComment, .unknown: nil
        }
    }
}
