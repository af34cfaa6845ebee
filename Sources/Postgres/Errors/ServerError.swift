import Text

/// An error as the server reports it.
///
/// The texts can quote values of the data. They stay inside the module unless the owner asks for them.
struct ServerError: Error {
    /// Five characters, such as `23505`. Empty if the server gave none.
    var sqlState: String
    var primary = ""
    var detail: String?
    var table: String?
    var column: String?
    var constraint: String?
    /// `ERROR`, `FATAL` or `PANIC` in English; nil if the server does not say (before 9.6).
    var severity: String?
    /// The server's C function that raised the error. It is the same in every language.
    var function: String?
    /// Where the error arose: the functions and statements around it.
    var context: String?
    /// True if the error points into the statement. The parser found it, which sees no values.
    var hasPosition = false
    /// The position in the statement, in characters from 1.
    var position: Int?
    /// Number of statements of the same script that had succeeded; nil outside scripts.
    var succeededStatements: Int?
    /// Everything that the server said, for an owner who asks for it. It may hold values of the data.
    var words: [(key: String, text: String)] = []

    init(sqlState: String, primary: String = "") {
        self.sqlState = sqlState
        self.primary = primary
    }

    /// Reads the error from a failed reply.
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

    /// The first two characters of the SQLSTATE: the class of the error.
    var errorClass: String { String(sqlState.prefix(2)) }

    /// True if the server ended the session.
    var endsSession: Bool {
        // Why: functions may raise any state, also on other servers.
        if isRaised || severity == "ERROR" { return false }
        // Why not 08P01: the server sends it for a statement with too few values, and goes on.
        return ["57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"].contains(sqlState) || (errorClass == "08" && sqlState != "08P01")
    }

    /// True if a row belongs into none of the partitions of its table.
    var lacksPartition: Bool { sqlState == "23514" && constraint == nil && function == "ExecFindPartition" }

    /// True if a row was written to a partition that it does not belong to.
    var missesPartition: Bool { sqlState == "23514" && constraint == nil && function == "ExecPartitionCheckEmitError" }

    /// The columns in the detail of a constraint: `a` and `b` of `Key (a, "b""c")=(1, 2) already exists.`, in any language.
    var keyColumns: [String]? {
        guard tellsKey, let detail = detail?.unicodeScalars, let start = detail.firstIndex(of: "(") else { return nil }
        var rest = detail[detail.index(after: start)...]
        var names: [String] = []
        var name = String.UnicodeScalarView()
        var isQuoted = false
        var depth = 0
        while let scalar = rest.popFirst() {
            if isQuoted {
                // Why: a quote within a quoted name is written twice.
                if scalar != "\"" { name.append(scalar) } else if rest.first == "\"" { name.append(rest.removeFirst()) } else { isQuoted = false }
                continue
            }
            switch scalar {
            case ")" where rest.starts(with: "=(".unicodeScalars): return names + [String(name)]
            case "\"" where name.isEmpty: isQuoted = true
            case " " where name.isEmpty: break
            case "," where depth == 0:
                names.append(String(name))
                name = String.UnicodeScalarView()
            default:
                // An expression of an index has parentheses, and commas between them.
                if scalar == "(" { depth += 1 } else if scalar == ")" { depth -= 1 }
                name.append(scalar)
            }
        }
        return nil
    }
}
