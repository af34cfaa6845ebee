import Concurrency

// Suspension: for a listener that invalidates by notifications and may have missed some.

extension Cache {
    /// From now on answers with one of these tags are neither found nor kept, until a later call leaves the tag out; queries are still
    /// shared by those who ask at the same time. What has a tag that comes or goes is gone for every read from now on.
    ///
    /// A hit costs nothing more for it; a lookup by key and a completed flight cost a look at an empty set.
    package func suspend(_ tags: Set<Tag>) { store.withLock { $0.suspend(tags) } }
}

extension Store {
    mutating func suspend(_ tags: Set<Cache.Tag>) {
        let changed = suspended.symmetricDifference(tags)
        suspended = tags
        // Why those that go, too: a query that began while they were suspended may have missed what was not heard.
        if !changed.isEmpty { invalidations.record(Array(changed)) }
    }

    func isSuspended(_ tags: [Cache.Tag]) -> Bool { !suspended.isEmpty && tags.contains { suspended.contains($0) } }
}
