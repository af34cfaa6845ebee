import CLinux
import Concurrency
import Synchronization
import Text

/// SQL text of the caller's own, numbered like the statements of plans so that connections can keep it prepared.
struct RawStatement {
    let statement: Statement
    /// The types of the parameters, where the caller says them; 0 and what is missing is inferred by the server.
    let types: [UInt32]
    /// What was found out about its columns, and its parameters.
    let columns = RawColumns()
    /// What it may leave behind in its session.
    let effect: SessionEffect
    /// It may end what the session has prepared: a block or a procedure does as it likes.
    let mayForget: Bool
    /// Its rows are wanted.
    var returnsRows = true

    /// Why: libpq takes a description of more for a broken connection. Such a statement is sent with its text, and its rows come as text.
    var hasTooManyParametersToDescribe: Bool { statement.slots.count > 7_498 }

    /// Whether the server has inferred a type for a parameter that would go on being used, wrongly, when the column beside it has got another one.
    func infersSilently(_ inferred: [UInt32]) -> Bool {
        inferred.enumerated().contains { position, type in
            (position >= types.count || types[position] == 0) && ColumnType(rawValue: type).turnsSilently
        }
    }

    /// Whether it may have committed something when it fails: a procedure or a block does as it likes, a script can hold a COMMIT, and what
    /// works concurrently commits in steps.
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

    /// Whether the first word is CALL or DO.
    static func isBlock(_ text: String) -> Bool {
        var lexer = SQLLexer(text)
        guard let first = lexer.nextBesidesComments() else { return false }
        return lexer.is(first, "CALL") || lexer.is(first, "DO")
    }

    private static let committing = ["CALL", "DO", "COMMIT", "END", "PREPARE", "VACUUM", "CLUSTER", "REINDEX"]
}

/// The format that all columns of a raw statement can have, known behind PgBouncer, and whether its parameters are texts. Any thread.
final class RawColumns: Sendable {
    private enum Known { static let nothing: UInt8 = 0, areBinary: UInt8 = 1, areText: UInt8 = 2 }
    private let known = Atomic<UInt8>(Known.nothing)
    private let textual = Atomic<Bool>(false)

    /// Parameters without a type have to be taken for texts: the server could not tell what else they are.
    var hasTexts: Bool { textual.load(ordering: .relaxed) }

    func learnTexts() { textual.store(true, ordering: .relaxed) }

    /// Whether each has a binary decoder; nil while it is not known.
    var areBinary: Bool? {
        let known = known.load(ordering: .relaxed)
        return known == Known.nothing ? nil : known == Known.areBinary
    }

    func learn(areBinary: Bool) { known.store(areBinary ? Known.areBinary : Known.areText, ordering: .relaxed) }
}

/// The raw statements that were sent lately, under their text. Any thread.
final class RawStatements: Sendable {
    private enum Limits {
        /// Beyond this all are forgotten: a caller that writes values into the text gains nothing by keeping it.
        static let count = 500
        /// Longer text is prepared once and not kept.
        static let bytes = 32_768
    }

    private struct Key: Hashable {
        var text: ExactString
        var types: [UInt32]
    }

    private let known = Lock<[Key: RawStatement]>([:])

    func find(_ text: String, types: [UInt32], parameterCount: Int) -> RawStatement {
        func make(_ effect: SessionEffect) -> RawStatement {
            RawStatement(
                statement: Statement(text: text, slots: Array(0..<parameterCount)), types: types, effect: effect,
                mayForget: effect == .lasting || RawStatement.isBlock(text))
        }
        // Why no look at all of it: that would be done each time.
        guard text.utf8.count <= Limits.bytes else { return make(SessionEffect(ofBeginning: text)) }
        let key = Key(text: ExactString(text), types: types)
        return known.withLock { known in
            if let raw = known[key], raw.statement.slots.count == parameterCount { return raw }
            if known.count >= Limits.count { known.removeAll() }
            let raw = make(SessionEffect(of: text))
            known[key] = raw
            return raw
        }
    }
}
