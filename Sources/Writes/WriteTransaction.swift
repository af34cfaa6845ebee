package import Concurrency
package import Postgres
package import SQL
package import Text

/// The transaction of a write. It begins with the first statement. One thread uses it at a time.
package final class WriteTransaction {
    /// Decides what ends the transaction, and what a failure does to it.
    package enum Scope {
        /// The request itself: `COMMIT` rides with its last statement.
        case request
        /// The list of requests that share it.
        case list
        /// The caller ends it by a request. A failure leaves it open and aborted.
        case interactive
    }

    private let session: any WriteSession
    private let statements: StatementTexts
    private let isolation: Connection.Isolation?
    private let scope: Scope
    /// The deadline of the statement that runs.
    package var deadline: Deadline
    private var hasBegun = false
    /// Number of statements that were sent, without those that begin and end the transaction.
    package private(set) var statementCount = 0
    /// Number of statements that have changed something.
    package private(set) var changeCount = 0
    /// True if a request failed after it had changed something.
    private var isBroken = false

    package init(
        _ session: any WriteSession, _ statements: StatementTexts, isolation: Connection.Isolation? = nil, scope: Scope = .request,
        until deadline: Deadline
    ) {
        self.session = session
        self.statements = statements
        self.isolation = isolation
        self.scope = scope
        self.deadline = deadline
    }

    var isShared: Bool { scope != .request }
    /// True if the running request has a savepoint, so that a failure leaves the transaction open.
    private var hasGuard = false

    // MARK: Statements

    /// Runs statements in one round trip, the last of the transaction if it `commits`. The first `changing` of them change something.
    package func execute(
        _ list: [Plan.Statement], changing: Int = 0, commits: Bool = false, _ parameters: borrowing ParameterList
    ) throws(Failure) -> ResultSet {
        let results = try send(list.map { statements.find($0) }, commits: commits, parameters)
        noteChanges(results, changing)
        return results
    }

    /// Runs the statements of a read, which keep their prepared forms.
    package func execute(reading batch: StatementBatch, _ parameters: borrowing ParameterList) throws(Failure) -> ResultSet {
        try send(batch.statements, parameters)
    }

    /// True if its statements are not committed yet.
    var isOpen: Bool { hasBegun }

    /// Runs the only statement of a request, which `commits`: alone it needs no transaction.
    func runAlone(_ statement: Statement, _ parameters: borrowing ParameterList, commits: Bool) throws(Failure) -> ResultSet {
        guard isShared || hasBegun || !commits else {
            statementCount += 1
            return try session.execute(writing: [statement], [], isolation: nil, parameters, until: deadline)
        }
        let results = try send([statement], commits: commits, parameters)
        noteChanges(results, 1)
        return results
    }

    private func send(_ list: [Statement], commits: Bool = false, _ parameters: borrowing ParameterList) throws(Failure) -> ResultSet {
        statementCount += list.count
        let isFirst = !hasBegun
        do throws(Failure) {
            return try sendOnce(list, commits: commits, parameters)
        } catch {
            guard isFirst, isShared, session.takeStaleStatements() else { throw error }
        }
        // Why: tables had changed under prepared statements, and nothing happened before. Later ones can only fail.
        session.rollBack(until: deadline)
        hasBegun = false
        return try sendOnce(list, commits: commits, parameters)
    }

    private func sendOnce(_ list: [Statement], commits: Bool, _ parameters: borrowing ParameterList) throws(Failure) -> ResultSet {
        var ends: TransactionEnds = scope == .interactive || hasGuard ? .staysOpen : []
        if !hasBegun { ends.insert(.begins) }
        if commits, !isShared { ends.insert(.commits) }
        hasBegun = !ends.contains(.commits)
        do throws(Failure) {
            return try session.execute(writing: list, ends, isolation: isolation, parameters, until: deadline)
        } catch {
            if ends.contains(.begins) { hasBegun = session.isInTransaction }
            throw error
        }
    }

    private func noteChanges(_ results: borrowing ResultSet, _ changing: Int) {
        if results.replies.prefix(changing).contains(where: { ($0.affectedRows ?? 0) > 0 }) { changeCount += 1 }
    }

    func statement(_ statement: Plan.Statement) -> Statement { statements.find(statement) }

    // MARK: A transaction's own

    /// Calls `body` with the connection, in the transaction. What it runs counts as one statement, and as a change.
    package func withConnection(_ body: (Connection) throws(Failure) -> Void) throws(Failure) {
        if !hasBegun { _ = try sendOnce([], commits: false, ParameterList()) }
        statementCount += 1
        guard let connection = session as? Connection else {
            throw Failure(.internal, code: "P6000", "The session is not a connection. This is a bug of the library.")
        }
        try body(connection)
        noteChange()
    }

    /// Counts a change by a statement that the caller has run itself.
    package func noteChange() { changeCount += 1 }

    /// Nothing but rolling back is possible.
    package var isAborted: Bool { isBroken || session.isInAbortedTransaction }

    /// True if the server's side of it went away: by a lost connection, or by a statement that no caller waits for any more.
    package var isLost: Bool { session.isUseless || (hasBegun && !session.isInTransaction) }

    /// Says that a request failed after it had changed something.
    package func markBroken() { isBroken = true }

    package func savepoint(_ number: Int) throws(Failure) { _ = try execute([SavepointStatement.set(number)], ParameterList()) }

    /// Sets a savepoint for the request that runs.
    func setGuard(_ number: Int) throws(Failure) {
        try savepoint(number)
        hasGuard = true
    }

    func releaseGuard(_ number: Int) throws(Failure) {
        try release(number)
        hasGuard = false
    }

    package func release(_ number: Int) throws(Failure) { _ = try execute([SavepointStatement.release(number)], ParameterList()) }

    /// Takes back what came after a savepoint, failures included.
    package func rollBack(to number: Int) throws(Failure) {
        _ = try execute([SavepointStatement.rollBack(to: number)], ParameterList())
        isBroken = false
    }

    // MARK: The end

    /// Commits what a request did, unless others share the transaction.
    func commit() throws(Failure) {
        if !isShared { try end() }
    }

    /// Commits.
    package func end() throws(Failure) {
        guard hasBegun else { return }
        hasBegun = false
        _ = try session.execute(writing: [], .commits, isolation: nil, ParameterList(), until: deadline)
    }

    /// Takes back everything where the request has the transaction to itself, so that it may begin again.
    func startAnew() -> Bool {
        guard !isShared else { return false }
        if hasBegun { rollBack() }
        return !session.isUseless
    }

    /// Takes back what was not committed.
    package func rollBack() { rollBack(until: deadline) }

    package func rollBack(until deadline: Deadline) {
        hasBegun = false
        session.rollBack(until: deadline)
    }
}
