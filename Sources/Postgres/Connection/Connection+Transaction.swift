package import Concurrency
import Synchronization
package import Text

/// Which parts of its transaction a run of statements contains.
package struct TransactionEnds: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// `BEGIN` is sent first.
    package static let begins = TransactionEnds(rawValue: 1)
    /// `COMMIT` is sent last.
    package static let commits = TransactionEnds(rawValue: 2)
    /// A failing statement leaves the transaction open and aborted, as the server does. Its holder rolls it back.
    package static let staysOpen = TransactionEnds(rawValue: 4)
}

/// Writing on a leased connection: statements in order, inside a transaction that the caller begins and ends.
extension Connection {
    package enum Isolation: String, Sendable, CaseIterable {
        case readUncommitted = "ReadUncommitted", readCommitted = "ReadCommitted", repeatableRead = "RepeatableRead"
        case serializable = "Serializable"

        fileprivate var begin: Statement {
            switch self {
            case .readUncommitted: TransactionText.readUncommitted
            case .readCommitted: TransactionText.readCommitted
            case .repeatableRead: TransactionText.repeatableRead
            case .serializable: TransactionText.serializable
            }
        }
    }

    private enum TransactionText {
        static let begin = Statement(text: "BEGIN", slots: [], isControl: true)
        static let readUncommitted = Statement(text: "BEGIN ISOLATION LEVEL READ UNCOMMITTED", slots: [], isControl: true)
        static let readCommitted = Statement(text: "BEGIN ISOLATION LEVEL READ COMMITTED", slots: [], isControl: true)
        static let repeatableRead = Statement(text: "BEGIN ISOLATION LEVEL REPEATABLE READ", slots: [], isControl: true)
        static let serializable = Statement(text: "BEGIN ISOLATION LEVEL SERIALIZABLE", slots: [], isControl: true)
        static let commit = Statement(text: "COMMIT", slots: [], isControl: true)
        static let rollback = Statement(text: "ROLLBACK", slots: [], isControl: true)
    }

    /// True between `BEGIN` and the end of the transaction, by the server's last reply. Aborted transactions count.
    package var isInTransaction: Bool { session.transaction == .open || session.transaction == .failed }

    /// True if a statement failed. The server then accepts nothing but a rollback.
    package var isInAbortedTransaction: Bool { session.transaction == .failed }

    /// True if the session is gone, or still busy with an abandoned statement. The connection cannot be used any more.
    package var isUseless: Bool { machine.isRunning || !session.isEstablished }

    /// Runs statements in one round trip and returns their replies in order. If one fails, the transaction is rolled back, except with
    /// `staysOpen`.
    ///
    /// A statement that the server has forgotten fails as well. `takeStaleStatements` then says that the caller may try all of them again.
    /// Runs on the thread of the lease's holder, and waits until `deadline` at most.
    package func execute(
        writing statements: [Statement], _ ends: TransactionEnds, isolation: Isolation? = nil, _ parameters: borrowing ParameterList,
        until deadline: Deadline
    ) throws(Failure) -> ResultSet {
        var sent = statements
        if ends.contains(.begins) { sent.insert(isolation?.begin ?? TransactionText.begin, at: 0) }
        if ends.contains(.commits) { sent.append(TransactionText.commit) }
        // Why: until a transaction commits, a broken connection has written nothing.
        let mayHaveWritten = ends.contains(.commits) || (statements.count == 1 && session.transaction == .idle && !ends.contains(.begins))
        machine.beginWrite(mayCommit: mayHaveWritten)
        renewStatements()
        if mayHaveWritten, session.transaction != .idle { try refuseEnded() }
        return try withFinalReply(mayHaveWritten) { () throws(Failure) in
            try sendAndReceive(sent, ends, parameters, until: deadline, mayHaveWritten: mayHaveWritten)
        }
    }

    /// Fails at once if the server has ended the session already.
    /// Why: a statement that is never sent has a known outcome. Sent to an ended session, it would be reported as unknown.
    private func refuseEnded() throws(Failure) {
        if isLikelyAlive { return }
        machine.beginWrite(mayCommit: false)
        machine.markBroken()
        machine.lose()
        throw Connection.lostFailure
    }

