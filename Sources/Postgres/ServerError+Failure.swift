import Text

extension ServerError {
    /// How an error is told.
    struct Telling {
        /// Raw SQL gets P2010 with the SQLSTATE, whatever it was. Its text.
        var rawText: String?
        /// Show the server's own words, which can quote values of the data.
        var showsServerMessages = false
    }

    /// The error under Prisma's code. Its message names columns and constraints, never values.
    func failure(_ telling: Telling) -> Failure {
        var failure = typedFailure()
        if let text = telling.rawText, !isAboutTheSession { failure = rawFailure(text, telling) }
        failure.sqlState = sqlState.isEmpty ? nil : sqlState
        if errorClass == "23", telling.rawText == nil { failure.table = table }
        if telling.showsServerMessages, telling.rawText == nil, !primary.isEmpty {
            failure.meta.append(("database_error", .text(primary)))
        }
        return failure
    }

    /// Conflicts, time limits and lost connections are the same for raw SQL.
    private var isAboutTheSession: Bool {
        endsSession || sqlState == "57014" || sqlState == "40001" || sqlState == "40P01" || sqlState == "53300"
    }

    private func typedFailure() -> Failure {
        if let failure = constraintFailure() ?? valueFailure() ?? nameFailure() ?? sessionFailure() { return failure }
        let shown = sqlState.isEmpty ? "an error without a code" : "error \(sqlState)"
        return Failure(
            .database, code: "P6000", "The database reported \(shown): \(sketch).",
            meta: [("code", .text(sqlState)), ("message", .text(sketch))], isRetryable: errorClass == "53")
    }

    private func constraintFailure() -> Failure? {
        // Why not the detail where a null was refused: it quotes the whole row.
        let fields = (sqlState == "23502" ? nil : keyColumns) ?? column.map { [$0] }
        switch sqlState {
        case "23505":
            let target = fields.map { Failure.Fact.texts($0) } ?? .text(constraint ?? "(not available)")
            let named = ServerError.listed(fields) ?? "constraint: `\(constraint ?? "(not available)")`"
            return Failure(.constraint, code: "P2002", "Unique constraint failed on the \(named)", meta: [("target", target)])
        case "23503":
            let name = constraint ?? fields?.first ?? "(not available)"
            return Failure(
                .constraint, code: "P2003", "Foreign key constraint violated on the constraint: `\(name)`",
                meta: [("field_name", .text(name)), ("constraint", .text(name))])
        case "23502":
            let named = ServerError.listed(fields) ?? "fields: (not available)"
            return Failure(
                .constraint, code: "P2011", "Null constraint violation on the \(named)",
                meta: [("constraint", .texts(fields ?? []))])
        case "23514", "23P01", "23000", "44000":
            let name = constraint ?? "(not available)"
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
                "The provided value for the column is too long for the column's type. Column: \(column ?? "(not available)")",
                meta: [("column_name", .text(column ?? "(not available)"))])
        case "22003":
            return Failure(
                .invalidRequest, code: "P2020", "Value out of range for the type: \(sketch).",
                meta: [("details", .text(sketch))])
        case "22021", "22P05":
            return Failure(
                .invalidRequest, code: "P2023", "Inconsistent column data: \(sketch).", meta: [("message", .text(sketch))])
        case _ where errorClass == "22" || sqlState == "42804":
            return Failure(
                .invalidRequest, code: "P2007", "Invalid input value: \(sketch).", meta: [("database_error", .text(sketch))])
        default: return nil
        }
    }

    private func nameFailure() -> Failure? {
        switch sqlState {
        case "42P01":
            let name = quotedName ?? "(not available)"
            return Failure(
                .database, code: "P2021", "The table `\(name)` does not exist in the current database.",
                meta: [("table", .text(name))])
        case "42703":
            let name = quotedName ?? "(not available)"
            return Failure(
                .database, code: "P2022", "The column `\(name)` does not exist in the current database.",
                meta: [("column", .text(name))])
        case "42501":
            return Failure(.denied, code: "P1010", "User was denied access on the database: \(sketch).")
        default: return nil
        }
    }

    private func sessionFailure() -> Failure? {
        switch sqlState {
        case "40001", "40P01":
            return Failure(
                .conflict, code: "P2034",
                "Transaction failed due to a write conflict or a deadlock. Please retry your transaction", isRetryable: true)
        case "53300": return ConnectFailure(code: "P2037", isFull: true).failure
        case "57014":
            return Failure(
                .timeout, code: "P6004",
                "The query was cancelled on the server: over a time limit set there, or by an administrator.")
        case _ where endsSession: return Connection.lostFailure
        default: return nil
        }
    }

    private static func listed(_ fields: [String]?) -> String? {
        fields.map { "fields: (" + $0.map { "`\($0)`" }.joined(separator: ",") + ")" }
    }
}

// MARK: - Raw SQL and templates

extension ServerError {
    private func rawFailure(_ statement: String, _ telling: Telling) -> Failure {
        let text: String
        if sqlState == "25001", function == nil {
            text = "transactions cannot be opened or ended by raw queries"
        } else if function == "exec_parse_message", sqlState == "42601" {
            text = "a raw query is one statement; several have to be sent one after another"
        } else {
            text = telling.showsServerMessages || mayBeShown(about: statement) ? primary : sketch
        }
        return Failure(
            .database, code: "P2010", "Raw query failed. Code: `\(sqlState)`. Message: `\(text)`",
            meta: [("code", .text(sqlState)), ("message", .text(text))], isRetryable: errorClass == "53")
    }

    /// What happened, in words of ours.
    private var sketch: String {
        switch sqlState {
        case "22003": "a number does not fit the type of its column"
        case "22001": "a value is too long for the type of its column"
        case "22007", "22008": "not a date or time that the type of its column can hold"
        case "22012": "division by zero"
        case "22021", "22P05": "text that the database's encoding cannot hold"
        case "22P02": "invalid input syntax for the type of its column"
        case "22P03": "an invalid binary representation"
        case "25006": "the transaction is read-only"
        case "42501": "permission denied"
        case "42601": "a syntax error"
        case "42804": "the value and its column are of different types"
        case "42883": "no operator or function takes these types"
        case "53100": "the server's disk is full"
        case "53200": "the server is out of memory"
        case "55P03": "a lock was not available"
        case "57P03": "the server cannot take connections now"
        default:
            switch errorClass {
            case "08": "the connection failed"
            case "0A": "not supported by the server"
            case "22": "a value that the type of its column does not take"
            case "23": "a constraint was violated"
            case "25": "the state of the transaction does not allow this"
            case "42": "a syntax error, or an object that is not there"
            case "53": "the server lacks resources"
            case "54": "a limit of the server was exceeded"
            case "55": "an object is not in the state that is needed"
            case "57": "an operator stepped in"
            case "58": "an error of the server's system"
            case "P0": "a function raised an exception"
            case "XX": "an internal error of the server"
            default: "no further description"
            }
        }
    }
}
