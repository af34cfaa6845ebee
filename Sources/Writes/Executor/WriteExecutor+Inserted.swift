import Postgres
import SQL
import Text

/// Records that the database keeps out without an error: a trigger `BEFORE INSERT` returns NULL, or a rule does something else instead.
extension WriteExecutor {
    /// What an INSERT has to insert.
    struct InsertedRecords {
        let model: Int
        let count: Int
    }

    /// A statement whose reply no caller needs, and what has to be true of it.
    struct PendingStatement {
        let statement: WriteStatement
        let inserting: InsertedRecords?
    }

    /// Throws if one of these statements inserted fewer records than it had to.
    ///
    /// A row may have gone elsewhere, which the command's tag does not tell: a trigger fills the partitions, or a view writes its tables.
    /// The catalog says whether that is possible; nothing is thrown then. It is asked only when rows are missing.
    func requireInserted(_ statements: [PendingStatement], _ results: borrowing ResultSet, isCommitted: Bool) throws(Failure) {
        var short: [Int] = []
        for (pending, reply) in zip(statements, results.replies) {
            guard let inserting = pending.inserting, let count = reply.affectedRows, count < inserting.count, !short.contains(inserting.model)
            else { continue }
            short.append(inserting.model)
        }
        for model in short {
            if try mayGoElsewhere(model, isCommitted: isCommitted) { continue }
            prepared.learnLosses()
            let failure = keptOut(model)
            throw isCommitted ? failure.afterCommit : failure
        }
    }

    /// True if the model's rows may be stored in other tables than its own. Without an answer after the commit they are taken for lost, which the
    /// tag says.
    private func mayGoElsewhere(_ model: Int, isCommitted: Bool) throws(Failure) -> Bool {
        do throws(Failure) {
            let results = try ask(compiler.redirection(of: model), isCommitted: isCommitted)
            return (results.replies.first?.rowCount ?? 0) > 0
        } catch {
            if !isCommitted { throw error }
            return false
        }
    }

    /// The failure of a write one of whose records the database kept out.
    func keptOut(_ model: Int) -> Failure {
        .requiredRecord("No record was inserted: the database kept a '\(name(of: model))' record out, by a trigger or a rule.")
    }
}
