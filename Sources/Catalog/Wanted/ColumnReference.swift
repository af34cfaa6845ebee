import Text

/// Finds out whether an SQL expression refers to columns. It is then the expression of a generated column and not a default.
///
/// It reads words and not grammar. A name is a column's if no type, function or keyword can be at its place.
struct ColumnReference {
    private var lexer: SQLLexer
    private var tokens: [SQLLexer.Token] = []

    /// - Parameter columns: the names of the table's columns.
    static func isIn(_ expression: String, columns: Set<ExactString>) -> Bool {
        let reader = ColumnReference(expression)
        return reader.tokens.indices.contains { index in
            guard let name = reader.name(index), columns.contains(ExactString(name)) else { return false }
            return reader.mayBeColumn(before: index) && reader.mayBeColumn(after: index)
        }
    }

    /// Whether an expression or definition that the server wrote has the column's name in it.
    static func names(_ column: String, in text: String) -> Bool {
        let quoted = DDL.quoted(column)
        var lexer = SQLLexer(text)
        while let token = lexer.nextBesidesComments() {
            let word = lexer.bytes[token.range]
            if token.kind == .word && word.elementsEqual(column.utf8) || token.kind == .quotedName && word.elementsEqual(quoted.utf8) { return true }
        }
        return false
    }

    private init(_ text: String) {
        lexer = SQLLexer(text)
        while let token = lexer.nextBesidesComments() { tokens.append(token) }
    }

    /// Returns the name as the server reads it: in lower case, unless it is quoted.
    private func name(_ index: Int) -> String? {
        let bytes = lexer.bytes[tokens[index].range]
        switch tokens[index].kind {
        case .word: return String(decoding: bytes.map { (0x41...0x5A).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
        case .quotedName where !tokens[index].isPrefixed && !tokens[index].isOpen:
            return Self.unquoted(bytes.dropFirst().dropLast())
        default: return nil
        }
    }

    /// Returns the content of a quoted name, where a doubled quote means one.
    private static func unquoted(_ bytes: ArraySlice<UInt8>) -> String {
        var name: [UInt8] = []
        var isSecond = false
        for byte in bytes {
            isSecond = byte == UInt8(ascii: "\"") && !isSecond
            if !isSecond { name.append(byte) }
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// True if the token before a name allows a column. A type or collation follows some words, a unit follows a literal.
    private func mayBeColumn(before index: Int) -> Bool {
        guard index > 0 else { return true }
        let token = tokens[index - 1]
        switch token.kind {
        case .string, .symbol(UInt8(ascii: ".")): return false
        case .symbol(UInt8(ascii: ":")): return index < 2 || tokens[index - 2].kind != token.kind
        // The rest of a number: `1e5`.
        case .number: return token.range.upperBound < tokens[index].range.lowerBound
        case .word: return !lexer.capitals(of: token).isExactlyOne(of: Self.precedingTypes)
        default: return true
        }
    }

    private static let precedingTypes = ["AS", "COLLATE", "WITHOUT", "WITH", "TIME", "DOUBLE", "CHARACTER"]

    /// True if the token after a name allows a column. `lower(…)`, `date '…'`, `t.column` and `extract(year FROM …)` do not.
    private func mayBeColumn(after index: Int) -> Bool {
        guard index + 1 < tokens.count else { return true }
        switch tokens[index + 1].kind {
        case .string, .symbol(UInt8(ascii: "(")), .symbol(UInt8(ascii: ".")): return false
        case .word: return !lexer.is(tokens[index + 1], "FROM")
        default: return true
        }
    }
}
