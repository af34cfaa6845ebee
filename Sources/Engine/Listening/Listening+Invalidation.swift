import Postgres
import SQL
import Text
import Writes

// Invalidations that requests ask for reach the other processes, too.

extension Changes {
    /// What other processes are told; nil when nothing was invalidated by name.
    func notice(from origin: ChangeNotice.Origin) -> ChangeNotice? {
        if isEverything { return .everything(origin: origin) }
        if names.isEmpty { return nil }
        let size = names.reduce(0) { $0 + $1.count + 1 }
        return size > ChangeNotice.tagBytes ? .everything(origin: origin) : .tags(names.sorted { $0.lexicographicallyPrecedes($1) }, origin: origin)
    }
}

extension Client {
    /// Tells the other processes of an invalidation that has happened here, where this client takes part in that.
    func tellOthers(_ changes: Changes, until deadline: Deadline) throws(Failure) {
        guard let listening, let notice = changes.notice(from: listening.origin) else { return }
        do throws(Failure) {
            try listening.say(notice, until: deadline)
        } catch {
            var failure = error
            failure.message = "The cache of this process is invalidated, but other processes may not have been told: \(error.message)"
            // Why: to invalidate twice does no harm.
            failure.isRetryable = true
            throw failure
        }
    }

    /// Has the other processes told when a transaction is committed: PostgreSQL sends what a transaction notifies with its commit, or never.
    func announce(_ changes: Changes, in transaction: WriteTransaction) throws(Failure) {
        guard let listening, let notice = changes.notice(from: listening.origin) else { return }
        try transaction.withConnection { (connection) throws(Failure) in
            try listening.say(notice, on: connection, until: transaction.deadline)
        }
    }
}
