import Concurrency
import Text

extension Connection {
    /// Runs several statements of the caller in one message. They run in the open transaction, or else in one that PostgreSQL makes of them.
    ///
    /// Returns the rows of the last statement that has some, in text format. `affectedRows` gets the number of rows that all of them changed.
    ///
    /// Why a message of its own kind: a prepared statement cannot hold several.
    func execute(script raw: RawStatement, until deadline: Deadline, changing affectedRows: inout Int) throws(Failure) -> ResultSet {
        let isInside = isInTransaction
        sessionEffect = max(sessionEffect, raw.effect)
        return try withFinalReply(!isInside, of: raw) { () throws(Failure) in
            try execute(script: raw, isInside: isInside, until: deadline, changing: &affectedRows)
        }
    }

    private func execute(
        script raw: RawStatement, isInside: Bool, until deadline: Deadline, changing affectedRows: inout Int
    ) throws(Failure) -> ResultSet {
        do throws(ConnectionError) {
            begin()
            tracer?.begin()
            try check(session.sendScript(text: raw.statement.text))
            let outcome = try receiveAll(limited(deadline))
            guard isInside ? session.transaction == .open : machine.isReusable else {
                for reply in outcome.replies { reply.clear() }
                guard session.transaction != .unknown, session.isEstablished else { throw .lost }
                throw .server(ServerError(sqlState: "25001", primary: "transaction control is not possible in a raw query"))
            }
            let results = ResultSet(outcome.replies)
            tracer?.end([raw.statement], ParameterList(), results, .init(trace: trace, isRaw: true))
            affectedRows = outcome.affectedRows
            return results
        } catch {
            tracer?.fail([raw.statement], ParameterList(), cause(of: error), .init(trace: trace, isRaw: true))
            guard case .server(let problem) = error, finalReply == nil || problem.sqlState != "57014" else {
                throw failure(error, mayHaveWritten: !isInside)
            }
            var disclosure = disclosure
            disclosure.rawText = String(cString: raw.statement.text)
            throw problem.scriptFailure(disclosure)
        }
    }

    /// Receives the replies to statements that were sent together: the rows of the last one that has some, or the first error.
    private func receiveAll(_ deadline: Deadline) throws(ConnectionError) -> (replies: [ResultHandle], affectedRows: Int) {
        var rows: ResultHandle?
        var affectedRows = 0
        var succeeded = 0
        var problem: ServerError?
        do throws(ConnectionError) {
            while true {
                try awaitReply(deadline)
                guard let reply = session.takeReply() else { break }
                switch reply.kind {
                case .rows:
                    rows?.clear()
                    rows = reply
                    succeeded += 1
                    affectedRows &+= reply.affectedRows ?? 0
                case .command:
                    succeeded += 1
                    affectedRows &+= reply.affectedRows ?? 0
                    reply.clear()
                case .failed:
                    var error = ServerError(reply)
                    error.succeededStatements = succeeded
                    note(error)
                    reply.clear()
                    if !session.isEstablished || error.endsSession || error.sqlState.isEmpty { throw .lost }
                    if problem == nil { problem = error }
                default:
                    reply.clear()
                    // Why: COPY waits for data that never comes.
                    throw session.isEstablished ? .server(ServerError(sqlState: "0A000", primary: ServerError.copyRefusal)) : .lost
                }
            }
        } catch {
            rows?.clear()
            throw error
        }
        finish()
        if let problem {
            rows?.clear()
            throw .server(problem)
        }
        return (rows.map { [$0] } ?? [], affectedRows)
    }
}
