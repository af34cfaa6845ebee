import Text

/// Reads tokens into a `SyntaxTree`.
///
/// After a mistake it continues behind the bracket, at the next line or behind the block, whichever is nearest. The block is marked as
/// damaged. So one mistake neither hides the next one nor causes others.
struct Parser {
    let text: UnsafeRawBufferPointer
    /// The position in `text` at which the file begins.
    let fileStart: Int
    var lexer: Lexer
    /// The next token.
    var current: Token
    /// Where the token before it ends.
    private(set) var previousEnd: Int
    var tree = SyntaxTree()
    var diagnostics: DiagnosticList
    private var suggestions = NameSuggestion()

    private static let keywords = ["model", "view", "enum", "type", "datasource", "generator"]

    /// Reads one file, `text` from `start` to its end, and adds its content to `tree`.
    init(
        _ text: UnsafeRawBufferPointer, from start: Int = 0, into tree: SyntaxTree = SyntaxTree(),
        diagnostics: DiagnosticList = DiagnosticList()
    ) {
        self.text = text
        fileStart = start
        self.tree = tree
        self.diagnostics = diagnostics
        lexer = Lexer(text, from: start)
        previousEnd = start
        current = lexer.next()
    }

    mutating func parse() {
        while !diagnostics.isFull {
            skipNewlines()
            if current.kind == .end { return }
            parseBlock()
        }
    }

    // MARK: Blocks

    /// `keyword Name {` … `}`
    private mutating func parseBlock() {
        guard current.kind == .identifier else {
            reportUnexpected(expected: "a block: \(Self.keywords.joined(separator: ", "))")
            tree.hasNamelessBlock = tree.hasNamelessBlock || lineHoldsBrace()
            skipStrayLine()
            return
        }
        let start = current.start
        var keyword = word(current)
        if !keyword.isExactlyOne(of: Self.keywords) {
            if isContractBlock(keyword) { return refuseContract() }
            let nearest = suggestions.nearest(to: keyword, in: Self.keywords)
            diagnostics.report(
                current.start, "unknown block \"\(keyword)\"",
                expected: "a block: \(Self.keywords.joined(separator: ", "))", suggestion: nearest)
            guard let nearest, isBlockHead() else { return skipUnknownBlock() }
            // Why: the block is read under the probable keyword, so that its name and its mistakes are known.
            keyword = nearest
        }
        advance()
        guard let name = parseBlockName(of: keyword) else { return skipUnknownBlock() }
        guard current.kind == .openBrace else {
            reportUnexpected(expected: "\"{\" after the name of the \(keyword)")
            let isOnNextLine = current.kind == .newline
            skipNewlines()
            if current.kind == .openBrace { return parseBody(of: keyword, name, from: start) }
            tree.refusedNames.insert(ExactString(name.text))
            if !isOnNextLine { skipUnknownBlock() }
            return
        }
        parseBody(of: keyword, name, from: start)
    }

    private mutating func parseBlockName(of keyword: String) -> Name? {
        guard current.kind == .identifier else {
            reportUnexpected(expected: "the name of the \(keyword)")
            tree.hasNamelessBlock = true
            return nil
        }
        return takeName()
    }

    private mutating func parseBody(of keyword: String, _ name: Name, from start: Int) {
        let documentation = documentation(before: start, acrossBlankLines: false)
        switch keyword {
        case "model", "view":
            checkName(name, of: "a model")
            parseModel(name, isView: keyword == "view", documentation)
        case "enum":
            checkName(name, of: "an enum")
            parseEnum(name, documentation)
        case "datasource":
            tree.datasources.append(parseConfiguration(name, keyword))
        case "generator":
            tree.generators.append(parseConfiguration(name, keyword))
        default:
            diagnostics.report(
                name.offset, "composite type \"\(name.text)\": PostgreSQL has none in Prisma's schema language",
                expected: "a model, or a field of type Json")
            tree.refusedNames.insert(ExactString(name.text))
            skipUnknownBlock()
        }
    }

    /// Returns true if a block of Prisma 8's contracts begins: `types {`, `namespace name {`.
    private func isContractBlock(_ keyword: String) -> Bool {
        var ahead = lexer
        let next = ahead.next().kind
        return keyword.isExactly("types") && next == .openBrace
            || keyword.isExactly("namespace") && next == .identifier && ahead.next().kind == .openBrace
    }

    private mutating func refuseContract() {
        diagnostics.report(
            current.start, "\"\(word(current))\" is a block of a Prisma 8 contract, which this library does not read",
            expected: "a schema of Prisma 5, 6 or 7")
        tree.hasNamelessBlock = true
        skipUnknownBlock()
    }

    /// Returns true if `word word {` comes next.
    private func isBlockHead() -> Bool {
        var ahead = lexer
        return current.kind == .identifier && ahead.next().kind == .identifier && ahead.next().kind == .openBrace
    }

