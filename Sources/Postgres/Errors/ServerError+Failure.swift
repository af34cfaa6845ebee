package import Text

extension ServerError {
    /// What the failure may show of an error.
    struct ErrorDisclosure {
        /// The text of the raw statement; nil for generated ones. Errors of raw SQL become P2010 with the SQLSTATE.
        var rawText: String?
        /// Number of values of the raw statement.
        var rawValueCount = 0
        /// True if the server's own words are shown. They can quote values of the data.
        var showsServerMessages = false
        /// The texts of generated statements, one of which failed. Names in them may be shown.
        var texts: [String] = []
    }

    /// Returns the error with Prisma's code. The message names columns and constraints, never values.
    func failure(_ disclosure: ErrorDisclosure) -> Failure {
        var failure = typedFailure(disclosure)
        if let text = disclosure.rawText, !isAboutTheSession { failure = rawFailure(text, disclosure) }
        failure.sqlState = sqlState.isEmpty ? nil : sqlState
        if errorClass == "23", disclosure.rawText == nil { failure.table = table }
        if disclosure.showsServerMessages { failure.meta += words.map { ($0.key, .text($0.text)) } }
        return failure
    }

    /// True for conflicts, time limits and lost connections. They have the same codes for raw SQL.
    private var isAboutTheSession: Bool {
        endsSession || sqlState == "40001" || sqlState == "40P01" || (!isRaised && (sqlState == "57014" || sqlState == "53300"))
    }

    private func typedFailure(_ disclosure: ErrorDisclosure) -> Failure {
        constraintFailure() ?? valueFailure() ?? nameFailure(disclosure) ?? sessionFailure() ?? refusal()
    }

    private func constraintFailure() -> Failure? {
        // Why not the detail of a refused null: it quotes the whole row.
        let fields = (sqlState == "23502" ? nil : keyColumns) ?? column.map { [$0] }
        switch sqlState {
        case "23505":
            let target = fields.map { Failure.Fact.texts($0) } ?? .text(constraint ?? "(not available)")
            let named = ServerError.listed(fields) ?? "constraint: `\(constraint ?? "(not available)")`"
            return Failure(.constraint, code: "P2002", "Unique constraint failed on the \(named)", meta: [("target", target)])
        // 23001 comes from RESTRICT on PostgreSQL 18 and later.
        case "23503", "23001":
            let name = constraint ?? fields?.first ?? "(not available)"
            return Failure(
                .constraint, code: "P2003", "Foreign key constraint violated on the constraint: `\(name)`",
                meta: [("field_name", .text(name)), ("constraint", .text(name))])
        case "23502":
            let named = ServerError.listed(fields) ?? "fields: (not available)"
            return Failure(
                .constraint, code: "P2011", "Null constraint violation on the \(named)",
                meta: [("constraint", .texts(fields ?? []))])
        case "428C9":
            let what = "the column \(writtenColumn.map { "`\($0)` " } ?? "")is GENERATED ALWAYS, and takes no value"
            return Failure(
                .constraint, code: "P2004", "A constraint failed on the database: \(what).",
                meta: [("database_error", .text(what))] + (writtenColumn.map { [("column_name", .text($0))] } ?? []))
        case "23514" where lacksPartition || missesPartition:
            let name = table ?? "(not available)"
            let what = missesPartition ? "the row does not belong to the partition `\(name)`" : "no partition of the table `\(name)` takes the row"
            return Failure(
                .constraint, code: "P2004", "A constraint failed on the database: \(what).",
                meta: [("database_error", .text(what))] + (table.map { [("table", .text($0))] } ?? []))
        case _ where errorClass == "23" || sqlState == "44000" || sqlState == "40002":
            let name = constraint ?? table ?? "(not available)"
            return Failure(
                .constraint, code: "P2004", "A constraint failed on the database: `\(name)`",
                meta: [("database_error", .text(name))])
        default: return nil
        }
    }

    private func valueFailure() -> Failure? {
        switch sqlState {
        case "22001":
            return Failure(
                .invalidRequest, code: "P2000",
                "The provided value for the column is too long for the column's type. Column: \(column ?? unknownName)",
                meta: [("column_name", .text(column ?? unknownName))])
        case "22003":
            return Failure(
                .invalidRequest, code: "P2020", "Value out of range for the type: \(sketch).",
                meta: [("details", .text(sketch))])
        // Why `.database`: no value of the request is wrong.
        case "2200H":
            return Failure(.database, code: "P2020", "Value out of range for the type: \(sketch).", meta: [("details", .text(sketch))])
        case "22P05":
            return Failure(
                .invalidRequest, code: "P2023", "Inconsistent column data: \(sketch).", meta: [("message", .text(sketch))])
        // Why `.database`: a request is always valid UTF-8, so the stored data is at fault.
        case "22021", "42883", "42804", "42846", "42725", "42704", "42P08", "42P18":
            return Failure(
                .database, code: "P2023", "Inconsistent column data: \(sketch).", meta: [("message", .text(sketch))])
        // Without a position it is not the syntax of the statement but of a search text that `to_tsquery` reads.
        case _ where errorClass == "22" || (sqlState == "42601" && !hasPosition && context == nil):
            return Failure(
                .invalidRequest, code: "P2007", "Invalid input value: \(sketch).", meta: [("database_error", .text(sketch))])
        default: return nil
        }
    }

