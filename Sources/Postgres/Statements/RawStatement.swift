import CLinux
import Concurrency
import Synchronization
import Text

/// SQL text of the caller. It has a number, like a plan's statements, so that connections can keep it prepared.
struct RawStatement {
    let statement: Statement
    /// The parameter types that the caller gave. The server infers 0 and missing ones.
    let types: [UInt32]
    /// What is known about its columns and parameters.
    let columns = RawColumns()
    /// What it may leave in its session.
    let effect: SessionEffect
    /// True if it may drop prepared statements. A block or a procedure can do anything.
    let mayForget: Bool
    /// True if it may change something: its text is no plain read.
    let mayWrite: Bool
    /// True if its rows are wanted.
    var returnsRows = true

    /// True if the statement must be sent as text, and its rows must come as text.
    /// Why: libpq takes the description of more parameters for a broken connection.
    var hasTooManyParametersToDescribe: Bool { statement.slots.count > 7_498 }

    /// True if the server inferred a parameter type that would silently stay in use after the column's type changes.
    func infersSilently(_ inferred: [UInt32]) -> Bool {
        let suspects = inferred.indices.filter { position in
            (position >= types.count || types[position] == 0) && ColumnType(rawValue: inferred[position]).turnsSilently
        }
        return !suspects.isEmpty && !suspects.allSatisfy(RawStatement.castParameters(of: String(cString: statement.text)).contains)
    }

    /// Returns the positions of the parameters that have a cast of their own wherever they occur: `$1::date`. No column gives those a type.
    static func castParameters(of text: String) -> Set<Int> {
        var lexer = SQLLexer(text)
        var cast: Set<Int> = []
        var bare: Set<Int> = []
        var last: Int?
        var colons = 0
        while true {
            let token = lexer.nextBesidesComments()
            if token?.kind == .symbol(UInt8(ascii: ":")), last != nil, colons < 2 {
                colons += 1
                continue
            }
            if let position = last { if colons == 2 { cast.insert(position) } else { bare.insert(position) } }
            guard let token else { return cast.subtracting(bare) }
            if token.isOpen || token.isUncertain { return [] }
            last = token.kind == .parameter ? Int(lexer.capitals(of: token).dropFirst()).map { $0 - 1 } : nil
            colons = 0
        }
    }

    /// True if the statement may have committed something when it fails.
    ///
    /// A procedure or a block can do anything, a script can contain a COMMIT, and a CONCURRENTLY commits in steps.
    var mayCommit: Bool {
        var lexer = SQLLexer(String(cString: statement.text))
        var isFirst = true
        while let token = lexer.nextBesidesComments() {
            if token.isOpen || token.isUncertain { return true }
            switch token.kind {
            case .symbol(UInt8(ascii: ";")): isFirst = true
            case .word:
                let word = lexer.capitals(of: token)
                if word.isExactly("CONCURRENTLY") || (isFirst && word.isExactlyOne(of: RawStatement.committing)) { return true }
                isFirst = false
            default: isFirst = false
            }
        }
        return false
    }

    /// True if the first word is CALL or DO.
    static func isBlock(_ text: String) -> Bool {
        var lexer = SQLLexer(text)
        guard let first = lexer.nextBesidesComments() else { return false }
        return lexer.is(first, "CALL") || lexer.is(first, "DO")
    }

    /// Whether the text is one plain read that calls known functions alone, none of which writes.
    ///
    /// What views, operators and columns that are functions call is not seen, as in a read of a model.
    static func isPlainRead(_ text: String) -> Bool {
        var lexer = SQLLexer(text)
        var last = ""
        var hasEnded = false
        while let token = lexer.nextBesidesComments() {
            if token.isOpen || token.isUncertain || hasEnded { return false }
            hasEnded = token.kind == .symbol(UInt8(ascii: ";"))
            guard token.kind == .word else { continue }
            let word = lexer.capitals(of: token)
            if last.isEmpty, !word.isExactlyOne(of: reading) { return false }
            let isLock = word.isExactly("UPDATE") && last.isExactlyOne(of: ["FOR", "KEY"])
            if !isLock, word.isExactlyOne(of: changing) { return false }
            last = word
        }
        return !last.isEmpty
    }

    private static let reading = ["SELECT", "VALUES", "TABLE", "WITH", "SHOW"]
    /// Words for changes, and the known functions that change something outside tables.
    private static let changing = ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "NEXTVAL", "SETVAL", "PG_NOTIFY"]

    private static let committing = ["CALL", "DO", "COMMIT", "END", "PREPARE", "VACUUM", "CLUSTER", "REINDEX"]
}

/// What is known of a raw statement: the format that all its columns can have, behind PgBouncer, and whether its parameters are text.
/// Any thread may use it.
final class RawColumns: Sendable {
    private enum Known { static let nothing: UInt8 = 0, areBinary: UInt8 = 1, areText: UInt8 = 2 }
    private let known = Atomic<UInt8>(Known.nothing)
    private let textual = Atomic<Bool>(false)

    /// True if parameters without a type are taken as text, because the server could not infer their types.
    var hasTexts: Bool { textual.load(ordering: .relaxed) }

    func learnTexts() { textual.store(true, ordering: .relaxed) }

    /// True if each column has a binary decoder. Nil until it is known.
    var areBinary: Bool? {
        let known = known.load(ordering: .relaxed)
        return known == Known.nothing ? nil : known == Known.areBinary
    }

    func learn(areBinary: Bool) { known.store(areBinary ? Known.areBinary : Known.areText, ordering: .relaxed) }
}

/// The raw statements that were sent lately, by their text. Any thread may use it.
final class RawStatements: Sendable {
    private struct Key: Hashable {
        var text: ExactString
        var types: [UInt32]
    }

    private let known = Lock<[Key: RawStatement]>([:])

    func find(_ text: String, types: [UInt32], parameterCount: Int) -> RawStatement {
        func make(_ effect: SessionEffect) -> RawStatement {
            RawStatement(
                statement: Statement(text: text, slots: Array(0..<parameterCount)), types: types, effect: effect,
                mayForget: effect == .lasting || RawStatement.isBlock(text), mayWrite: effect != .none || !RawStatement.isPlainRead(text))
        }
        // Why only the beginning: the whole text would be scanned each time.
        guard text.utf8.count <= PostgresLimit.rawStatementBytes else { return make(SessionEffect(ofBeginning: text)) }
        let key = Key(text: ExactString(text), types: types)
        return known.withLock { known in
            if let raw = known[key], raw.statement.slots.count == parameterCount { return raw }
            if known.count >= PostgresLimit.rawStatements { known.removeAll() }
            let raw = make(SessionEffect(of: text))
            known[key] = raw
            return raw
        }
    }
}
