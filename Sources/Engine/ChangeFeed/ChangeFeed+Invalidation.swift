import Concurrency
import Postgres
import SQL
import Text
import Writes

// Invalidations that requests ask for reach the other processes, too.

extension InvalidationSet {
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
    func broadcast(_ changes: InvalidationSet, until deadline: Deadline) throws(Failure) {
        guard let changeFeed, let notice = changes.notice(from: changeFeed.origin) else { return }
        do throws(Failure) {
            try changeFeed.notify(notice, until: deadline)
        } catch {
            var failure = error
            failure.message = "The cache of this process is invalidated, but other processes may not have been notified: \(error.message)"
            // Why: to invalidate twice does no harm.
            failure.isRetryable = true
            throw failure
        }
    }

    /// Has the other processes told when a transaction is committed: PostgreSQL sends what a transaction notifies with its commit, or never.
    func broadcastOnCommit(_ changes: InvalidationSet, in transaction: WriteTransaction) throws(Failure) {
        guard let changeFeed, let notice = changes.notice(from: changeFeed.origin) else { return }
        try transaction.withConnection { (connection) throws(Failure) in
            try changeFeed.notify(notice, on: connection, until: transaction.deadline)
        }
    }
}
