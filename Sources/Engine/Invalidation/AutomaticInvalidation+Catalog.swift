import Cache
import Concurrency
import Postgres
import SQL
import Telemetry
import Text
import Tier

/// How an automatic client comes to know its database.
extension AutomaticInvalidation {
    /// What is known, and whether somebody is asking just now.
    struct CatalogState {
        /// Nil when nothing is known, or it may be so no more.
        var snapshot: CatalogSnapshot?
        /// When that was asked for, in nanoseconds of the monotonic clock.
        var time: UInt64 = 0
        var isRefreshing = false
        /// When it may be asked for again after that failed.
        var retryAfter: UInt64 = 0
        /// How often something was defined that makes facts doubtful.
        var invalidationCount: UInt64 = 0
    }

    var snapshot: CatalogSnapshot? { catalogState.withLock { $0.snapshot } }

    /// The tables may not be what they were: a statement defined something.
    func invalidateCatalog() {
        catalogState.withLock { catalogState in
            catalogState.snapshot = nil
            catalogState.invalidationCount += 1
        }
    }

    /// The number of doubts so far if the caller has to ask, and no one else does.
    fileprivate func beginRefresh(now: UInt64, notOlderThan age: UInt64) -> UInt64? {
        catalogState.withLock { catalogState in
            if catalogState.snapshot != nil, now &- catalogState.time < age { return nil }
            guard !catalogState.isRefreshing, now >= catalogState.retryAfter else { return nil }
            catalogState.isRefreshing = true
            return catalogState.invalidationCount
        }
    }

    /// Ends what `beginRefresh` began at `begin`. Whether facts turned out to be others than they were taken for.
    fileprivate func endRefresh(_ snapshot: CatalogSnapshot?, begin: UInt64, invalidationCount: UInt64) -> Bool {
        catalogState.withLock { catalogState in
            catalogState.isRefreshing = false
            guard let snapshot else {
                catalogState.retryAfter = begin &+ Limits.catalogRetryNanoseconds
                return false
            }
            // Why: what was defined meanwhile may not be among them.
            guard invalidationCount == catalogState.invalidationCount else { return false }
            defer { (catalogState.snapshot, catalogState.time) = (snapshot, begin) }
            return catalogState.snapshot.map { $0 != snapshot } ?? false
        }
    }
}

extension Core {
    /// Called when it is noticed that the catalog is not what it was, or may not be: tables, columns, types, triggers, policies, privileges.
    /// What relies on any of it is to be forgotten here. Any thread; more than once for one change.
    func catalogChanged() { pool.forgetStatements() }
}

extension Client {
    func catalogChanged() { core.catalogChanged() }

    /// Asks the database what automatic invalidation has to know of it, if that is not known, or is older than `age` nanoseconds.
    ///
    /// Before the first automatic answer, and before a query when a minute has passed. What cannot be known now is taken for the worst.
    func refreshCatalog(notOlderThan age: UInt64 = .max, until deadline: Deadline) {
        let now = Clock.monotonic
        guard let invalidationCount = automaticInvalidation.beginRefresh(now: now, notOlderThan: age) else { return }
        var snapshot: CatalogSnapshot?
        do throws(Failure) {
            var answer = ByteBuffer(capacity: 4096)
            telemetry.databaseQueries.add()
            try pool.runRaw(
                CatalogFacts.statement, try automaticInvalidation.catalogScope.parameters(), types: [CatalogScope.textType, CatalogScope.textType],
                returnsRows: true, limit: Limits.catalogBytes, until: deadline, into: &answer)
            snapshot = CatalogSnapshot(try JSONDocument(scanning: answer.bytes), of: automaticInvalidation.catalogScope.tables, automaticInvalidation.actions)
        } catch {}
        if automaticInvalidation.endRefresh(snapshot, begin: now, invalidationCount: invalidationCount) {
            core.tier?.forward(.tags([AutomaticTag.everything.number]))
            cache.invalidate(tags: [AutomaticTag.everything], isCounted: false)
            catalogChanged()
        }
    }
}
