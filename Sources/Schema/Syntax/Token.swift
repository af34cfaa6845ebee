/// A piece of schema text; comments and blanks lie between the tokens.
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
        /// A character that begins nothing in this language.
        case unknown
    }

    var kind: Kind
    /// Byte offsets into the text.
    var start: Int
    var end: Int

    /// How a message calls a token of this kind that has a fixed text; nil for the others.
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
