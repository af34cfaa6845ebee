import Cache

/// What a write, or a transaction of several, takes effect on: made known after its commit and before its reply is visible.
struct Changes: Sendable {
    /// Tables that were written, as `Plan.tables` names them.
    var tables: Set<String> = []
    /// Tags to invalidate.
    var tags: Set<Cache.Tag> = []
    /// The whole cache is to be invalidated.
    var isEverything = false

    mutating func formUnion(_ other: Changes) {
        tables.formUnion(other.tables)
        tags.formUnion(other.tags)
        isEverything = isEverything || other.isEverything
    }
}

extension Client {
    /// Drops what committed changes have made old. When it returns, no read that starts sees it any more.
    func makeKnown(_ changes: Changes) {
        if changes.isEverything {
            cache.invalidateAll()
        } else if !changes.tags.isEmpty {
            cache.invalidate(tags: Array(changes.tags))
        }
    }
}
