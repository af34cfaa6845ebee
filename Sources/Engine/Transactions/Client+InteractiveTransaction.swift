import Cache
import Concurrency
import Postgres
import Query
import Telemetry
import Text
import Writes

// Interactive transactions: `$transaction.begin`, the requests that carry its id, savepoints, and the end.

extension Client {
    /// Runs a step of an interactive transaction. Returns its reply.
    func runStep(
        _ step: Operation.TransactionStep, _ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext
    ) throws(Failure) -> Reply {
        switch step {
        case .begin: return try begin(envelope, document, context)
        case .commit, .rollback:
            try OperationArguments.ending(envelope, document)
            let transaction = try openTransaction(envelope, document, step == .commit ? "commit" : "rollback")
            return try end(transaction, isCommit: step == .commit, context)
        case .savepoint, .rollbackTo, .release:
            let name = try OperationArguments.savepoint(envelope, document)
            let transaction = try openTransaction(envelope, document, "query")
            return try inTurn(of: transaction, context) { (work) throws(Failure) in
                try perform(step, name, work)
                return .plain(null())
            }
        }
    }

    /// Runs a request that carries the id of a transaction. A read in it neither uses nor fills the cache.
    func runInside(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let transaction = try openTransaction(envelope, document, "query")
        let start = telemetry.begin()
        defer { telemetry.end(since: start) }
        return try inTurn(of: transaction, context) { (work) throws(Failure) in
            let before = (statements: work.transaction.statementCount, changes: work.transaction.changeCount)
            defer { telemetry.databaseQueries.add(UInt64(work.transaction.statementCount - before.statements)) }
            guard !work.transaction.isAborted else { throw .transactionIsAborted }
            do throws(Failure) {
                return try reply(to: envelope, document, work)
            } catch {
                // Why: half a request must not be committed.
                if work.transaction.changeCount > before.changes { work.transaction.markBroken() }
                // Why: a prepared statement was outdated, and here only the whole transaction can be tried again.
                throw work.connection.takeStaleStatements() ? .writeConflict : error
            }
        }
    }

    private func reply(
        to envelope: Envelope, _ document: JSONDocument, _ work: InteractiveTransaction.Work
    ) throws(Failure) -> Reply {
        guard case .read = envelope.operation else {
            return .plain(try perform(envelope, document, in: work.transaction, &work.changes))
        }
        let bound = try plans.bind(envelope, document)
        telemetry.uncached.add()
        let lastModified = clock.lastModified
        var answer = ByteBuffer(capacity: bound.plan.writer.expectedSize)
        try read(bound, in: work.transaction, into: &answer)
        return .uncached(UncachedAnswer(answer, lastModified: lastModified, bound), region: region.pointer)
    }

    // MARK: The beginning

    /// Returns `{"id": "…"}`. `BEGIN` is sent with the first statement.
    private func begin(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let asked = try OperationArguments.beginning(envelope, document)
        let isolation = try isolation(asked.isolation)
        let connection = try leaseForTransaction(asked.maxWaitMilliseconds, context)
        var id = ByteBuffer(capacity: 36)
        GeneratedText.write(uuid: 4, milliseconds: 0, into: &id)
        let work = InteractiveTransaction.Work(
            connection, WriteTransaction(connection, plans.texts, isolation: isolation, scope: .interactive, until: context.deadline))
        let transaction = InteractiveTransaction(
            id: Array(id.bytes), work, begin: clock.exact, timeoutMilliseconds: asked.timeoutMilliseconds)
        guard transactions.add(transaction) else {
            pool.release(connection)
            throw .closed
        }
        var answer = ByteBuffer(capacity: 48)
        answer.append("{\"id\":\"")
        answer.append(id.bytes)
        answer.append("\"}")
        return .plain(answer)
    }

