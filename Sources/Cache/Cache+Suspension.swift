import Concurrency

// Suspension is for a listener that invalidates by notifications and may have missed some.

extension Cache {
    /// From now on, answers with one of these tags are neither found nor kept, until a later call leaves the tag out.
    ///
    /// Concurrent equal queries are still shared. An answer whose tag is added or removed by the call is dropped for every later read. A hit
    /// costs
    /// nothing more. A lookup by key and a completed flight cost a look at an empty set.
    /// - Parameter suspender: the caller whose set of tags is replaced. Tags that another one suspends are not affected.
    package func suspend(_ tags: Set<Tag>, by suspender: Suspender = .changeFeed) { store.withLock { $0.suspend(tags, by: suspender) } }

    package enum Suspender: Int, Sendable {
        case changeFeed, tier
    }

    /// Returns true if one of the tags is suspended.
    package func isSuspended(_ tags: [Tag]) -> Bool { store.withLock { $0.isSuspended(tags) } }
}

extension Store {
    mutating func suspend(_ own: Set<Cache.Tag>, by suspender: Cache.Suspender) {
        suspensions[suspender.rawValue] = own
        let tags = suspensions.reduce(into: Set<Cache.Tag>()) { $0.formUnion($1) }
        let changed = suspended.symmetricDifference(tags)
        suspended = tags
        // Why removed tags as well: a query that began while they were suspended may have missed a change that was not notified.
        if !changed.isEmpty { invalidations.record(Array(changed)) }
    }

    func isSuspended(_ tags: [Cache.Tag]) -> Bool { !suspended.isEmpty && tags.contains { suspended.contains($0) } }
}
