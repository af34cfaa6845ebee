extension Cache {
    /// What a cache has done, and what it holds. Counters only grow.
    package struct Statistics: Sendable, Equatable {
        package var hits: UInt64 = 0
        package var staleHits: UInt64 = 0
        /// Lookups that had to run a query or wait for one.
        package var misses: UInt64 = 0
        /// Misses that waited for another caller's query.
        package var joins: UInt64 = 0
        /// Old answers that replaced errors.
        package var fallbacks: UInt64 = 0
        package var insertions: UInt64 = 0
        /// Entries that were dropped to make room.
        package var evictions: UInt64 = 0
        /// Entries that were dropped because they were invalidated or too old.
        package var expirations: UInt64 = 0
        /// Answers that were not kept because they are too large.
        package var oversized: UInt64 = 0
        /// Answers that were not kept because they were invalidated while their query ran.
        package var fenced: UInt64 = 0
        /// Calls of `invalidate` and `invalidateAll`.
        package var invalidations: UInt64 = 0

        package var entries: Int = 0
        /// Bytes in use. Blocks that only replies hold are not counted.
        package var bytes: Int = 0
        /// Bytes of tables, which are part of `bytes`.
        package var tableBytes: Int = 0
        package var maxBytes: Int = 0
        /// Bytes that all caches of the process have from the system for entries, in use or not.
        package var arenaBytes: Int = 0
    }
}

extension Store {
    var snapshot: Cache.Statistics {
        var statistics = statistics
        statistics.entries = eviction.count
        statistics.bytes = bytes
        statistics.tableBytes = tableBytes
        return statistics
    }
}
