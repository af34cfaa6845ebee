import Testing
import Text

@Suite("The tokens of SQL") struct SQLLexerTests {
    /// The tokens as texts; `?` behind one that depends on a setting, `…` behind one without an end.
    private func tokens(_ text: String) -> [String] {
        var lexer = SQLLexer(text)
        var result: [String] = []
        while let token = lexer.next() {
            let kind =
                switch token.kind {
                case .word: "word"
                case .quotedName: "name"
                case .string: "string"
                case .number: "number"
                case .parameter: "parameter"
                case .symbol: "symbol"
                case .comment: "comment"
                }
            let written = String(decoding: lexer.bytes[token.range], as: UTF8.self)
            result.append("\(kind) \(written)" + (token.isUncertain ? "?" : "") + (token.isOpen ? "…" : ""))
        }
        return result
    }

    @Test(
        "are cut where PostgreSQL cuts them",
        arguments: [
            ("SELECT a_1$x, $1", ["word SELECT", "word a_1$x", "symbol ,", "parameter $1"]),
            ("1.5e3 $12a", ["number 1", "symbol .", "number 5", "word e3", "parameter $12", "word a"]),
            ("'a''b' ''", ["string 'a''b'", "string ''"]),
            ("E'a\\'b' e'\\\\' N'x'", ["string E'a\\'b'", "string e'\\\\'", "string N'x'"]),
            ("b'01' X'ff' U&'\\0061'", ["string b'01'", "string X'ff'", "string U&'\\0061'"]),
            ("'a\\' b", ["string 'a\\'?", "word b"]), ("date'2026-01-01'", ["word date", "string '2026-01-01'"]),
            ("E'a'\n -- c\n '\\'' x", ["string E'a'\n -- c\n '\\''", "word x"]), ("'a' 'b'", ["string 'a'", "string 'b'"]),
            ("\"a\"\"b\".\"c\" u&\"d\"", ["name \"a\"\"b\"", "symbol .", "name \"c\"", "name u&\"d\""]),
            ("U & \"d\"", ["word U", "symbol &", "name \"d\""]),
            ("$$a;$$ $x$ $$ $y$ $x$", ["string $$a;$$", "string $x$ $$ $y$ $x$"]), ("$é$;$é$", ["string $é$;$é$"]), ("a$b$c", ["word a$b$c"]),
            ("$1$a$", ["parameter $1", "string $a$…"]), ("2$", ["number 2", "symbol $"]), ("$-$", ["symbol $", "symbol -", "symbol $"]),
            ("a--b\rc--d", ["word a", "comment --b", "word c", "comment --d"]), ("/* /* */ */a", ["comment /* /* */ */", "word a"]),
            ("a/* /* */", ["word a", "comment /* /* */…"]), ("'a", ["string 'a…"]), ("E'\\", ["string E'\\…"]), ("\"a", ["name \"a…"]),
            ("+--x", ["symbol +", "comment --x"]), ("\u{1}é", ["symbol \u{1}", "word é"]), ("", []),
        ])
    func cut(text: String, expected: [String]) { #expect(tokens(text) == expected) }

    @Test("words are told in capitals, others' letters as they are")
    func words() throws {
        var lexer = SQLLexer("Begin übEr")
        let tokens = [lexer.next(), lexer.next()]
        let first = try #require(tokens[0])
        #expect(lexer.is(first, "BEGIN") && !lexer.is(first, "BEGI") && !lexer.is(first, "BEGIM"))
        let second = try #require(tokens[1])
        #expect(lexer.capitals(of: second) == "üBER")
        #expect(!lexer.is(second, "UBER"))
    }

    @Test("whatever the bytes, each token goes on where the last one ended")
    func anything() {
        let pieces = ["'", "\"", "$", "$a$", "\\", "E'", "U&\"", "--", "\n", "/*", "*/", "a", "1", ";", "é", " ", "$1", "."]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
            var lexer = SQLLexer(text)
            var end = 0
            while let token = lexer.next() {
                #expect(token.range.lowerBound >= end && !token.range.isEmpty && token.range.upperBound <= text.utf8.count, "\(text)")
                #expect(lexer.bytes[end..<token.range.lowerBound].allSatisfy { $0 <= 0x20 }, "\(text)")
                #expect(!token.isOpen || token.range.upperBound == text.utf8.count, "\(text)")
                end = token.range.upperBound
            }
        }
    }
}
