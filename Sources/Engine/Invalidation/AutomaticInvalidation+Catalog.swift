import Cache
import Concurrency
import Postgres
import SQL
import Synchronization
import Telemetry
import Text
import Tier

/// How an automatic client learns about its database.
extension AutomaticInvalidation {
    /// What is known, and whether a caller is asking now.
    struct CatalogState {
        /// Nil if nothing is known, or if it may be outdated.
        var snapshot: CatalogSnapshot?
        /// When the snapshot was requested, in nanoseconds of the monotonic clock.
        var time: UInt64 = 0
        var isRefreshing = false
        /// When the catalog may be asked again after a failure.
        var retryAfter: UInt64 = 0
        /// What the answers of a snapshot rely on, until the catalog is known.
        var assumed: UInt64?
    }

    var snapshot: CatalogSnapshot? { catalogState.withLock { $0.snapshot } }

    /// Counts how often the facts became doubtful or others. Tags that were computed before the latest time may be too few.
    ///
    /// It is counted before the cache is invalidated. So an answer whose lookup saw the old number is dropped by that invalidation.
    var catalogVersion: UInt64 { lastCatalogVersion.load(ordering: .acquiring) }

    /// Called by the holder of the lock.
    private func countCatalogVersion() { lastCatalogVersion.add(1, ordering: .releasing) }

    /// Answers of a snapshot rely on the catalog of that digest; 0 is an unknown one. Returns false if it is known to be another one now.
    ///
    /// If that turns out later, everything automatic is dropped.
    func assume(catalog digest: UInt64) -> Bool {
        catalogState.withLock { catalogState in
            if let known = catalogState.snapshot { return digest == known.digest }
            if digest != 0 { catalogState.assumed = digest }
            return true
        }
    }

    /// The tables may have changed, because a statement defined something.
    func invalidateCatalog() {
        catalogState.withLock { catalogState in
            catalogState.snapshot = nil
            countCatalogVersion()
        }
    }

    /// Whether `refreshCatalog` would ask the database now.
    func mustAsk(notOlderThan age: UInt64) -> Bool {
        let now = Clock.monotonic
        return catalogState.withLock { catalogState in
            if catalogState.snapshot != nil, now &- catalogState.time < age { return false }
            return !catalogState.isRefreshing && now >= catalogState.retryAfter
        }
    }

    /// Returns the catalog's version if this caller has to ask the catalog. Nil if it need not, or if another one is asking.
    fileprivate func beginRefresh(now: UInt64, notOlderThan age: UInt64) -> UInt64? {
        catalogState.withLock { catalogState in
            if catalogState.snapshot != nil, now &- catalogState.time < age { return nil }
            guard !catalogState.isRefreshing, now >= catalogState.retryAfter else { return nil }
            catalogState.isRefreshing = true
            return catalogVersion
        }
    }

    /// Ends what `beginRefresh` began at `begin`. Returns true if the facts differ from those assumed before.
    fileprivate func endRefresh(_ snapshot: CatalogSnapshot?, begin: UInt64, catalogVersion: UInt64) -> Bool {
        catalogState.withLock { catalogState in
            catalogState.isRefreshing = false
            guard let snapshot else {
                catalogState.retryAfter = begin &+ Limits.catalogRetryNanoseconds
                return false
            }
            // Why: something that was defined in the meantime may be missing.
            guard catalogVersion == self.catalogVersion else { return false }
            let isAnother = catalogState.snapshot.map { $0 != snapshot } ?? catalogState.assumed.map { $0 != snapshot.digest } ?? false
            (catalogState.snapshot, catalogState.time, catalogState.assumed) = (snapshot, begin, nil)
            if isAnother { countCatalogVersion() }
            return isAnother
        }
    }
}

extension Core {
    /// Called when the catalog has changed, or may have: tables, columns, types, triggers, policies, privileges.
    ///
    /// Drops what relies on it. Any thread may call it, and more than once for one change.
    func catalogChanged() { pool.forgetStatements() }
}

extension Client {
    func catalogChanged() { core.catalogChanged() }

    /// Asks the database for the facts that automatic invalidation needs, if they are unknown or older than `age` nanoseconds.
    ///
    /// Called before the first automatic answer, and before a query once a minute has passed. If they remain unknown, the worst is assumed.
    func refreshCatalog(notOlderThan age: UInt64 = .max, _ context: borrowing RequestContext) {
        let now = Clock.monotonic
        guard let catalogVersion = automaticInvalidation.beginRefresh(now: now, notOlderThan: age) else { return }
        var snapshot: CatalogSnapshot?
        do throws(Failure) {
            var answer = ByteBuffer(capacity: 4096)
            telemetry.databaseQueries.add()
            try pool.runRaw(
                CatalogFacts.statement, try automaticInvalidation.catalogScope.parameters(), types: [CatalogScope.textType, CatalogScope.textType],
                returnsRows: true, limit: Limits.catalogBytes, until: context.deadline, cancellation: context.cancellation, into: &answer)
            snapshot = CatalogSnapshot(try JSONDocument(scanning: answer.bytes), of: automaticInvalidation.catalogScope.tables, automaticInvalidation.actions)
        } catch {}
        if automaticInvalidation.endRefresh(snapshot, begin: now, catalogVersion: catalogVersion) {
            core.tier.forward(.tags([AutomaticTag.everything.number])) { cache.invalidate(tags: [AutomaticTag.everything], isCounted: false) }
            catalogChanged()
        }
    }
}
