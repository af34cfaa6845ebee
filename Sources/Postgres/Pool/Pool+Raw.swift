package import Concurrency
package import Text

/// How the answer to a raw statement is written.
package struct RawAnswer: Sendable {
    package enum Form: Sendable {
        /// The number of changed rows.
        case count
        /// A list of objects, one for each row.
        case objects
        /// `{"columns", "types", "rows"}`: the rows as lists, with their column names and type names.
        case table
    }

    package var form: Form
    /// True if moments are written with microseconds.
    package var isPrecise: Bool

    package init(_ form: Form, isPrecise: Bool = false) {
        self.form = form
        self.isPrecise = isPrecise
    }

    var returnsRows: Bool { form != .count }
}

extension Pool {
    /// Runs one statement of the caller and appends the answer to `buffer`.
    ///
    /// A statement whose connection breaks while it runs is not sent again. It fails with `outcomeUnknown`.
    /// Any thread may call it; it waits until `deadline` at most.
    ///
    /// - Parameters:
    ///   - parameters: the values of `$1`, `$2`, … in order.
    ///   - types: object identifiers of the parameter types; 0 lets the server infer one.
    ///   - isScript: true if the text is several statements, which take no parameters. Outside a transaction all of them happen, or none.
    ///   - limit: the most bytes that the answer may have; more is P6009.
    package func runRaw(
        _ text: String, _ parameters: borrowing ParameterList, types: [UInt32] = [], isScript: Bool = false, _ answer: RawAnswer, limit: Int,
        until deadline: Deadline, cancellation: CancellationToken?, for trace: Trace = Trace(), into buffer: inout ByteBuffer
    ) throws(Failure) {
        try refuseNUL(text)
        let connection: Connection
        do throws(Failure) { connection = try lease(until: deadline, cancellation: cancellation) } catch { throw error.undoneUnlessSaid }
        connection.trace = trace
        let outcome: RawOutcome
        do throws(Failure) {
            outcome = try execute(raw: text, parameters, types: types, isScript: isScript, answer, on: connection, until: deadline)
            release(connection)
        } catch {
            release(connection)
            throw error
        }
        try outcome.writeAnswer(answer, limit: limit, into: &buffer)
    }

    /// Like the full form, with the rows as a list of objects, or else their number.
    package func runRaw(
        _ text: String, _ parameters: borrowing ParameterList, types: [UInt32] = [], returnsRows: Bool, limit: Int,
        until deadline: Deadline, cancellation: CancellationToken?, for trace: Trace = Trace(), into buffer: inout ByteBuffer
    ) throws(Failure) {
        try runRaw(
            text, parameters, types: types, RawAnswer(returnsRows ? .objects : .count), limit: limit, until: deadline, cancellation: cancellation, for: trace,
            into: &buffer)
    }

    /// Like the full form on a connection that the caller holds, in its transaction. A failure leaves the transaction aborted, as the server
    /// does.
    package func runRaw(
        _ text: String, _ parameters: borrowing ParameterList, types: [UInt32] = [], isScript: Bool = false, _ answer: RawAnswer,
        on connection: Connection, limit: Int, until deadline: Deadline, into buffer: inout ByteBuffer
    ) throws(Failure) {
        try refuseNUL(text)
        let outcome = try execute(raw: text, parameters, types: types, isScript: isScript, answer, on: connection, until: deadline)
        try outcome.writeAnswer(answer, limit: limit, into: &buffer)
    }

    package func runRaw(
        _ text: String, _ parameters: borrowing ParameterList, returnsRows: Bool, on connection: Connection, limit: Int,
        until deadline: Deadline, into buffer: inout ByteBuffer
    ) throws(Failure) {
        try runRaw(
            text, parameters, RawAnswer(returnsRows ? .objects : .count), on: connection, limit: limit, until: deadline, into: &buffer)
    }

    /// Runs the statement on `connection`. Nil stands for any connection of the pool.
    package func runRaw(
        _ text: String, _ parameters: borrowing ParameterList, types: [UInt32] = [], _ answer: RawAnswer, on connection: Connection?, limit: Int,
        until deadline: Deadline, cancellation: CancellationToken?, into buffer: inout ByteBuffer
    ) throws(Failure) {
        if let connection {
            return try runRaw(text, parameters, types: types, answer, on: connection, limit: limit, until: deadline, into: &buffer)
        }
        try runRaw(text, parameters, types: types, answer, limit: limit, until: deadline, cancellation: cancellation, into: &buffer)
    }

