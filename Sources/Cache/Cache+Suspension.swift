import Concurrency

// Suspension: for a listener that invalidates by notifications and may have missed some.

extension Cache {
    /// From now on answers with one of these tags are neither found nor kept, until a later call leaves the tag out; queries are still
    /// shared by those who ask at the same time. What has a tag that comes or goes is gone for every read from now on.
    ///
    /// A hit costs nothing more for it; a lookup by key and a completed flight cost a look at an empty set.
    /// - Parameter suspender: what another one suspends is not touched.
    package func suspend(_ tags: Set<Tag>, by suspender: Suspender = .changeFeed) { store.withLock { $0.suspend(tags, by: suspender) } }

    package enum Suspender: Int, Sendable {
        case changeFeed, tier
    }

    /// Whether one of the tags is suspended.
    package func isSuspended(_ tags: [Tag]) -> Bool { store.withLock { $0.isSuspended(tags) } }
}

extension Store {
    mutating func suspend(_ own: Set<Cache.Tag>, by suspender: Cache.Suspender) {
        suspensions[suspender.rawValue] = own
        let tags = suspensions.reduce(into: Set<Cache.Tag>()) { $0.formUnion($1) }
        let changed = suspended.symmetricDifference(tags)
        suspended = tags
        // Why those that go, too: a query that began while they were suspended may have missed what was not heard.
        if !changed.isEmpty { invalidations.record(Array(changed)) }
    }

    func isSuspended(_ tags: [Cache.Tag]) -> Bool { !suspended.isEmpty && tags.contains { suspended.contains($0) } }
}
