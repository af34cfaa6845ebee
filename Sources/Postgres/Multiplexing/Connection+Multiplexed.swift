import CLinux
import Concurrency
import Text

/// Reads of several callers in one pipeline, each with a sync of its own. So each is a transaction of its own and fails alone.
extension Connection {
    /// True if other callers' reads may use this connection.
    var mayMultiplex: Bool {
        !isUnprepared && statements.pendingDeallocations.count < PostgresLimit.pendingDeallocations
    }

    /// Queues all reads of a batch, with the preparations that they need, and sends what the socket takes.
    func send(_ batch: MultiplexedBatch) throws(ConnectionError) {
        // Why: libpq before version 17 sends at each sync, and over TCP each of these would be a packet of its own.
        if !Session.queuesSyncs, mayGather { mayGather = linux_cork(session.descriptor, true) }
        defer { if !Session.queuesSyncs, mayGather { _ = linux_cork(session.descriptor, false) } }
        renewStatements()
        begin()
        try check(session.enterPipeline())
        statements.beginFlight()
        for index in batch.entries.indices {
            let read = batch.entries[index].read
            try bind(read.statement, read.parameters)
            try sendExecute(try prepared(read.statement, &batch.entries[index]), read.statement)
            try check(session.queueSync())
        }
    }

    private func prepared(_ statement: Statement, _ entry: inout MultiplexedBatch.Entry) throws(ConnectionError) -> StatementCache.Entry {
        if let known = findPrepared(statement) {
            entry.reuses = true
            return known
        }
        if let inFlight = statements.findInFlight(statement.number) {
            entry.relies = true
            return inFlight
        }
        let form = statement.preparedForm
        let fresh = statements.makeEntry(inFlight: statement.number, checkCount: form.checkCount)
        try check(session.sendPrepare(name: fresh.name, text: form.text))
        entry.fresh = fresh
        return fresh
    }

    /// Receives replies until the driver has something else to do. Leaves the pipeline after the last reply.
    ///
    /// Throws `.deadline` at `limit`, and may then be called again.
    func receive(_ batch: MultiplexedBatch, until limit: Deadline) throws(ConnectionError) -> MultiplexMachine.Step {
        while true {
            if session.isBusy { batch.wakeReaders() }
            try awaitReply(limit)
            guard let reply = session.takeReply() else {
                // Why: after each statement libpq returns one nil.
                if batch.endsWithNothing { throw .lost }
                batch.endsWithNothing = true
                continue
            }
            batch.endsWithNothing = false
            guard try take(reply, batch) else { continue }
            let step = end(batch)
            if step == .finish {
                try check(session.exitPipeline())
                finish()
            }
            if step != .go { return step }
        }
    }

    /// Handles one reply to the front. Returns true if it was the last one.
    private func take(_ reply: ResultHandle, _ batch: MultiplexedBatch) throws(ConnectionError) -> Bool {
        let index = batch.front
        let isPreparing = batch.entries[index].fresh != nil && !batch.entries[index].isPrepared
        switch reply.kind {
        case .sync:
            reply.clear()
            if batch.reply == nil, batch.problem == nil { throw .lost }
            return true
        case .command where isPreparing:
            reply.clear()
            batch.entries[index].isPrepared = true
            if let fresh = batch.entries[index].fresh { statements.insert(fresh, for: batch.entries[index].read.statement.number) }
        case .rows where !isPreparing && batch.reply == nil && batch.problem == nil, .command where batch.reply == nil && batch.problem == nil:
            batch.reply = reply
        case .skipped where batch.problem != nil: reply.clear()
        case .failed:
            let error = ServerError(reply)
            note(error)
            reply.clear()
            if !session.isEstablished || error.endsSession || error.sqlState.isEmpty { throw .lost }
            if batch.problem == nil { batch.problem = error }
        default:
            reply.clear()
            throw .lost
        }
        return false
    }

    /// The front has been answered.
    private func end(_ batch: MultiplexedBatch) -> MultiplexMachine.Step {
        let now = Deadline.now
        let index = batch.front
        let entry = batch.entries[index]
        entry.read.batch.cost.add(nanoseconds: batch.frontCost(now: now))
        traceFront(of: batch)
        let outcome = outcome(entry, batch)
        receiveMeter.count = 0
        let step = batch.answer(outcome, now: now)
        if now >= batch.nextExpiry { batch.expire(now: now) }
        return step
    }

    private func outcome(_ entry: MultiplexedBatch.Entry, _ batch: MultiplexedBatch) -> MultiplexedRead.Outcome {
        let statements = entry.read.batch.statements
        defer { (batch.reply, batch.problem) = (nil, nil) }
        guard let problem = batch.problem else {
            guard let reply = batch.reply else { return .moved }
            confirm(statements)
            return .answer(reply, of: generation)
        }
        batch.reply?.clear()
        // Why: another read of the batch was to prepare the statement, and failed to.
        if entry.relies, problem.sqlState == "26000" { return .moved }
        // Why also then: each read is a transaction of its own, and the tables may have changed between two.
        reusesPrepared = entry.reuses || entry.relies
        if forget(statements, because: problem) {
            tracer?.tellForgotten(entry.read.trace)
            return .moved
        }
        return .failure(failure(.server(problem), of: statements))
    }

    /// Logs what the server did for the front, from the answer to the previous read on.
    func traceFront(of batch: MultiplexedBatch, _ connectionError: ConnectionError? = nil) {
        guard let tracer, batch.front < batch.entries.count else { return }
        let read = batch.entries[batch.front].read
        tracer.tell(
            read.statement, read.parameters, since: batch.frontSince, rows: batch.reply?.affectedRows,
            connectionError ?? batch.problem.map { .server($0) }, StatementTracer.Context(trace: read.trace))
    }
}
