// What happens to prepared statements when the database changes.

import Text

extension Connection {
    /// Drops the statements that were prepared before another connection found a change of the database. Costs a comparison if there was none.
    func renewStatements() {
        reusesPrepared = false
        let epoch = epoch.current
        if epoch == seenEpoch { return }
        seenEpoch = epoch
        statements.retireAll()
    }

    /// Runs a round trip. If it fails because the server's statements are outdated, it is run again, once.
    ///
    /// - Parameters:
    ///   - isStale: forgets what is outdated, and returns true if it was the cause. It is asked after the second failure too, so that a
    ///     statement that failed right after its preparation is no longer suspected.
    ///   - failure: makes the error that is thrown. It gets the last answer of `isStale`.
    func withFreshStatements(
        _ attempt: () throws(ConnectionError) -> ResultSet, isStale: (ConnectionError) -> Bool, failure: (ConnectionError, Bool) -> Failure
    ) throws(Failure) -> ResultSet {
        var isSecondTry = false
        while true {
            renewStatements()
            do throws(ConnectionError) { return try attempt() } catch {
                let isStale = isStale(error)
                guard isStale, !isSecondTry, machine.isReusable else { throw failure(error, isStale) }
                isSecondTry = true
                tracer?.tellForgotten(trace)
            }
        }
    }

    /// Returns the prepared form of a statement, if there is one.
    func findPrepared(_ statement: Statement) -> StatementCache.Entry? {
        guard let entry = statements.find(statement.number) else { return nil }
        if !statement.isControl { reusesPrepared = true }
        return entry
    }

    /// Drops the statements that can be the cause of `problem`. Returns true if there are any: a new attempt may then succeed.
    func forget(_ sent: [Statement], because problem: ServerError) -> Bool {
        if problem.refusesWith, sent.contains(where: { $0.isChecked }) {
            for statement in sent where statement.isChecked {
                statement.dropCheck()
                statements.remove(statement.number)
            }
            return true
        }
        guard let staleness = problem.staleness, reusesPrepared || staleness == .unknown else {
            suspects = []
            return false
        }
        switch staleness {
        case .unknown: statements.removeAll()
        case .certain: learnOfChange()
        case .possible:
            suspects = sent.filter { !$0.slots.isEmpty }.map(\.number)
            for statement in sent { statements.remove(statement.number) }
        }
        return true
    }

    /// Notes that statements have succeeded. If an earlier failure of theirs was cured by a new preparation, the database has changed.
    func confirm(_ sent: [Statement]) {
        if suspects.isEmpty { return }
        let isRight = sent.contains { suspects.contains($0.number) }
        if !isRight { return }
        suspects = []
        learnOfChange(keeping: sent.map(\.number))
    }

    /// The database has changed under the prepared statements. All connections of the pool prepare theirs again.
    func learnOfChange(keeping fresh: [UInt64] = []) {
        seenEpoch = epoch.advance()
        statements.retireAll(but: fresh)
    }
}
