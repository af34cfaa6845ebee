extension RawQuery {
    /// True if the statement begins or ends a transaction or a savepoint. Its first words decide; comments before them are skipped.
    package var controlsTransaction: Bool { (script ?? [text]).contains(where: RawQuery.controlsTransaction) }

    private static func controlsTransaction(_ statement: String) -> Bool {
        var words = StatementWords(statement)
        let first = words.next()
        switch first {
        case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release": return true
        // Why: PREPARE TRANSACTION ends one, PREPARE alone makes a statement.
        case "prepare": return words.next() == "transaction"
        default: return false
        }
    }
}

/// The first words of a statement, in small letters.
private struct StatementWords {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    /// Returns the next word. Empty if something else comes next.
    mutating func next() -> String {
        skip()
        let word = rest.prefix { letters.contains($0 | 0x20) }
        rest = rest.dropFirst(word.count)
        return String(decoding: word.map { $0 | 0x20 }, as: UTF8.self)
    }

    private let letters = UInt8(ascii: "a")...UInt8(ascii: "z")

    /// White space, semicolons and comments, which nest.
    private mutating func skip() {
        while let byte = rest.first {
            if byte <= 0x20 || byte == UInt8(ascii: ";") {
                rest = rest.dropFirst()
            } else if rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            } else if rest.starts(with: "/*".utf8) {
                skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            if rest.starts(with: "/*".utf8) {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
            }
        } while depth > 0 && !rest.isEmpty
    }
}
