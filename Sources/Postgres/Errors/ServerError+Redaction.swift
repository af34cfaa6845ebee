// Which parts of an error the caller may see.
//
// The server's words name objects and quote the statement. Sometimes they quote values of parameters or of stored data. For example
// `relation "…" does not exist` may be about a table of the statement or about `$1::regclass`. These rules judge by where an error
// arose, and not by the server's language.

extension ServerError {
    /// True if a function of the database raised the error, by RAISE or its like in other languages. All fields may then hold values.
    var isRaised: Bool {
        guard let function else { return false }
        return function == "exec_stmt_raise" || ["PLy_", "plpy", "plperl", "pltcl"].contains { function.hasPrefix($0) }
    }

    /// True if the detail begins with the columns of a key, as `Key (a, b)=(1, 2) already exists.`. It is known by the server's function.
    var tellsKey: Bool {
        ["_bt_check_unique", "ri_ReportViolation", "check_exclusion_or_unique_constraint"].contains(function)
    }

    /// True if the server's words about a raw statement may be shown:
    ///
    /// - Errors of the parser: they point into the statement, and arise before there are values.
    /// - Errors in objects, if everything that they quote is in the statement itself.
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

    /// The quoted parts of the message, for the quotes of any language.
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

    /// The first quoted name in a message of the parser.
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
