import CLinux
import Concurrency
import Text

extension Connection {
    /// Runs one statement of the caller and returns its reply. An open transaction stays open, whatever happens.
    ///
    /// The first execution prepares and describes the statement in a round trip of its own. Rows come in binary format only if every
    /// column has a decoder. Behind PgBouncer the statement is only described, and sent as text each time.
    /// Runs on the thread of the lease's holder, and waits until `deadline` at most.
    func execute(
        raw: RawStatement, _ parameters: borrowing ParameterList, until deadline: Deadline
    ) throws(Failure) -> ResultSet {
        let isInside = isInTransaction
        sessionEffect = max(sessionEffect, raw.effect)
        defer { mayHaveForgotten = mayHaveForgotten || raw.mayForget }
        return try withFinalReply(!isInside, of: raw) { () throws(Failure) in try execute(raw, isInside: isInside, parameters, until: deadline) }
    }

    private func execute(
        _ raw: RawStatement, isInside: Bool, _ parameters: borrowing ParameterList, until deadline: Deadline
    ) throws(Failure) -> ResultSet {
        var mayHaveWritten = false
        return try withFreshStatements { () throws(ConnectionError) in
            mayHaveWritten = false
            let reply = try attempt(raw, parameters, limited(deadline), &mayHaveWritten)
            guard isInside ? session.transaction == .open : machine.isReusable else {
                reply.clear()
                // Why: a statement that runs alone is committed after it is complete. Without the server's word its outcome is unknown.
                guard session.transaction != .unknown, session.isEstablished else { throw .lost }
                throw .server(ServerError(sqlState: "25001", primary: "transaction control is not possible in a raw query"))
            }
            let results = ResultSet(reply)
            tracer?.end([raw.statement], parameters, results, .init(trace: trace, isRaw: true))
            return results
        } isStale: { error in
            tracer?.fail([raw.statement], parameters, cause(of: error), .init(trace: trace, isRaw: true))
            return isStale(raw, error, limited(deadline))
        } failure: { error, isStale in
            machine.forget(isStale && isInside)
            // Why not inside: until a transaction commits, nothing is written.
            return failure(raw, error, mayHaveWritten && !isInside)
        }
    }

    /// Returns true if the statement failed because its preparation was outdated. It is then prepared again before its next use.
    ///
    /// If the error alone does not show that, the statement is prepared again to compare its parameter types. Nothing less makes it be sent
    /// again, because it may be the caller's own mistake after hours of work. A statement that may have committed is sent again only if
    /// it had not begun.
    private func isStale(_ raw: RawStatement, _ connectionError: ConnectionError, _ deadline: Deadline) -> Bool {
        guard case .server(let problem) = connectionError else { return false }
        switch problem.staleness {
        case nil: return false
        case .unknown:
            statements.removeAll()
            return true
        case .certain:
            learnOfChange()
            return true
        case .possible:
            guard reusesPrepared, let former = statements.find(raw.statement.number) else { return false }
            statements.remove(raw.statement.number)
            guard machine.isReusable, !raw.mayCommit else { return false }
            do throws(ConnectionError) {
                begin()
                tracer?.begin()
                let fresh = try prepare(raw, deadline)
                if fresh.parameterTypes == former.parameterTypes { return false }
                learnOfChange(keeping: [raw.statement.number])
                return true
            } catch {
                return false
            }
        }
    }

    private func failure(_ raw: RawStatement, _ connectionError: ConnectionError, _ mayHaveWritten: Bool) -> Failure {
        guard case .server(let problem) = connectionError, finalReply == nil || problem.sqlState != "57014" else {
            return failure(connectionError, mayHaveWritten: mayHaveWritten)
        }
        var disclosure = disclosure
        disclosure.rawText = String(cString: raw.statement.text)
        disclosure.rawValueCount = raw.statement.slots.count
        return problem.failure(disclosure)
    }

