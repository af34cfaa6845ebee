import CLinux
package import Concurrency
package import Text

extension Connection {
    /// Runs the statements of a read in one round trip and returns the rows of each.
    ///
    /// A single statement commits by itself. Several statements are one read-only transaction and see one snapshot. A statement that is not
    /// prepared yet is prepared in the same pipeline. If a table changed under a prepared statement, or the server forgot it,
    /// everything is prepared again, once. Runs on the thread of the lease's holder, and waits until `deadline` at most.
    package func execute(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, until deadline: Deadline
    ) throws(Failure) -> ResultSet {
        try withFreshStatements { () throws(ConnectionError) in
            let results = try attempt(batch, parameters, limited(deadline))
            confirm(batch.statements)
            tracer?.end(batch.sent, parameters, results, .init(trace: trace))
            return results
        } isStale: { error in
            tracer?.fail(batch.sent, parameters, error, .init(trace: trace))
            guard case .server(let problem) = error, machine.isReusable else { return false }
            return forget(batch.statements, because: problem)
        } failure: { error, _ in
            failure(error, of: batch.statements)
        }
    }

    /// The deadline of a round trip: the request's own, or an earlier one by `socket_timeout`.
    func limited(_ deadline: Deadline) -> Deadline {
        settings.socketTimeoutMilliseconds > 0 ? limited(deadline, since: .now) : deadline
    }

    func limited(_ deadline: Deadline, since start: Deadline) -> Deadline {
        let span = settings.socketTimeoutMilliseconds
        return span > 0 ? min(deadline, .after(milliseconds: span, from: start)) : deadline
    }

    private func attempt(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, _ deadline: Deadline
    ) throws(ConnectionError) -> ResultSet {
        begin()
        tracer?.begin()
        if !mustIdentify, batch.sent.count == 1, isUnprepared || statements.pendingDeallocations.count < PostgresLimit.pendingDeallocations {
            if isUnprepared {
                try bind(batch.sent[0], parameters)
                try sendText(of: batch.sent[0], binary: true)
                return ResultSet(try receiveOne(deadline))
            }
            if let entry = findPrepared(batch.sent[0]) {
                try bind(batch.sent[0], parameters)
                try sendExecute(entry, batch.sent[0])
                return ResultSet(try receiveOne(deadline))
            }
        }
        let steps = try send(batch, parameters)
        return ResultSet(try receive(steps, deadline))
    }

    /// A statement is about to be sent. The server may be busy until `finish`.
    func begin() {
        machine.begin()
        receiveMeter = ReceiveMeter()
        roundTripMeter.giveUp()
    }

    /// All replies have been received. Records where the server's transaction stands.
    func finish() {
        machine.finish(transactionStatus)
    }

    private var transactionStatus: ConnectionMachine.TransactionStatus {
        guard session.isEstablished else { return .unclear }
        switch session.transaction {
        case .idle: return .idle
        case .open: return .open
        case .failed: return .aborted
        case .active, .unknown: return .unclear
        }
    }

    func check(_ isSent: Bool) throws(ConnectionError) {
        if !isSent { throw .lost }
    }

    /// Points `values` at the parameters of a statement. They stay owned by the list.
    func bind(_ statement: Statement, _ parameters: borrowing ParameterList) throws(ConnectionError) {
        let count = statement.valueCount
        if count > valueCapacity {
            guard count <= PostgresLimit.parameters else {
                finish()
                throw .server(ServerError(sqlState: "54023"))
            }
            values.deallocate()
            valueCapacity = count
            values = .allocate(capacity: count)
        }
        for (index, slot) in statement.slots.enumerated() { values[index] = parameters.pointer(slot) }
        for index in statement.slots.count..<count { values[index] = nil }
    }

    /// Queues the execution of a prepared statement whose values are bound.
    func sendExecute(_ entry: StatementCache.Entry, _ statement: Statement) throws(ConnectionError) {
        try check(session.sendExecute(name: entry.name, values: values, count: statement.slots.count + entry.checkCount, binary: true))
    }

    /// Returns the reply to a statement that was sent alone, outside a pipeline. The first error counts, even if it comes after rows.
    ///
    /// Why up to the end: the server commits such a statement after it is complete, and may refuse that.
    func receiveOne(_ deadline: Deadline) throws(ConnectionError) -> ResultHandle {
        var answer: ResultHandle?
        while true {
            do throws(ConnectionError) {
                try awaitReply(deadline)
            } catch {
                answer?.clear()
                throw error
            }
            guard let reply = session.takeReply() else { break }
            // Why: COPY waits for data that never comes. libpq says so again whenever it is asked, also after an error.
            let isEndless = reply.kind == .unexpected
            if let answer, !answer.isSuccess {
                reply.clear()
            } else {
                answer?.clear()
                answer = reply
            }
            if isEndless { break }
        }
        guard let answer else { throw .lost }
        if answer.isSuccess {
            finish()
            return answer
        }
        defer { answer.clear() }
        throw connectionError(of: answer)
    }

    /// Returns what an error reply means for this connection: still in step, or lost.
    private func connectionError(of reply: ResultHandle) -> ConnectionError {
        guard reply.kind == .failed else { return unexpected(reply) }
        guard session.isEstablished else { return .lost }
        let error = ServerError(reply)
        note(error)
        guard !error.sqlState.isEmpty, !error.endsSession else { return .lost }
        finish()
        return .server(error)
    }

    private func unexpected(_ reply: ResultHandle) -> ConnectionError {
        if session.isEstablished { return .server(ServerError(sqlState: "0A000", primary: ServerError.copyRefusal)) }
        return .lost
    }
}
