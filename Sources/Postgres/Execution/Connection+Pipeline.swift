import CLinux
import Concurrency
import Text

extension Connection {
    /// A message of a pipeline whose reply is outstanding.
    enum Step {
        case prepare(StatementCache.Entry, number: UInt64)
        case execute
        case describe
        case identity
        /// A message whose reply does not matter.
        case command
        case commit
        case sync
    }

    /// Queues a batch. Statements that are not prepared yet are prepared in the same pipeline.
    func send(_ batch: StatementBatch, _ parameters: borrowing ParameterList) throws(ConnectionError) -> [Step] {
        try check(session.enterPipeline())
        statements.beginFlight()
        var steps: [Step] = []
        steps.reserveCapacity(batch.sent.count * 2 + 3)
        let mustIdentify = mustIdentify
        if mustIdentify { try queueIdentity(&steps) }
        if statements.pendingDeallocations.count >= PostgresLimit.pendingDeallocations { try sendDeallocations(&steps) }
        for (index, statement) in batch.sent.enumerated() {
            let isBegin = batch.isTransaction && index == 0
            let isCommit = batch.isTransaction && index == batch.sent.count - 1
            try bind(statement, parameters)
            try queue(statement, &steps)
            steps.append(isCommit ? .commit : isBegin ? .command : .execute)
        }
        // Why: the preparation's answer comes after the identity's, so it shows no round trip.
        if mustIdentify { roundTripMeter.giveUp() }
        try check(session.sendSync())
        steps.append(.sync)
        return steps
    }

    /// Queues the execution of a statement whose values are bound, and its preparation if there is none.
    func queue(_ statement: Statement, _ steps: inout [Step]) throws(ConnectionError) {
        if isUnprepared {
            try sendText(of: statement, binary: true)
        } else {
            let entry = try prepared(statement, &steps)
            try sendExecute(entry, statement)
        }
        // Why: without a flush the server keeps its replies until the last one. Nothing would then show how long each statement took.
        if tracer != nil { try check(session.sendFlush()) }
    }

    /// Returns the prepared form of a statement. Queues the preparation if there is none.
    private func prepared(_ statement: Statement, _ steps: inout [Step]) throws(ConnectionError) -> StatementCache.Entry {
        if let entry = findPrepared(statement) ?? statements.findInFlight(statement.number) { return entry }
        let form = statement.preparedForm
        let entry = statements.makeEntry(inFlight: statement.number, checkCount: form.checkCount)
        try check(session.sendPrepare(name: entry.name, text: form.text))
        // Why: to prepare is little work, so its answer alone shows how long the way takes.
        if roundTripMeter.begin(now: .now) { try check(session.sendFlush()) }
        steps.append(.prepare(entry, number: statement.number))
        return entry
    }

    /// Queues DEALLOCATE for the statements that are no longer used.
    /// Why with a sync of its own: a snapshot that is taken here would forbid a BEGIN that follows.
    func sendDeallocations(_ steps: inout [Step]) throws(ConnectionError) {
        let pendingDeallocations = statements.takePendingDeallocations()
        tracer?.ignore(pendingDeallocations.count)
        for entry in pendingDeallocations {
            let text = "DEALLOCATE " + String(cString: entry.name)
            try check(text.withCString { session.sendQuery(text: $0, values: nil, count: 0, binary: false) })
            steps.append(.command)
        }
        try check(session.sendSync())
        steps.append(.sync)
    }

    /// Receives the replies to all steps and leaves the pipeline. Returns the replies to `.execute` and `.describe`, or throws the first error.
    /// - Parameter staysOpen: true if a failed transaction is not rolled back.
    func receive(_ steps: [Step], _ deadline: Deadline, staysOpen: Bool = false) throws(ConnectionError) -> [ResultHandle] {
        var replies: [ResultHandle] = []
        var problem: ServerError?
        do throws(ConnectionError) {
            for (index, step) in steps.enumerated() {
                try receive(step, into: &replies, &problem, deadline)
                // Why: a failure before an earlier sync is one of the connection's own statements. It undoes nothing that follows.
                if case .sync = step, index < steps.count - 1 { problem = nil }
            }
            try check(session.exitPipeline())
            if problem != nil, session.transaction == .failed, !staysOpen { try rollBack(deadline) }
        } catch {
            for reply in replies { reply.clear() }
            throw error
        }
        finish()
        if let problem {
            for reply in replies { reply.clear() }
            throw .server(problem)
        }
        return replies
    }

    private func receive(
        _ step: Step, into replies: inout [ResultHandle], _ problem: inout ServerError?, _ deadline: Deadline
    ) throws(ConnectionError) {
        if case .sync = step { return try receiveSync(&problem, deadline) }
        try awaitReply(deadline)
        guard let reply = session.takeReply() else { throw .lost }
        switch (reply.kind, step) {
        case (.rows, .identity), (.failed, .identity):
            try takeIdentity(reply)
        case (.rows, .execute), (.command, .execute):
            tracer?.mark(rows: reply.affectedRows)
            replies.append(reply)
        case (.command, .describe):
            replies.append(reply)
        case (.command, .prepare(let entry, let number)):
            reply.clear()
            roundTripMeter.end(now: .now)
            statements.insert(entry, for: number)
        case (.rows, .command), (.command, .command):
            tracer?.mark(rows: nil)
            reply.clear()
        case (.command, .commit):
            tracer?.mark(rows: nil)
            if problem == nil, reply.isRefusedCommit { problem = ServerError(sqlState: "25P02") }
            reply.clear()
        case (.skipped, _):
            reply.clear()
        case (.failed, _):
            try note(reply, &problem)
        default:
            reply.clear()
            throw .lost
        }
        // Why: after each statement libpq returns one nil.
        try awaitReply(deadline)
        if let more = session.takeReply() {
            more.clear()
            throw .lost
        }
    }

    /// Receives replies up to a sync. An error there comes from the commit of what was sent outside a transaction.
    private func receiveSync(_ problem: inout ServerError?, _ deadline: Deadline) throws(ConnectionError) {
        var isPaused = false
        while true {
            try awaitReply(deadline)
            guard let reply = session.takeReply() else {
                // Why: after an error libpq returns one nil.
                if isPaused { throw .lost }
                isPaused = true
                continue
            }
            isPaused = false
            switch reply.kind {
            case .sync: return reply.clear()
            case .failed: try note(reply, &problem)
            default:
                reply.clear()
                throw .lost
            }
        }
    }

    /// Records the error of a reply and clears the reply.
    private func note(_ reply: ResultHandle, _ problem: inout ServerError?) throws(ConnectionError) {
        let error = ServerError(reply)
        note(error)
        reply.clear()
        if !session.isEstablished || error.endsSession || error.sqlState.isEmpty { throw .lost }
        if problem == nil { problem = error }
    }

    /// Rolls back a transaction whose statement failed.
    private func rollBack(_ deadline: Deadline) throws(ConnectionError) {
        let start = tracer == nil ? Deadline.never : .now
        try check("ROLLBACK".withCString { session.sendQuery(text: $0, values: nil, count: 0, binary: false) })
        while true {
            try awaitReply(deadline)
            guard let reply = session.takeReply() else {
                tracer?.rolledBack(since: start)
                return
            }
            let kind = reply.kind
            reply.clear()
            if kind != .command { throw .lost }
        }
    }
}