    private func sendAndReceive(
        _ sent: [Statement], _ ends: TransactionEnds, _ parameters: borrowing ParameterList, until deadline: Deadline, mayHaveWritten: Bool
    ) throws(Failure) -> ResultSet {
        do throws(ConnectionError) {
            let results = try attempt(writing: sent, own: ends, parameters, limited(deadline))
            confirm(sent)
            tracer?.end(sent, parameters, results, .init(trace: trace))
            return results
        } catch {
            tracer?.fail(sent, parameters, cause(of: error), .init(trace: trace))
            if case .server = error { machine.fail(isRefused: true) } else { machine.fail(isRefused: false) }
            if machine.isInDoubt { isOutcomeKnown.store(false, ordering: .releasing) }
            if case .server(let problem) = error, !isUseless, forget(sent, because: problem) {
                // Why: inside a transaction that the caller ends, only the whole transaction can be tried again. That is reported only if it is
                // certain to help.
                if problem.staleness != .possible || !ends.contains(.staysOpen) || ends.contains(.begins) { machine.forget() }
                tracer?.tellForgotten(trace)
            }
            throw failure(error, mayHaveWritten: mayHaveWritten, of: sent)
        }
    }

    private func attempt(
        writing sent: [Statement], own ends: TransactionEnds, _ parameters: borrowing ParameterList, _ deadline: Deadline
    ) throws(ConnectionError) -> ResultSet {
        begin()
        tracer?.begin()
        if sent.count == 1, !isUnprepared, statements.pendingDeallocations.count < PostgresLimit.pendingDeallocations || session.transaction != .idle,
            let entry = findPrepared(sent[0])
        {
            try bind(sent[0], parameters)
            try sendExecute(entry, sent[0])
            do throws(ConnectionError) {
                let reply = try receiveOne(deadline)
                if ends.contains(.commits), reply.isRefusedCommit {
                    reply.clear()
                    throw .server(ServerError(sqlState: "25P02"))
                }
                return ResultSet(reply)
            } catch {
                if case .server = error, session.transaction == .failed, !ends.contains(.staysOpen) { try rollBackAlone(deadline) }
                throw error
            }
        }
        let steps = try send(writing: sent, own: ends, parameters)
        return ResultSet(try receive(steps, deadline, staysOpen: ends.contains(.staysOpen)))
    }

    private func send(
        writing sent: [Statement], own ends: TransactionEnds, _ parameters: borrowing ParameterList
    ) throws(ConnectionError) -> [Step] {
        try check(session.enterPipeline())
        statements.beginFlight()
        var steps: [Step] = []
        if statements.pendingDeallocations.count >= PostgresLimit.pendingDeallocations, session.transaction == .idle { try sendDeallocations(&steps) }
        for (index, statement) in sent.enumerated() {
            let isBegin = index == 0 && ends.contains(.begins)
            let isCommit = index == sent.count - 1 && ends.contains(.commits)
            try bind(statement, parameters)
            try queue(statement, &steps)
            steps.append(isCommit ? .commit : isBegin ? .command : .execute)
        }
        try check(session.sendSync())
        steps.append(.sync)
        return steps
    }

    /// Ends a transaction without writing anything. An error here leaves a connection that the pool closes. Waits until `deadline` at most.
    package func rollBack(until deadline: Deadline) {
        guard session.isEstablished, !machine.isRunning, session.transaction != .idle else { return }
        do throws(ConnectionError) {
            try rollBackAlone(deadline)
            tracer?.tellRollback(trace)
        } catch {
            // The connection is still running or broken, so it is not used again.
        }
    }

    private func rollBackAlone(_ deadline: Deadline) throws(ConnectionError) {
        let start = tracer == nil ? Deadline.never : .now
        begin()
        try check(session.sendQuery(text: TransactionText.rollback.text, values: nil, count: 0, binary: false))
        try receiveOne(deadline).clear()
        tracer?.rolledBack(since: start)
    }
}

extension ResultHandle {
    /// Returns a cell that was requested as text; nil for NULL. The bytes belong to the result.
    package func text(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        cell(Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
    }
}
