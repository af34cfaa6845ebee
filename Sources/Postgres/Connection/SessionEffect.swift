import Text

/// What a caller's own statement may leave in its session, judged by its text alone.
///
/// Statements with known first words and known functions leave nothing. Everything else is undone before another caller uses the
/// session. Functions that triggers, views, operators and defaults call are not seen.
enum SessionEffect: Int, Comparable {
    case none
    /// Settings, roles, temporary tables, locks and cursors. `Connection.beginReset` undoes them.
    case undoable
    /// The session has to be closed.
    case lasting

    static func < (left: SessionEffect, right: SessionEffect) -> Bool { left.rawValue < right.rawValue }

    init(of statement: String) {
        var lexer = SQLLexer(statement)
        var names = Names()
        // Why in the whole text: a quoted name means the same schema.
        if SessionEffect.contains("pg_temp", statement) || SessionEffect.contains("pg_settings", statement) { names.raise(.undoable) }
        while let token = lexer.nextBesidesComments() {
            if token.isOpen || token.isUncertain {
                self = max(names.effect, .undoable)
                return
            }
            names.add(token, lexer)
        }
        self = names.effect
    }

    /// Judges a statement that is too long to be read to its end.
    init(ofBeginning statement: String) {
        var lexer = SQLLexer(statement)
        var names = Names()
        names.raise(.undoable)
        for _ in 0..<8 {
            if let token = lexer.nextBesidesComments() { names.add(token, lexer) }
        }
        self = names.effect
    }

    /// True if the text contains the name, in any case. It is used for the temporary schema and for the view that sets what is written to it.
    private static func contains(_ name: StaticString, _ text: String) -> Bool {
        var matched = 0
        for byte in text.utf8 {
            let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
            matched = lower == name.utf8Start[matched] ? matched + 1 : lower == name.utf8Start[0] ? 1 : 0
            if matched == name.utf8CodeUnitCount { return true }
        }
        return false
    }
}

/// Reads a statement name by name. A name before a parenthesis is a function, except for known other meanings.
private struct Names {
    private(set) var effect = SessionEffect.none
    /// Number of words so far.
    private var count = 0
    private var first: ExactString = ""
    /// The words of a name that is joined by dots. Empty if the last token was not part of a name. A quoted name is an empty word.
    private var name: [ExactString] = []
    /// The word before the name, if there is one.
    private var before: ExactString = ""
    private var isJoined = false

    mutating func add(_ token: SQLLexer.Token, _ lexer: SQLLexer) {
        switch token.kind {
        case .word:
            count += 1
            let word = ExactString(lexer.capitals(of: token))
            add(name: word)
            judge(word)
        case .quotedName: add(name: "")
        case .symbol(UInt8(ascii: ";")):
            endName()
            count = 0
        case .symbol(UInt8(ascii: ".")) where !name.isEmpty: isJoined = true
        case .symbol(UInt8(ascii: "(")):
            if !name.isEmpty, !isJoined, isUnknownCall { raise(.undoable) }
            endName()
        default: endName()
        }
    }

    private mutating func add(name word: ExactString) {
        if !isJoined {
            before = name.last ?? ""
            name = []
        }
        name.append(word)
        isJoined = false
    }

    private mutating func endName() {
        name = []
        isJoined = false
    }

    mutating func raise(_ effect: SessionEffect) { self.effect = max(self.effect, effect) }

    private mutating func judge(_ word: ExactString) {
        if count == 1 {
            first = word
            if Words.lasting.contains(word) { raise(.lasting) } else if !Words.clean.contains(word), word != "SET" { raise(.undoable) }
        } else if count == 2, first == "SET", !Words.ofTransaction.contains(word) {
            raise(.undoable)
        }
        if Words.temporary.contains(word) { raise(.undoable) }
    }

    private var isUnknownCall: Bool {
        let isOfCatalog = name.count == 2 && name[0] == "PG_CATALOG"
        if name.count == 1 || isOfCatalog, let word = name.last {
            if Words.functions.contains(word) || (!isOfCatalog && Words.beforeParenthesis.contains(word)) { return false }
        }
        // Why: a table with its columns, or an alias, is not a function.
        return !Words.beforeTarget.contains(before)
    }
}

