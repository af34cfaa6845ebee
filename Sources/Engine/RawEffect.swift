import Query

/// What a statement of the caller's own may change, told from its first words.
enum RawEffect: Equatable {
    /// It reads, unless a function that it calls writes.
    case none
    case writes
    /// It may change how tables behave, too, or commit before it fails.
    case definesOrCalls

    init(of statement: String) {
        var words = Words(statement)
        switch words.next() {
        case "SELECT", "VALUES", "TABLE", "SHOW": self = .none
        case "WITH", "EXPLAIN": self = words.contains(where: Self.writing.contains) ? .writes : .none
        case "CREATE", "ALTER", "DROP", "DO", "CALL", "COMMENT", "IMPORT", "SECURITY", "REFRESH": self = .definesOrCalls
        default: self = .writes
        }
    }

    private static let writing: Set<String> = ["INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE", "CREATE"]  // ASCII

    /// The words of a statement in capitals, comments and brackets left out. Text in quotes counts, so it errs towards writing.
    private struct Words: IteratorProtocol, Sequence {
        private let bytes: [UInt8]
        private var position = 0

        init(_ text: String) { bytes = Array(text.utf8) }

        mutating func next() -> String? {
            var word: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                let letter = byte & 0xDF
                if letter >= UInt8(ascii: "A"), letter <= UInt8(ascii: "Z") {
                    word.append(letter)
                } else if !word.isEmpty {
                    break
                } else if skipComment() {
                    continue
                }
                position += 1
            }
            return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
        }

        /// Goes past a comment that begins here. One that has no end goes to the end.
        private mutating func skipComment() -> Bool {
            let isLine = starts("--")
            guard isLine || starts("/*") else { return false }
            var depth = 0
            while position < bytes.count {
                if isLine {
                    position += 1
                    if bytes[position - 1] == UInt8(ascii: "\n") { return true }
                } else if starts("/*") {
                    depth += 1
                    position += 2
                } else if starts("*/") {
                    depth -= 1
                    position += 2
                    if depth == 0 { return true }
                } else {
                    position += 1
                }
            }
            return true
        }

        private func starts(_ two: StaticString) -> Bool {
            position + 1 < bytes.count && bytes[position] == two.utf8Start[0] && bytes[position + 1] == two.utf8Start[1]
        }
    }
}

extension Client {
    /// What a statement of the caller's own takes effect on: the tables that `touches` names, with those that actions of relations reach;
    /// everything when it names none and may write, or names one that the schema does not have.
    func changes(of raw: borrowing RawQuery, _ operation: Operation) -> Changes {
        let effect = raw.effect
        var changes = Changes(areTablesDefined: effect == .definesOrCalls)
        guard let touches = raw.touches else {
            changes.isEverythingAutomatic = effect != .none || operation == .executeRaw
            return changes
        }
        for name in touches {
            if let named = automation.tables.named(name) { changes.tables.formUnion(named) } else { changes.isEverythingAutomatic = true }
        }
        changes.tables = automation.tables.reached(from: changes.tables)
        return changes
    }
}
