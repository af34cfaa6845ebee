import Query

/// What a statement of the caller's own may change, told from its first words.
enum RawEffect: Equatable {
    /// It reads, unless a function that it calls writes.
    case none
    case writes
    /// It may change how tables behave, too.
    case defines
    /// The same, and it may commit before it fails.
    case calls

    init(of statement: String) {
        var words = SQLWords(statement)
        self = Self.effect(of: &words)
        // Why: of several statements the first ones may be committed before a later one fails.
        if !words.isOne { self = .calls }
    }

    private static func effect(of words: inout SQLWords) -> RawEffect {
        let first = words.next()
        switch first {
        case "VALUES", "TABLE", "SHOW":
            words.skip()
            return .none
        case "SELECT": return words.contains("INTO") ? .defines : .none
        case "WITH": return words.contains(where: writing.contains) ? .writes : .none
        case "EXPLAIN":
            while let word = words.next() {
                if options.contains(word) { continue }
                return word == "SELECT" || word == "VALUES" || word == "TABLE" || word == "WITH"
                    ? words.contains(where: writing.contains) ? .writes : .none : .defines
            }
            return .writes
        case "DO", "CALL":
            words.skip()
            return .calls
        default:
            words.skip()
            return first.map(changing.contains) ?? true ? .writes : .defines
        }
    }

    /// What changes data below a WITH; INTO makes a table.
    private static let writing: Set<String> = ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO"]  // ASCII

    /// Statements that leave tables as they are made. What is not listed may define something.
    private static let changing: Set<String> = [  // ASCII
        "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY", "LOCK", "NOTIFY", "LISTEN", "UNLISTEN", "FETCH", "MOVE", "CLOSE", "DECLARE",
        "ANALYZE", "VACUUM", "CHECKPOINT",
    ]

    /// What may stand between EXPLAIN and its statement.
    private static let options: Set<String> = [  // ASCII
        "ANALYZE", "ANALYSE", "VERBOSE", "COSTS", "SETTINGS", "BUFFERS", "WAL", "TIMING", "SUMMARY", "FORMAT", "GENERIC", "PLAN", "MEMORY", "SERIALIZE",
        "TEXT", "XML", "JSON", "YAML", "ON", "OFF", "TRUE", "FALSE", "NONE", "BINARY",
    ]
}

extension Client {
    /// What a statement of the caller's own takes effect on: the tables that `touches` names, with those that actions of relations reach;
    /// everything when it names none and may write, or names one that the schema does not have.
    func changes(of raw: borrowing RawQuery, _ operation: Operation) -> InvalidationSet {
        let effect = raw.effect
        var changes = InvalidationSet(areTablesDefined: effect == .defines || effect == .calls)
        guard let touches = raw.touches else {
            changes.isEverythingAutomatic = effect != .none || operation == .executeRaw
            return changes
        }
        for name in touches {
            if let named = automaticInvalidation.tables.named(name) { changes.tables.formUnion(named) } else { changes.isEverythingAutomatic = true }
        }
        changes.tables = automaticInvalidation.tables.reached(from: changes.tables)
        return changes
    }
}