    private func refuseNUL(_ text: String) throws(Failure) {
        if text.utf8.contains(0) {
            throw Failure(.invalidRequest, code: "P6005", "An invalid parameter was provided. The text of a raw query must not contain U+0000.")
        }
    }

    private func execute(
        raw text: String, _ parameters: borrowing ParameterList, types: [UInt32], isScript: Bool, _ answer: RawAnswer,
        on connection: Connection, until deadline: Deadline
    ) throws(Failure) -> RawOutcome {
        if isScript {
            var affectedRows = 0
            let script = RawStatement(
                statement: Statement(text: text, slots: []), types: [], effect: SessionEffect(of: text), mayForget: true, mayWrite: true)
            let results = try connection.execute(script: script, until: deadline, changing: &affectedRows)
            return try outcome(of: script, results, affectedRows, answer, on: connection, until: deadline)
        }
        var raw = rawStatements.find(text, types: types, parameterCount: parameters.count)
        raw.returnsRows = answer.returnsRows
        let results = try execute(raw, parameters, on: connection, until: deadline)
        let affectedRows = results.replies.first?.affectedRows ?? 0
        return try outcome(of: raw, results, affectedRows, answer, on: connection, until: deadline)
    }

    /// Runs a statement. If the server cannot infer a parameter's type, it is taken as text.
    ///
    /// Why not at once: a value without a type may be a uuid, a date or an enum's label. A statement that fails here was not executed.
    /// It does abort a transaction, so inside one the first failure is reported, unless the statement is known from before.
    private func execute(
        _ raw: RawStatement, _ parameters: borrowing ParameterList, on connection: Connection, until deadline: Deadline
    ) throws(Failure) -> ResultSet {
        if raw.columns.hasTexts { return try connection.execute(raw: textual(raw), parameters, until: deadline) }
        do throws(Failure) {
            return try connection.execute(raw: raw, parameters, until: deadline)
        } catch {
            guard error.sqlState == "42P18" || error.meta.contains(where: { $0.key == "code" && $0.value == .text("42P18") }),
                raw.types.contains(0)
            else { throw error }
            raw.columns.learnTexts()
            if connection.isInTransaction { throw error }
        }
        return try connection.execute(raw: textual(raw), parameters, until: deadline)
    }

    private func textual(_ raw: RawStatement) -> RawStatement {
        var other = rawStatements.find(
            String(cString: raw.statement.text), types: raw.types.map { $0 == 0 ? ColumnType.text.rawValue : $0 },
            parameterCount: raw.statement.slots.count)
        other.returnsRows = raw.returnsRows
        return other
    }

    private func outcome(
        of raw: RawStatement, _ results: consuming ResultSet, _ affectedRows: Int, _ answer: RawAnswer, on connection: Connection,
        until deadline: Deadline
    ) throws(Failure) -> RawOutcome {
        let mayHaveCommitted = raw.mayWrite && !connection.isInTransaction
        var types: [RawColumnType] = []
        if answer.form != .count, let reply = results.replies.first, answer.form == .table || RawOutcome.mayHoldArrays(reply) {
            do throws(Failure) { types = try describe(reply, on: connection, until: deadline) } catch {
                throw mayHaveCommitted ? error.afterRawCommit : error
            }
        }
        return RawOutcome(results: results, affectedRows: affectedRows, types: types, mayHaveCommitted: mayHaveCommitted)
    }

    /// Returns the types of the reply's columns. The database's own types are looked up once.
    private func describe(_ reply: ResultHandle, on connection: Connection, until deadline: Deadline) throws(Failure) -> [RawColumnType] {
        let numbers = (0..<reply.columnCount).map { reply.columnType($0) }
        let unknown = databaseTypes.unknown(among: numbers)
        if !unknown.isEmpty {
            var parameters = ParameterList()
            try parameters.append { buffer in
                buffer.append(UInt8(ascii: "{"))
                buffer.append(list: unknown) { $0.append(decimal: Int($1)) }
                buffer.append(UInt8(ascii: "}"))
            }
            let raw = rawStatements.find(DatabaseTypes.question, types: [], parameterCount: 1)
            databaseTypes.learn(try connection.execute(raw: raw, parameters, until: deadline))
        }
        return numbers.map { databaseTypes.describe($0) }
    }
}