    /// - Parameter maxWait: in milliseconds. Nil means as long as any request may wait.
    func leaseForTransaction(_ maxWait: Int?, _ context: RequestContext) throws(Failure) -> Connection {
        let (deadline, cancellation) = (context.deadline, context.cancellation)
        guard let maxWait else { return try pool.lease(until: deadline, cancellation: cancellation) }
        let patience = Deadline.after(milliseconds: maxWait)
        do throws(Failure) {
            // Why this is the latest start: the transaction's own time begins afterwards.
            return try pool.lease(until: min(deadline, patience), latestStart: min(deadline, patience), cancellation: cancellation)
        } catch {
            throw error.status == .timeout && patience <= deadline ? .beginTimedOut : error
        }
    }

    // MARK: Turns

    /// Returns the open transaction that a request names. Throws when it has ended or never was.
    private func openTransaction(_ envelope: Envelope, _ document: JSONDocument, _ step: String) throws(Failure) -> InteractiveTransaction {
        guard let id = try OperationArguments.transactionID(envelope, document) else {
            throw .missing(at: "transaction", expected: ["the id that `$transaction.begin` gave"])
        }
        switch transactions.find(id) {
        case .open(let transaction): return transaction
        case .past(let past):
            throw .transactionEnded(
                past.end, step, timeoutMilliseconds: past.timeoutMilliseconds,
                passedMilliseconds: (clock.exact &- past.begin) / 1_000_000)
        case nil: throw .noSuchTransaction
        }
    }

    /// Calls `body` when no other request of the transaction runs. Afterwards the transaction is open; or it is rolled back, because its
    /// time is up or its connection was lost.
    private func inTurn(
        of transaction: InteractiveTransaction, _ context: RequestContext, _ step: String = "query",
        _ body: (InteractiveTransaction.Work) throws(Failure) -> Reply
    ) throws(Failure) -> Reply {
        let deadline = clock.isManual ? context.deadline : min(context.deadline, Deadline(nanoseconds: Int64(clamping: transaction.expiry)))
        try takeTurn(of: transaction, until: deadline, context, step)
        do throws(Failure) {
            if Deadline.now >= deadline { throw .timedOut(while: "waiting for another request of its transaction") }
            transaction.work.transaction.deadline = deadline
            transaction.work.connection.trace = context.trace
            transaction.work.connection.cancellation = context.cancellation
            let reply = try body(transaction.work)
            giveBackTurn(of: transaction, context)
            return reply
        } catch {
            let isRolledBack = transaction.work.transaction.isLost
            giveBackTurn(of: transaction, context)
            if error.status == .timeout, clock.exact >= transaction.expiry { throw ended(transaction, .expired, step) }
            throw isRolledBack ? error.withRollback : error
        }
    }

    private func takeTurn(
        of transaction: InteractiveTransaction, until deadline: Deadline, _ context: RequestContext, _ step: String
    ) throws(Failure) {
        switch transaction.enter(now: clock.exact, until: deadline) {
        case .granted: return
        case .expired:
            rollBackExpired(transaction, context.cancellation)
            throw ended(transaction, .expired, step)
        case .refused(let end): throw ended(transaction, end, step)
        case .wait, nil:
            if clock.exact >= transaction.expiry { throw ended(transaction, .expired, step) }
            throw .timedOut(while: "waiting for another request of its transaction")
        }
    }

    private func giveBackTurn(of transaction: InteractiveTransaction, _ context: RequestContext) {
        if transaction.work.transaction.isLost {
            let end: TransactionStateMachine.End = clock.exact >= transaction.expiry ? .expired : .rolledBack
            transaction.finish(end)
            giveUp(transaction, end, until: .now, context.cancellation)
        } else if let end = transaction.leave(now: clock.exact) {
            giveUp(transaction, end, until: .after(milliseconds: Limits.rollbackMilliseconds), context.cancellation)
        }
    }

