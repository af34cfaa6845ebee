// What of an error may be told to the caller.
//
// The server's words name objects of the database and quote the statement; but now and then they quote values, of parameters or
// of what is stored: `relation "…" does not exist` may be about a table of the statement or about `$1::regclass`. These rules tell
// the one from the other by where an error arose, in no language of the server's.

extension ServerError {
    /// A function of the database made this error up (RAISE, or its like in other languages): all of its fields may hold values.
    var isRaised: Bool {
        guard let function else { return false }
        return function == "exec_stmt_raise" || ["PLy_", "plpy", "plperl", "pltcl"].contains { function.hasPrefix($0) }
    }

    /// Whether its detail begins with the columns of a key, as `Key (a, b)=(1, 2) already exists.`: it came from where these are written.
    var tellsKey: Bool {
        ["_bt_check_unique", "ri_ReportViolation", "check_exclusion_or_unique_constraint"].contains(function)
    }

    /// Whether the server's words about a raw statement may be shown.
    ///
    /// - The parser's: they point into the statement, and were made before there were values.
    /// - Others of states that are about objects, if whatever they quote stands in the statement itself.
    func mayBeShown(about statement: String) -> Bool {
        if isRaised { return false }
        if hasPosition { return ServerError.parserClasses.contains(errorClass) }
        guard ServerError.objectStates.contains(sqlState) || ServerError.objectClasses.contains(errorClass) else { return false }
        return quotedParts.allSatisfy { statement.contains(part: $0) }
    }

    private static let parserClasses = ["0A", "2B", "34", "3B", "3D", "3F", "42", "54"]
    private static let objectClasses = ["25", "26", "2D", "34", "3B", "40", "53", "57"]
    private static let objectStates = [
        "2BP01", "3D000", "3F000", "42501", "42P01", "42P04", "42P06", "42P07", "42P16", "42701", "42703", "42704", "42710", "42809",
        "55006", "55P03",
    ]

    /// What the message puts in quotes, of whatever kind the server's language uses.
    var quotedParts: [Substring] {
        var parts: [Substring] = []
        var rest = primary[...]
        while let start = rest.firstIndex(where: ServerError.isOpening) {
            let inner = rest[rest.index(after: start)...]
            let end = inner.firstIndex(where: ServerError.isClosing) ?? inner.endIndex
            parts.append(inner[..<end])
            rest = end < inner.endIndex ? inner[inner.index(after: end)...] : inner[end...]
        }
        return parts
    }

    /// The first name that the parser's message puts in quotes.
    var quotedName: String? { hasPosition ? quotedParts.first.map { String($0) } : nil }

    private static func isOpening(_ character: Character) -> Bool { ["\"", "»", "«", "„", "“"].contains(character) }
    private static func isClosing(_ character: Character) -> Bool { ["\"", "»", "«", "“", "”"].contains(character) }
}

extension String {
    fileprivate func contains(part: Substring) -> Bool {
        if part.isEmpty { return true }
        var rest = utf8[...]
        while rest.count >= part.utf8.count {
            if rest.starts(with: part.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
