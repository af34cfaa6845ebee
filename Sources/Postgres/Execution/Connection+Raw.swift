import CLinux
import Concurrency
import Text

extension Connection {
    /// Runs one statement of the caller's own and gives its reply; in the open transaction, if there is one, which then stays open
    /// whatever comes of it.
    ///
    /// The first time it is prepared and described in a round trip before: rows come in binary format only when every
    /// column has a decoder. Behind PgBouncer it is only described, and each time sent with its text.
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
        var isSecondTry = false
        while true {
            renewStatements()
            var mayHaveWritten = false
            do throws(ConnectionError) {
                let reply = try attempt(raw, parameters, limited(deadline), &mayHaveWritten)
                guard isInside ? session.transaction == .open : machine.isReusable else {
                    reply.clear()
                    // Why: what runs alone is committed after it is done, so its end without the server's word for that proves nothing.
                    guard session.transaction != .unknown, session.isEstablished else { throw .lost }
                    throw .server(ServerError(sqlState: "25001", primary: "transaction control is not possible in a raw query"))
                }
                let results = ResultSet([reply])
                tracer?.end([raw.statement], parameters, results, .init(trace: trace, isRaw: true))
                return results
            } catch {
                tracer?.fail([raw.statement], parameters, cause(of: error), .init(trace: trace, isRaw: true))
                let isStale = isStale(raw, error, limited(deadline))
                if isStale, !isSecondTry, machine.isReusable {
                    isSecondTry = true
                    tracer?.tellForgotten(trace)
                    continue
                }
                machine.forget(isStale && isInside)
                // Why not inside: until a transaction commits, nothing is written.
                throw failure(raw, error, mayHaveWritten && !isInside)
            }
        }
    }

    /// Whether the statement failed because of what it was prepared for; then it will be prepared again, or has been.
    ///
    /// Where the error alone does not say so, the statement is prepared again to see whether its parameters get other types now. It is not sent
    /// again for less: it may be the caller's own mistake after hours of work. And what may have committed is sent again only if it has not begun.
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
            mayHaveWritten = true
            try sendText(of: statement, types: raw.types, binary: areBinary)
            let reply = try receiveOne(deadline)
            // Why here: its tables may have changed since; such an answer is refused where it is written, and the next one comes as text.
            if areBinary, !Connection.canBeBinary(reply) { raw.columns.learn(areBinary: false) }
            return reply
        }
        let entry = try prepare(raw, deadline)
        begin()
        tracer?.begin()
        mayHaveWritten = true
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

    /// Prepares and describes in one round trip what is not prepared yet.
    private func prepare(_ raw: RawStatement, _ deadline: Deadline) throws(ConnectionError) -> StatementCache.Entry {
        if let entry = findPrepared(raw.statement) { return entry }
        let entry = statements.makeEntry()
        try check(session.enterPipeline())
        var steps: [Step] = []
        if statements.pendingDeallocations.count >= Limits.pendingDeallocations { try sendDeallocations(&steps) }
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

    /// Takes the replies to a pipeline that describes a statement: whether each of its columns has a binary decoder, and what its parameters are.
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

    /// Whether the rows of a statement that is sent with its text may come in binary format; asks the server the first time.
    ///
    /// Why only behind PgBouncer: there text depends on settings that the session does not have.
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