private enum Words {
    static let lasting: Set<ExactString> = ["PREPARE", "DEALLOCATE", "DISCARD", "LOAD", "LISTEN", "UNLISTEN"]
    static let clean: Set<ExactString> = [
        "SELECT", "VALUES", "TABLE", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "SHOW", "EXPLAIN", "NOTIFY", "TRUNCATE", "LOCK", "COMMENT",
        "CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "VACUUM", "ANALYZE", "REINDEX", "REFRESH", "CLUSTER", "COPY",
    ]
    /// Words after SET whose effect ends with the transaction.
    static let ofTransaction: Set<ExactString> = ["LOCAL", "TRANSACTION", "CONSTRAINTS"]
    static let temporary: Set<ExactString> = ["TEMP", "TEMPORARY", "EXECUTE", "DECLARE"]
    static let beforeTarget: Set<ExactString> = ["INTO", "AS", "WITH", "RECURSIVE"]
    /// Words that are not functions although a parenthesis may follow.
    static let beforeParenthesis: Set<ExactString> = [
        "ALL", "AND", "ANY", "ARRAY", "AS", "BETWEEN", "BY", "CASE", "CHECK", "CONFLICT", "CUBE", "DISTINCT", "ELSE", "EXCEPT", "EXISTS", "FILTER",
        "FROM", "GROUP", "GROUPING", "HAVING", "IN", "INTERSECT", "IS", "JOIN", "KEY", "LATERAL", "LIKE", "ILIKE", "LIMIT", "MATERIALIZED", "NOT",
        "OFFSET", "ON", "OR", "OVER", "REFERENCES", "RETURNING", "ROLLUP", "ROW", "SELECT", "SET", "SETS", "SOME", "THEN", "UNION", "UNIQUE", "USING",
        "VALUES", "WHEN", "WHERE", "WITHIN", "ANALYZE", "EXPLAIN", "OPERATOR", "TO", "END",
        "BIT", "BPCHAR", "CHAR", "CHARACTER", "DECIMAL", "FLOAT", "INTERVAL", "NUMERIC", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "TIMETZ", "VARBIT", "VARCHAR",
        "VARYING", "PRECISION",
    ]
    /// Built-in functions that change nothing in the session.
    static let functions: Set<ExactString> = [
        "ABS", "AGE", "ARRAY_AGG", "ARRAY_APPEND", "ARRAY_CAT", "ARRAY_LENGTH", "ARRAY_POSITION", "ARRAY_PREPEND", "ARRAY_REMOVE", "ARRAY_TO_JSON",
        "ARRAY_TO_STRING", "AVG", "BIT_AND", "BIT_OR", "BOOL_AND", "BOOL_OR", "BTRIM", "CARDINALITY", "CAST", "CEIL", "CEILING", "CHAR_LENGTH", "CHR",
        "CLOCK_TIMESTAMP", "COALESCE", "CONCAT", "CONCAT_WS", "CORR", "COUNT", "CUME_DIST", "CURRENT_DATABASE", "CURRENT_SCHEMA", "CURRENT_SCHEMAS",
        "CURRENT_SETTING", "DATE", "DATE_BIN", "DATE_PART", "DATE_TRUNC", "DECODE", "DENSE_RANK", "DIV", "ENCODE", "EVERY", "EXP", "EXTRACT",
        "FIRST_VALUE", "FLOOR", "FORMAT", "FORMAT_TYPE", "GENERATE_SERIES", "GEN_RANDOM_UUID", "GREATEST", "INITCAP", "JSONB_AGG", "JSONB_ARRAY_ELEMENTS",
        "JSONB_ARRAY_ELEMENTS_TEXT", "JSONB_ARRAY_LENGTH", "JSONB_BUILD_ARRAY", "JSONB_BUILD_OBJECT", "JSONB_EACH", "JSONB_EACH_TEXT",
        "JSONB_EXTRACT_PATH", "JSONB_EXTRACT_PATH_TEXT", "JSONB_OBJECT_AGG", "JSONB_OBJECT_KEYS", "JSONB_PATH_EXISTS", "JSONB_PATH_QUERY",
        "JSONB_PATH_QUERY_ARRAY", "JSONB_PRETTY", "JSONB_SET", "JSONB_STRIP_NULLS", "JSONB_TO_RECORDSET", "JSONB_TYPEOF", "JSON_AGG",
        "JSON_ARRAY_ELEMENTS", "JSON_BUILD_ARRAY", "JSON_BUILD_OBJECT", "JSON_OBJECT_AGG", "JSON_TO_RECORDSET", "LAG", "LAST_VALUE", "LEAD", "LEAST",
        "LEFT", "LENGTH", "LN", "LOCALTIME", "LOCALTIMESTAMP", "LOG", "LOWER", "LPAD", "LTRIM", "MAKE_DATE", "MAKE_INTERVAL", "MAKE_TIMESTAMP", "MAX",
        "MD5", "MIN", "MOD", "MODE", "NEXTVAL", "NOW", "NTH_VALUE", "NTILE", "NULLIF", "NUM_NONNULLS", "NUM_NULLS", "OCTET_LENGTH", "OVERLAY",
        "PERCENTILE_CONT", "PERCENTILE_DISC", "PERCENT_RANK", "PG_ADVISORY_XACT_LOCK", "PG_ADVISORY_XACT_LOCK_SHARED", "PG_BACKEND_PID",
        "PG_COLUMN_SIZE", "PG_DATABASE_SIZE", "PG_GET_SERIAL_SEQUENCE", "PG_NOTIFY", "PG_RELATION_SIZE", "PG_SLEEP", "PG_TABLE_SIZE",
        "PG_TOTAL_RELATION_SIZE", "PG_TRY_ADVISORY_XACT_LOCK", "PG_TYPEOF", "PHRASETO_TSQUERY", "PLAINTO_TSQUERY", "POSITION", "POW", "POWER", "RANDOM",
        "RANK", "REGEXP_MATCH", "REGEXP_MATCHES", "REGEXP_REPLACE", "REGEXP_SPLIT_TO_ARRAY", "REGEXP_SPLIT_TO_TABLE", "REPEAT", "REPLACE", "REVERSE",
        "RIGHT", "ROUND", "ROW_NUMBER", "ROW_TO_JSON", "RPAD", "RTRIM", "SETVAL", "SHA256", "SIGN", "SPLIT_PART", "SQRT", "STARTS_WITH",
        "STATEMENT_TIMESTAMP", "STDDEV", "STRING_AGG", "STRING_TO_ARRAY", "STRPOS", "SUBSTR", "SUBSTRING", "SUM", "TIMEOFDAY", "TIMEZONE", "TO_CHAR",
        "TO_DATE", "TO_JSON", "TO_JSONB", "TO_NUMBER", "TO_REGCLASS", "TO_TIMESTAMP", "TO_TSQUERY", "TO_TSVECTOR", "TRANSACTION_TIMESTAMP", "TRANSLATE",
        "TRIM", "TRUNC", "TS_HEADLINE", "TS_RANK", "TS_RANK_CD", "UNNEST", "UPPER", "VARIANCE", "VERSION",
        "WEBSEARCH_TO_TSQUERY", "WIDTH_BUCKET", "XMLELEMENT",
    ]
}
