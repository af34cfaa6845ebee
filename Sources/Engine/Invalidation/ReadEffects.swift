import Text

/// What raw statements that read may change something by, in one database: functions that may write, and the views and tables that call them.
///
/// Names are compared in small letters. A name that means something else, a column for example, counts as well.
struct ReadEffects: Sendable, Equatable {
    private var names: Set<ExactString> = []
    /// Symbols of operators.
    private var symbols: Set<ExactString> = []
    /// Operators or casts may write, which the text of a statement does not name.
    private(set) var areHidden = false

    init() {}

    /// - Parameter names: in small letters, with U+0001 between them; symbols of operators begin with U+0002.
    init(names: String?, areHidden: Bool) {
        for name in (names ?? "").utf8.split(separator: 1) {
            let isSymbol = name.first == 2
            let text = ExactString(String(decoding: isSymbol ? name.dropFirst() : name, as: UTF8.self))
            if isSymbol { symbols.insert(text) } else { self.names.insert(text) }
        }
        self.areHidden = areHidden
    }

    /// Whether a statement that begins as one that reads may change something.
    func mayWrite(_ statement: String) -> Bool {
        if areHidden { return true }
        if symbols.contains(where: { ReadEffects.contains(statement, $0.text) }) { return true }
        if names.isEmpty { return false }
        var lexer = SQLLexer(statement)
        while let token = lexer.nextBesidesComments() {
            if token.isOpen || token.isUncertain { return true }
            switch token.kind {
            case .word, .quotedName:
                // Why: how its escapes are written, the statement says elsewhere.
                if token.isPrefixed, token.kind == .quotedName { return true }
                let name = ReadEffects.name(lexer.bytes[token.range])
                if names.contains(ExactString(name)) || ReadEffects.runsText(name) { return true }
            default: continue
            }
        }
        return false
    }

    /// Whether the symbol stands anywhere in the text. Why not as a token of its own: a longer operator, a comment or a text counts as well.
    private static func contains(_ statement: String, _ symbol: String) -> Bool {
        var rest = statement.utf8[...]
        while let first = symbol.utf8.first, let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: symbol.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// Functions of the server's own that run a query which they get as text.
    private static func runsText(_ name: String) -> Bool {
        ["ts_stat", "ts_rewrite"].contains(name) || name.hasSuffix("_to_xml") || name.hasSuffix("_xmlschema")
    }

    /// As the catalog has it: without quotes, cut to 63 bytes between two characters, in small letters.
    private static func name(_ token: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var isHalf = false
        let quote = UInt8(ascii: "\"")
        for byte in token.first == quote ? token.dropFirst().dropLast() : token {
            // Two quotes inside quotes are one.
            isHalf = byte == quote && !isHalf
            if !isHalf { bytes.append(byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte) }
        }
        var end = min(bytes.count, 63)
        while end > 0, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