    /// Returns the failure of a request that comes too late, in Prisma's words.
    private func ended(_ transaction: InteractiveTransaction, _ end: TransactionStateMachine.End, _ step: String) -> Failure {
        .transactionEnded(
            end, step, timeoutMilliseconds: transaction.timeoutMilliseconds,
            passedMilliseconds: (clock.exact &- transaction.begin) / 1_000_000)
    }

    // MARK: Savepoints

    private func perform(_ step: Operation.TransactionStep, _ name: [UInt8], _ work: InteractiveTransaction.Work) throws(Failure) {
        let transaction = work.transaction
        if step != .rollbackTo, transaction.isAborted { throw .transactionIsAborted }
        guard step != .savepoint else {
            guard work.savepoints.count < QueryLimit.savepoints else { throw .tooManySavepoints }
            try transaction.savepoint(work.savepoints.count)
            return work.savepoints.append((name, work.changes))
        }
        guard let number = work.savepoints.lastIndex(where: { $0.name == name }) else { throw .noSavepoint(name) }
        if step == .release {
            try transaction.release(number)
            work.savepoints.removeSubrange(number...)
        } else {
            try transaction.rollBack(to: number)
            work.changes = work.savepoints[number].changes
            work.savepoints.removeSubrange((number + 1)...)
        }
    }

    // MARK: The end

    private func end(
        _ transaction: InteractiveTransaction, isCommit: Bool, _ context: RequestContext
    ) throws(Failure) -> Reply {
        let deadline = context.deadline
        try takeTurn(of: transaction, until: deadline, context, isCommit ? "commit" : "rollback")
        let work = transaction.work
        work.connection.trace = context.trace
        work.connection.cancellation = context.cancellation
        guard isCommit, !work.transaction.isAborted else {
            transaction.finish(.rolledBack)
            giveUp(transaction, .rolledBack, until: deadline, context.cancellation)
            if isCommit { throw .abortedIsNotCommitted }
            return .plain(null())
        }
        work.transaction.deadline = deadline
        do throws(Failure) {
            try broadcastOnCommit(work.changes, in: work.transaction)
            try work.transaction.end()
        } catch {
            if work.connection.mayHaveCommitted { applyInvalidations(work.changes) }
            transaction.finish(.rolledBack)
            giveUp(transaction, .rolledBack, until: deadline, context.cancellation)
            throw error
        }
        applyInvalidations(work.changes)
        transaction.finish(.committed)
        transactions.retire(transaction, .committed)
        pool.release(work.connection)
        return .plain(null())
    }

    /// Rolls back a transaction that has ended, and returns its connection to the pool. The connection is closed when the server does not
    /// answer by `deadline`.
    /// - Parameter cancellation: the token of the request that ends the transaction, if one does. The connection still has the last request's.
    func giveUp(
        _ transaction: InteractiveTransaction, _ end: TransactionStateMachine.End, until deadline: Deadline, _ cancellation: CancellationToken?
    ) {
        transactions.retire(transaction, end)
        transaction.work.connection.cancellation = cancellation
        if end != .closed { transaction.work.transaction.rollBack(until: deadline) }
        pool.release(transaction.work.connection)
    }

    /// Ends the transactions whose time is up. `later` rolls one back on another thread, and returns false when there is no thread.
    func expireTransactions(_ later: (InteractiveTransaction) -> Bool = { _ in false }) {
        for transaction in transactions.expire(now: clock.exact) where !later(transaction) { rollBackExpired(transaction, nil) }
    }

    func rollBackExpired(_ transaction: InteractiveTransaction, _ cancellation: CancellationToken?) {
        giveUp(transaction, .expired, until: .after(milliseconds: Limits.rollbackMilliseconds), cancellation)
    }

    /// Returns the connections of transactions that no caller uses, because the client closes. The server rolls back what loses its
    /// connection.
    func closeTransactions() {
        for transaction in transactions.close() { giveUp(transaction, .closed, until: .now, nil) }
    }
}