    private func lineHoldsBrace() -> Bool {
        var ahead = lexer
        var token = current
        while token.kind != .newline, token.kind != .end {
            if token.kind == .openBrace { return true }
            token = ahead.next()
        }
        return false
    }

    /// Skips the rest of an unknown block and notes its name. Skips the rest of the line if there is no `{`.
    private mutating func skipUnknownBlock() {
        while current.kind != .openBrace {
            if current.kind == .newline || current.kind == .end { return }
            if current.kind == .identifier { tree.refusedNames.insert(ExactString(word(current))) }
            advance()
        }
        var depth = 0
        while current.kind != .end {
            if current.kind == .openBrace { depth += 1 }
            if current.kind == .closeBrace { depth -= 1 }
            advance()
            if depth == 0 { return }
        }
    }

    /// Skips a line outside of blocks, together with the block that begins in it.
    private mutating func skipStrayLine() {
        if lineHoldsBrace() { skipUnknownBlock() } else { skipLine() }
    }

    // MARK: Lines within a block

    /// Enters a block at its `{`.
    mutating func openBlock() -> Token {
        let open = current
        advance()
        skipNewlines()
        return open
    }

    /// Returns true if another line of the block follows. Consumes the `}`. Reports a block that is never closed.
    mutating func hasAnotherLine(_ open: Token, _ keyword: String, _ isDamaged: inout Bool) -> Bool {
        skipNewlines()
        if diagnostics.isFull { return false }
        if current.kind == .closeBrace {
            advance()
            return false
        }
        if current.kind == .end {
            diagnostics.report(open.start, "the block is never closed", expected: "\"}\" after the \(keyword)")
            isDamaged = true
            return false
        }
        if current.kind == .identifier, isBlockHead(), word(current).isExactlyOne(of: Self.keywords) {
            diagnostics.report(
                current.start, "\"\(word(current))\" within a block",
                expected: "\"}\" at the end of the \(keyword) before it")
            isDamaged = true
            return false
        }
        return true
    }

    var isAtLineEnd: Bool { current.kind == .newline || current.kind == .closeBrace || current.kind == .end }

    /// Checks that a line is at its end. Otherwise reports the next token and skips the rest.
    mutating func endLine(expected: String, _ isDamaged: inout Bool) {
        switch current.kind {
        case .newline: advance()
        case .closeBrace, .end: break
        default:
            reportUnexpected(expected: expected)
            isDamaged = true
            skipLine()
        }
    }

    // MARK: Tokens

    mutating func advance() {
        previousEnd = current.end
        current = lexer.next()
    }

    mutating func skipNewlines() {
        while current.kind == .newline { advance() }
    }

    /// Skips to the next line, or to a `}` before it that stands alone.
    mutating func skipLine() {
        while current.kind != .newline, current.kind != .end {
            if current.kind == .closeBrace, closesLine() { return }
            advance()
        }
        if current.kind == .newline { advance() }
    }

    private func closesLine() -> Bool {
        var ahead = lexer
        let kind = ahead.next().kind
        return kind == .newline || kind == .end
    }

    /// Returns to a place and continues from there.
    mutating func resume(at position: Int) {
        lexer.position = position
        advance()
    }

    func word(_ token: Token) -> String {
        String(decoding: text[token.start..<token.end], as: UTF8.self)
    }

    mutating func takeName() -> Name {
        let name = Name(text: word(current), offset: current.start)
        advance()
        return name
    }

    mutating func reportUnexpected(expected: String) {
        let found: String
        switch current.kind {
        case .newline: found = "the line ends here"
        case .end: found = "the text ends here"
        case .string: found = "unexpected string"
        case .brokenString: found = "a string is not closed on its line"
        case .brokenComment: found = "a comment is never closed"
        case .unknown where text[current.start] < 0x20: found = "unexpected control character"
        case .unknown: found = "unexpected \"\(shortened(current))\""
        default: found = "unexpected \"\(Token.fixedText(current.kind) ?? shortened(current))\""
        }
        diagnostics.report(current.start, found, expected: expected)
    }

    /// The text of a token, cut to the length that a message takes.
    private func shortened(_ token: Token) -> String {
        let whole = word(token)
        return whole.unicodeScalars.count <= 40 ? whole : String(whole.unicodeScalars.prefix(40)) + "…"
    }

    /// Checks a name. It begins with a letter of any alphabet, and continues with letters, digits and `_`.
    mutating func checkName(_ name: Name, of what: String) {
        guard let first = name.text.unicodeScalars.first else { return }
        if !Lexer.isLetter(first) || name.text.utf8.contains(UInt8(ascii: "-")) {
            diagnostics.report(
                name.offset, "\"\(name.text)\" cannot be the name of \(what)",
                expected: "a letter, then letters, digits or \"_\"")
        }
    }
}