    private func nameFailure(_ disclosure: ErrorDisclosure) -> Failure? {
        switch sqlState {
        case "42P01":
            let name = quotedName ?? unknownName
            return Failure(
                .database, code: "P2021", "The table `\(name)` does not exist in the current database.",
                meta: [("table", .text(name))])
        case "42703":
            let name = missingColumn(disclosure.texts) ?? quotedName ?? unknownName
            return Failure(
                .database, code: "P2022", "The column `\(name)` does not exist in the current database.",
                meta: [("column", .text(name))])
        case "42501":
            guard let name = deniedName(disclosure.texts) else {
                return Failure(.denied, code: "P1010", "User was denied access on the database: \(sketch).")
            }
            return Failure(
                .denied, code: "P1010", "User was denied access on the database: permission denied for `\(name)`.", meta: [("table", .text(name))])
        case _ where errorClass == "28" && !isRaised:
            return Failure(.denied, code: "P1010", "User was denied access on the database: \(sketch).")
        default: return nil
        }
    }

    /// Why no name: the text of a function may be built from values. The server also names nothing for a value that is too long.
    private var unknownName: String { context == nil ? "(not available)" : "(not available: a function or a trigger names it)" }

    private func sessionFailure() -> Failure? {
        if errorClass == "40", isRaised, sqlState == "40003" { return nil }
        switch sqlState {
        case _ where (errorClass == "40" && sqlState != "40003") || sqlState == "55P03":
            return .writeConflict
        case _ where isRaised: return nil
        case "53300": return ConnectFailure(code: "P2037", isFull: true).failure
        case "3D000": return ConnectFailure(code: "P1003").failure
        case "40003":
            return Failure(.outcomeUnknown, code: "P1017", "The database does not know whether the statement was completed.")
        case "25P02":
            let what = "The transaction is aborted, because a statement in it failed: it was rolled back."
            return Failure(.conflict, code: "P2028", "Transaction API error: \(what)", meta: [("error", .text(what))])
        case "57014":
            return Failure(
                .timeout, code: "P6004",
                "The server cancelled the query: a time limit of the server was over, or an administrator cancelled it.")
        case _ where endsSession: return Connection.lostFailure
        default: return nil
        }
    }

    /// The failure for errors without a code of their own in Prisma, by the class of the SQLSTATE.
    private func refusal() -> Failure {
        let shown = sqlState.isEmpty ? "an error without a code" : "error \(sqlState)"
        let facts: [(key: String, value: Failure.Fact)] = [("code", .text(sqlState)), ("message", .text(sketch))]
        // These are faults of the library itself: the syntax of its statements, and its side of the protocol.
        let isFunctionsSyntax = sqlState == "42601" && context != nil
        if (sqlState == "42601" && !isFunctionsSyntax) || sqlState == "08P01" || sqlState.isEmpty {
            return Failure(.internal, code: "P6000", "The database reported \(shown): \(sketch).", meta: facts)
        }
        if isRaised || isFunctionsSyntax || ["09", "20", "27", "38", "39", "P0"].contains(errorClass) {
            return Failure(
                .database, code: "P2035", "Assertion violation on the database: \(sketch) (\(shown)).", meta: [("database_error", .text(sketch))] + facts)
        }
        let (code, text) =
            switch errorClass {
            case "0A": ("P2026", "The database doesn't support a feature that the query used: \(sketch) (\(shown)).")
            case "54": ("P2029", "Query parameter limit exceeded error: \(sketch) (\(shown)).")
            default: ("P2016", "Query interpretation error. The database could not carry it out: \(sketch) (\(shown)).")
            }
        return Failure(.database, code: code, text, meta: [("details", .text(sketch))] + facts, isRetryable: errorClass == "53")
    }

    private static func listed(_ fields: [String]?) -> String? {
        fields.map { "fields: (" + $0.map { "`\($0)`" }.joined(separator: ",") + ")" }
    }
}

// MARK: - Raw SQL

extension ServerError {
    /// The failure of a script. `meta` has the number of the failing statement, counted from 1, and the table, column and constraint.
    func scriptFailure(_ disclosure: ErrorDisclosure) -> Failure {
        var failure = failure(disclosure)
        if let succeededStatements { failure.meta.append(("statement", .number(succeededStatements + 1))) }
        for (key, name) in places where !failure.meta.contains(where: { $0.key == key }) { failure.meta.append((key, .text(name))) }
        return failure
    }

    /// The table, column and constraint that the server names.
    private var places: [(key: String, name: String)] {
        [("table", table), ("column", column), ("constraint", constraint)].compactMap { key, name in name.map { (key, $0) } }
    }

    private func rawFailure(_ statement: String, _ disclosure: ErrorDisclosure) -> Failure {
        var facts: [(key: String, value: Failure.Fact)] = []
        let text: String
        if sqlState == "08P01", function == "exec_bind_message" {
            // Why the last number: outside quotes the server names the required number last, in every language.
            let expected = unquotedNumbers.last.map { String($0) } ?? "(not available)"
            text = "the raw query has an incorrect number of parameters: expected \(expected), actual \(disclosure.rawValueCount)"
            facts = [("expected", .text(expected)), ("actual", .number(disclosure.rawValueCount))]
        } else if sqlState == "25001", function == nil {
            text = "transactions cannot be opened or ended by raw queries"
        } else if function == "exec_parse_message", sqlState == "42601" {
            text = "a raw query is one statement; several have to be sent one after another"
        } else {
            text = disclosure.showsServerMessages || mayBeShown(about: statement) ? primary : sketch
        }
        if errorClass == "23" { facts += places.map { ($0.key, .text($0.name)) } }
        return Failure(
            .database, code: "P2010", "Raw query failed. Code: `\(sqlState)`. Message: `\(text)`",
            meta: [("code", .text(sqlState)), ("message", .text(text))] + facts, isRetryable: errorClass == "53")
    }
}

extension Failure {
    /// P2034, in Prisma's words.
    package static let writeConflict = Failure(
        .conflict, code: "P2034", "Transaction failed due to a write conflict or a deadlock. Please retry your transaction", isRetryable: true)
}
