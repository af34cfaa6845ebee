import Concurrency
import Postgres
import SQL
import Text
import Writes

// Invalidations by requests reach the other processes, too.

extension InvalidationSet {
    /// Returns the notice for other processes. Nil if nothing was invalidated by name.
    func notice(from origin: ChangeNotice.Origin) -> ChangeNotice? {
        if isEverything { return .everything(origin: origin) }
        if names.isEmpty { return nil }
        let size = names.reduce(0) { $0 + $1.count + 1 }
        return size > Limits.noticeBytes ? .everything(origin: origin) : .tags(names.sorted { $0.lexicographicallyPrecedes($1) }, origin: origin)
    }
}

extension Client {
    /// Notifies the other processes of an invalidation that has happened here, if this client listens.
    func broadcast(_ changes: InvalidationSet, _ context: RequestContext) throws(Failure) {
        guard let changeFeed, let notice = changes.notice(from: changeFeed.origin) else { return }
        do throws(Failure) {
            try changeFeed.notify(notice, until: context.deadline, cancellation: context.cancellation)
        } catch {
            var failure = error
            failure.message = "The cache of this process is invalidated, but other processes may not have been notified: \(error.message)"
            // Why: invalidating twice does no harm.
            failure.isRetryable = true
            throw failure
        }
    }

    /// Notifies the other processes when a transaction commits. PostgreSQL sends a transaction's notifications with its commit, or never.
    func broadcastOnCommit(_ changes: InvalidationSet, in transaction: WriteTransaction) throws(Failure) {
        guard let changeFeed, let notice = changes.notice(from: changeFeed.origin) else { return }
        try transaction.withConnection { (connection) throws(Failure) in
            try changeFeed.notify(notice, on: connection, until: transaction.deadline, cancellation: connection.cancellation)
        }
    }
}
