package import Text

extension Pool {
    /// Runs one statement of the caller's own.
    ///
    /// - Parameters:
    ///   - parameters: the values of `$1`, `$2`, … in their order.
    ///   - types: object identifiers of the parameters' types, where known; 0 lets the server infer one.
    ///   - returnsRows: the answer is a list of objects, one for each row; otherwise the number of rows affected.
    /// A statement whose connection breaks while it runs is not sent again: it fails with `outcomeUnknown`.
    package func runRaw(
        _ text: String, _ parameters: borrowing ParameterList, types: [UInt32] = [], returnsRows: Bool, limit: Int,
        until deadline: Deadline, for trace: Trace = Trace(), into buffer: inout ByteBuffer
    ) throws(Failure) {
        try refuseNUL(text)
        let connection = try lease(until: deadline)
        connection.trace = trace
        let results: Results
        do throws(Failure) {
            results = try run(raw: text, parameters, types: types, returnsRows: returnsRows, on: connection, until: deadline)
            release(connection)
        } catch {
            release(connection)
            throw error
        }
        try Pool.write(raw: results, returnsRows: returnsRows, limit: limit, into: &buffer)
    }

    /// The same on a connection that the caller holds, in its transaction. What fails leaves the transaction as the server does: aborted.
    package func runRaw(
        _ text: String, _ parameters: borrowing ParameterList, returnsRows: Bool, on connection: Connection, limit: Int,
        until deadline: Deadline, into buffer: inout ByteBuffer
    ) throws(Failure) {
        try refuseNUL(text)
        let results = try run(raw: text, parameters, types: [], returnsRows: returnsRows, on: connection, until: deadline)
        try Pool.write(raw: results, returnsRows: returnsRows, limit: limit, into: &buffer)
    }

    private func refuseNUL(_ text: String) throws(Failure) {
        if text.utf8.contains(0) {
            throw Failure(.invalidRequest, code: "P6005", "An invalid parameter was provided. The text of a raw query holds no U+0000.")
        }
    }

    private func run(
        raw text: String, _ parameters: borrowing ParameterList, types: [UInt32], returnsRows: Bool, on connection: Connection,
        until deadline: Deadline
    ) throws(Failure) -> Results {
        var raw = rawStatements.find(text, types: types, parameterCount: parameters.count)
        raw.returnsRows = returnsRows
        return try connection.run(raw: raw, parameters, until: deadline)
    }

    private static func write(raw results: borrowing Results, returnsRows: Bool, limit: Int, into buffer: inout ByteBuffer) throws(Failure) {
        guard let reply = results.replies.first else { return }
        if returnsRows {
            try AnswerWriter(Pool.shape(of: reply)).write(results, into: &buffer, limit: limit)
        } else {
            buffer.append(decimal: reply.affectedRows ?? 0)
        }
    }

    /// A list of objects with the columns as their members. Of columns with one name the last counts, as in JavaScript.
    private static func shape(of reply: Reply) -> AnswerShape {
        var names: [String] = []
        var columns: [String: Int] = [:]
        for column in 0..<reply.columnCount {
            let name = reply.columnName(column)
            if columns.updateValue(column, forKey: name) == nil { names.append(name) }
        }
        let members = names.map { name in
            AnswerShape.Member(name, .column(AnswerShape.Column(columns[name] ?? 0, ValueForm(.automatic))))
        }
        return AnswerShape(.list(AnswerShape.Record(members), result: 0, isReversed: false))
    }
}