extension Failure {
    /// A failure that was found after the server had carried out and committed a raw statement.
    fileprivate var afterRawCommit: Failure {
        var failure = afterCommit("The statement itself was carried out: what it writes has taken effect.")
        failure.isRetryable = false
        failure.sqlState = nil
        // Why: `unavailable` says that nothing was done.
        if status == .unavailable { failure.status = .outcomeUnknown }
        return failure
    }
}

/// The result of a raw statement.
private struct RawOutcome: ~Copyable {
    let results: ResultSet
    let affectedRows: Int
    /// Types of the columns. Filled if the answer names them, or if a column may be an array of a type that the database defines.
    let types: [RawColumnType]
    /// True if the statement may have written something, which is committed.
    let mayHaveCommitted: Bool

    /// True if a value looks like an array of a type that the database defines.
    ///
    /// Why by the values: an enum column, which is far more common, then costs no query.
    static func mayHoldArrays(_ reply: ResultHandle) -> Bool {
        for column in 0..<reply.columnCount {
            guard ColumnType(rawValue: reply.columnType(column)).isOfDatabase, !reply.isBinary(column) else { continue }
            for row in 0..<reply.rowCount {
                guard let text = reply.text(row, column) else { continue }
                if text.first == UInt8(ascii: "{") || text.first == UInt8(ascii: "[") { return true }
                break
            }
        }
        return false
    }

    func writeAnswer(_ answer: RawAnswer, limit: Int, into buffer: inout ByteBuffer) throws(Failure) {
        do throws(Failure) {
            switch answer.form {
            case .count: buffer.append(decimal: affectedRows)
            case .objects:
                guard let reply = results.replies.first else { return buffer.append("[]") }
                try RowWriter(objects(of: reply, answer)).write(results, into: &buffer, limit: limit)
            case .table: try writeTable(answer, limit: limit, into: &buffer)
            }
        } catch {
            throw mayHaveCommitted ? error.afterRawCommit : error
        }
    }

    /// The shape of a list of objects. If columns share a name, the last one counts, as in JavaScript.
    private func objects(of reply: ResultHandle, _ answer: RawAnswer) -> RowShape {
        var names: [String] = []
        var columns: [ExactString: Int] = [:]
        for column in 0..<reply.columnCount {
            let name = reply.columnName(column)
            if columns.updateValue(column, forKey: ExactString(name)) == nil { names.append(name) }
        }
        let members = names.map { name in
            let column = columns[ExactString(name)] ?? 0
            let elements = types.isEmpty ? nil : types[column].elements
            let form = ValueForm(elements.map { .automaticArray(elements: $0) } ?? .automatic, isPrecise: answer.isPrecise)
            return RowShape.Member(name, .column(RowShape.Column(column, form)))
        }
        return RowShape(.list(RowShape.Record(members), result: 0, isReversed: false))
    }

    /// Writes `{"columns":["id"],"types":["int"],"rows":[[1]]}`.
    private func writeTable(_ answer: RawAnswer, limit: Int, into buffer: inout ByteBuffer) throws(Failure) {
        let columns = results.replies.first?.columnCount ?? 0
        buffer.append("{\"columns\":[")
        buffer.append(list: 0..<columns) { $0.append(jsonString: results.replies[0].columnName($1)) }
        buffer.append("],\"types\":[")
        buffer.append(list: types) { $0.append(jsonString: $1.name) }
        buffer.append("],\"rows\":")
        if columns == 0 {
            buffer.append(UInt8(ascii: "["))
            for row in 0..<(results.replies.first?.rowCount ?? 0) { buffer.append(row > 0 ? ",[]" : "[]") }
            buffer.append(UInt8(ascii: "]"))
        } else {
            let members = types.enumerated().map { column, type in
                let form = ValueForm(.typed(elements: type.elements), isPrecise: answer.isPrecise)
                return RowShape.Member("", .column(RowShape.Column(column, form)))
            }
            let shape = RowShape(.list(RowShape.Record(members, isTuple: true), result: 0, isReversed: false))
            try RowWriter(shape).write(results, into: &buffer, limit: limit)
        }
        buffer.append(UInt8(ascii: "}"))
    }
}