    private func attempt(
        _ raw: RawStatement, _ parameters: borrowing ParameterList, _ deadline: Deadline, _ mayHaveWritten: inout Bool
    ) throws(ConnectionError) -> ResultHandle {
        begin()
        tracer?.begin()
        let statement = raw.statement
        try bind(statement, parameters)
        if isUnprepared || raw.hasTooManyParametersToDescribe {
            let areBinary = try describe(raw, deadline)
            mayHaveWritten = raw.mayWrite
            try sendText(of: statement, types: raw.types, binary: areBinary)
            let reply = try receiveOne(deadline)
            // Why here: the tables may have changed since. Such a reply is refused when it is written, and the next one is requested as text.
            if areBinary, !Connection.canBeBinary(reply) { raw.columns.learn(areBinary: false) }
            return reply
        }
        let entry = try prepare(raw, deadline)
        begin()
        tracer?.begin()
        mayHaveWritten = raw.mayWrite
        if entry.isSentAsText {
            try sendText(of: statement, types: raw.types, binary: entry.hasBinaryColumns)
            let reply = try receiveOne(deadline)
            if entry.hasBinaryColumns, !Connection.canBeBinary(reply) { statements.remove(statement.number) }
            return reply
        }
        try check(
            session.sendExecute(
                name: entry.name, values: values, count: statement.slots.count, binary: entry.hasBinaryColumns))
        return try receiveOne(deadline)
    }

    /// Prepares and describes a statement in one round trip, if it is not prepared yet.
    private func prepare(_ raw: RawStatement, _ deadline: Deadline) throws(ConnectionError) -> StatementCache.Entry {
        if let entry = findPrepared(raw.statement) { return entry }
        let entry = statements.makeEntry()
        try check(session.enterPipeline())
        var steps: [Step] = []
        // Why not inside a transaction: the server may have forgotten one of them, and the error would end the transaction.
        if statements.pendingDeallocations.count >= PostgresLimit.pendingDeallocations, session.transaction == .idle { try sendDeallocations(&steps) }
        try check(session.sendPrepare(name: entry.name, text: raw.statement.text, types: raw.types))
        steps.append(.prepare(entry, number: raw.statement.number))
        try check(session.sendDescribe(name: entry.name))
        steps.append(.describe)
        try check(session.sendSync())
        steps.append(.sync)
        (entry.hasBinaryColumns, entry.parameterTypes) = try description(steps, deadline)
        entry.isSentAsText = raw.infersSilently(entry.parameterTypes)
        return entry
    }

    /// Receives the replies to a description. Returns whether every column has a binary decoder, and the types of the parameters.
    private func description(_ steps: [Step], _ deadline: Deadline) throws(ConnectionError) -> (areBinary: Bool, parameters: [UInt32]) {
        var areBinary = true
        var parameters: [UInt32] = []
        for description in try receive(steps, deadline, staysOpen: true) {
            if !Connection.canBeBinary(description) { areBinary = false }
            parameters += description.parameterTypes
            description.clear()
        }
        return (areBinary, parameters)
    }

    private static func canBeBinary(_ reply: ResultHandle) -> Bool {
        (0..<reply.columnCount).allSatisfy { CellDecoder(ValueForm(.automatic), ColumnType(rawValue: reply.columnType($0))) != nil }
    }

    /// Returns true if the rows of a statement that is sent as text may be in binary format. Asks the server the first time.
    ///
    /// Why only behind PgBouncer: text format depends on settings that the session does not have there.
    private func describe(_ raw: RawStatement, _ deadline: Deadline) throws(ConnectionError) -> Bool {
        guard settings.isPgBouncer, raw.returnsRows, !raw.hasTooManyParametersToDescribe else { return false }
        if let areBinary = raw.columns.areBinary { return areBinary }
        try check(session.enterPipeline())
        try check("".withCString { session.sendPrepare(name: $0, text: raw.statement.text, types: raw.types) })
        try check("".withCString { session.sendDescribe(name: $0) })
        try check(session.sendSync())
        let areBinary = try description([.command, .describe, .sync], deadline).areBinary
        raw.columns.learn(areBinary: areBinary)
        begin()
        tracer?.begin()
        return areBinary
    }
}
