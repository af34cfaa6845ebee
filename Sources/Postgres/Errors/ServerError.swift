import Text

/// An error as the server reports it. The texts can quote values of the data, so they stay inside the module unless the
/// owner asks for them.
struct ServerError: Error {
    /// Five characters, as `23505`; empty when the server gave none.
    var sqlState: String
    var primary = ""
    var detail: String?
    var table: String?
    var column: String?
    var constraint: String?
    /// `ERROR`, `FATAL` or `PANIC`, in any language; nil where the server does not say.
    var severity: String?
    /// The server's own function that raised it: the same in every language.
    var function: String?
    /// Where it arose: the functions and statements around it.
    var context: String?
    /// It points into the statement: the parser found it, which knows no values.
    var hasPosition = false
    /// Where it points, counted in characters from 1.
    var position: Int?
    /// How many statements of the same script had succeeded; nil outside scripts.
    var succeededStatements: Int?
    /// Everything that the server said, for who asks for it, values of the data included.
    var words: [(key: String, text: String)] = []

    init(sqlState: String, primary: String = "") {
        self.sqlState = sqlState
        self.primary = primary
    }

    /// From a reply that failed.
    init(_ reply: ResultHandle) {
        sqlState = reply.field(.sqlState) ?? ""
        primary = reply.field(.primary) ?? ""
        severity = reply.field(.severity)
        function = reply.field(.function)
        context = reply.field(.context)
        position = reply.field(.position).flatMap { Int($0) }
        hasPosition = position != nil
        for (key, field) in [("serverMessage", .primary), ("serverDetail", .detail), ("serverHint", .hint)] as [(String, ResultHandle.Field)] {
            if let text = reply.field(field) { words.append((key, text)) }
        }
        if isRaised { return }
        detail = reply.field(.detail)
        table = reply.field(.table)
        column = reply.field(.column)
        constraint = reply.field(.constraint)
    }

    /// The first two characters: what kind of error it is.
    var errorClass: String { String(sqlState.prefix(2)) }

    /// The server ended the session.
    var endsSession: Bool {
        // Why: functions may raise any state, and so may what they do on other servers.
        if isRaised || severity == "ERROR" { return false }
        // Why not 08P01: so the server answers a statement that was given too few parameters, and goes on.
        return ["57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"].contains(sqlState) || (errorClass == "08" && sqlState != "08P01")
    }

    /// The columns that a constraint's detail names: `a` and `b` of `Key (a, b)=(1, 2) already exists.`, in any language.
    var keyColumns: [String]? {
        guard tellsKey, let detail, let end = ServerError.range(of: ")=(", in: detail),
            let start = detail[..<end].firstIndex(of: "(")
        else { return nil }
        let names = detail[detail.index(after: start)..<end].split(separator: ",").map { name -> String in
            var name = name[...]
            while name.first == " " { name = name.dropFirst() }
            if name.count > 1, name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
            return String(name)
        }
        return names.isEmpty ? nil : names
    }

    private static func range(of pattern: String, in text: String) -> String.Index? {
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix(pattern) { return rest.startIndex }
            rest = rest.dropFirst()
        }
        return nil
    }
}
