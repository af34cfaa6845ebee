// What becomes of prepared statements when the database changes.

extension Connection {
    /// Forgets what was prepared before others found that the database has changed. Costs a comparison where none did.
    func renewStatements() {
        reusesPrepared = false
        let epoch = epoch.current
        if epoch == seenEpoch { return }
        seenEpoch = epoch
        statements.retireAll()
    }

    /// The prepared form of a statement, if there is one.
    func findPrepared(_ statement: Statement) -> StatementCache.Entry? {
        guard let entry = statements.find(statement.number) else { return nil }
        if !statement.isControl { reusesPrepared = true }
        return entry
    }

    /// Forgets what `problem` may come of. Whether there is something: then what was sent may succeed when it is prepared again.
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

    /// Statements have succeeded. Where those of them that had failed were prepared again, that was what had been wrong.
    func confirm(_ sent: [Statement]) {
        if suspects.isEmpty { return }
        let isRight = sent.contains { suspects.contains($0.number) }
        if !isRight { return }
        suspects = []
        learnOfChange(keeping: sent.map(\.number))
    }

    /// The database has changed under what is prepared: on all connections.
    func learnOfChange(keeping fresh: [UInt64] = []) {
        seenEpoch = epoch.advance()
        statements.retireAll(but: fresh)
    }
}
