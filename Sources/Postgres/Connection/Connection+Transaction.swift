package import Concurrency
import Synchronization
package import Text

/// How a run of statements stands to its transaction.
package struct TransactionEnds: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// `BEGIN` is sent first.
    package static let begins = TransactionEnds(rawValue: 1)
    /// `COMMIT` is sent last.
    package static let commits = TransactionEnds(rawValue: 2)
    /// A statement that fails leaves the transaction open, as the server does: aborted, until its holder rolls back.
    package static let staysOpen = TransactionEnds(rawValue: 4)
}

/// Writing on a leased connection: statements one after the other, inside a transaction that the caller begins and ends.
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

    /// Between `BEGIN` and its end, as the server said last; aborted ones included.
    package var isInTransaction: Bool { session.transaction == .open || session.transaction == .failed }

    /// A statement failed: the server takes nothing but a rollback.
    package var isInAbortedTransaction: Bool { session.transaction == .failed }

    /// The session is gone, or busy with what no caller waits for: nothing more can be done with it.
    package var isUseless: Bool { machine.isRunning || !session.isEstablished }

    /// Runs statements in one round trip and gives the reply to each. One that fails ends the transaction, which is rolled back unless it
    /// `staysOpen`.
    ///
    /// A statement that the server no longer knows fails, too; `takeStaleStatements` then says that all may be tried again from the beginning.
    package func execute(
        writing statements: [Statement], _ ends: TransactionEnds, isolation: Isolation? = nil, _ parameters: borrowing ParameterList,
        until deadline: Deadline
    ) throws(Failure) -> ResultSet {
        var sent = statements
        if ends.contains(.begins) { sent.insert(isolation?.begin ?? TransactionText.begin, at: 0) }
        if ends.contains(.commits) { sent.append(TransactionText.commit) }
        // Why: until a transaction commits, a connection that breaks has written nothing.
        let mayHaveWritten = ends.contains(.commits) || (statements.count == 1 && session.transaction == .idle && !ends.contains(.begins))
        machine.write(mayCommit: mayHaveWritten)
        renewStatements()
        if mayHaveWritten, session.transaction != .idle { try refuseEnded() }
        return try withFinalReply(mayHaveWritten) { () throws(Failure) in
            try sendAndReceive(sent, ends, parameters, until: deadline, mayHaveWritten: mayHaveWritten)
        }
    }

    /// Why a look: what a session that has ended in the meantime is given never happens, and so it need not be told as unknown.
    private func refuseEnded() throws(Failure) {
        if isLikelyAlive { return }
        machine.write(mayCommit: false)
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
                // Why not later in a transaction that its user ends: it can only be tried again as a whole, which is for what helps for certain.
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
        if sent.count == 1, !isUnprepared, statements.pendingDeallocations.count < Limits.pendingDeallocations || session.transaction != .idle,
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
                return ResultSet([reply])
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
        if statements.pendingDeallocations.count >= Limits.pendingDeallocations, session.transaction == .idle { try sendDeallocations(&steps) }
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

    /// Ends a transaction without writing anything. What goes wrong here leaves a connection that is closed.
    package func rollBack(until deadline: Deadline) {
        guard session.isEstablished, !machine.isRunning, session.transaction != .idle else { return }
        do throws(ConnectionError) {
            try rollBackAlone(deadline)
            tracer?.tellRollback(trace)
        } catch {
            // It is running still, or spoilt: not used again.
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
    /// A cell that was asked for as text; nil for NULL.
    package func text(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        cell(Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
    }
}
