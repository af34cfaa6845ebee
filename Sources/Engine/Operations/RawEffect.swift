import Query
import Telemetry

/// What a caller's own statement may change, judged by its first words.
enum RawEffect: Equatable {
    /// It reads, unless it calls a function that writes.
    case none
    case writes
    /// It may change how tables behave, too.
    case defines
    /// Like `defines`, and it may commit before it fails.
    case calls

    init(of statement: String) {
        var words = SQLWords(statement)
        self = Self.effect(of: &words)
        // Why: the first of several statements may be committed before a later one fails.
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

    /// The words that change data below a WITH. INTO makes a table.
    private static let writing: Set<String> = ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO"]  // ASCII

    /// Statements that do not change the definition of tables. A statement that is not listed may.
    private static let changing: Set<String> = [  // ASCII
        "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY", "LOCK", "NOTIFY", "LISTEN", "UNLISTEN", "FETCH", "MOVE", "CLOSE", "DECLARE",
        "ANALYZE", "VACUUM", "CHECKPOINT",
    ]

    /// Words that may stand between EXPLAIN and its statement.
    private static let options: Set<String> = [  // ASCII
        "ANALYZE", "ANALYSE", "VERBOSE", "COSTS", "SETTINGS", "BUFFERS", "WAL", "TIMING", "SUMMARY", "FORMAT", "GENERIC", "PLAN", "MEMORY", "SERIALIZE",
        "TEXT", "XML", "JSON", "YAML", "ON", "OFF", "TRUE", "FALSE", "NONE", "BINARY",
    ]
}

extension Client {
    /// Returns what a raw statement invalidates: the tables in `touches`, with those that referential actions reach.
    ///
    /// It is everything if `touches` is missing and the statement may write, or if it names a table that the schema does not have.
    func changes(of raw: borrowing RawQuery, _ operation: Operation) -> InvalidationSet {
        let effect = raw.effect
        var changes = InvalidationSet(areTablesDefined: effect == .defines || effect == .calls)
        guard let touches = raw.touches else {
            let isReading = effect == .none && operation != .executeRaw
            changes.isEverythingAutomatic = !isReading || automaticInvalidation.mayWrite(raw.text)
            if isReading, let log, automaticInvalidation.takeHiddenWriters() {
                log.tell(
                    .warn, "database", "An operator or a cast of the database may write. So each raw SELECT without `touches` drops all automatic answers.")
            }
            return changes
        }
        for name in touches {
            if let named = automaticInvalidation.tables.named(name) { changes.tables.formUnion(named) } else { changes.isEverythingAutomatic = true }
        }
        changes.tables = automaticInvalidation.tables.reached(from: changes.tables)
        return changes
    }
}
