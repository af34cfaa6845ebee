extension Cache {
    /// The duty to run a query for everybody who wants its answer, and to end it: by `complete`, by `fail`, or, when it is dropped, by
    /// `LeaderGone`. Used by one thread at a time, except for `detachIfUnshared`.
    package final class FlightLeader: @unchecked Sendable {
        // Sendable because one thread at a time has it, and what `detachIfUnshared` reads does not change.
        private let cache: Cache
        private let query: InflightQueryPointer
        private var isOver = false

        /// Takes over the query.
        init(_ cache: Cache, _ query: InflightQueryPointer) {
            self.cache = cache
            self.query = query
        }

        deinit {
            if !isOver { cache.fail(query, LeaderGone(), now: nil) }
            query.free()
        }

        /// Gives the answer to all who wait, keeps it if it may be kept, and returns it pinned for the caller's own reply.
        /// Takes over the bytes.
        package func complete(_ answer: Answer, now: UInt64) -> Hit {
            precondition(!isOver, "a flight ends once")
            isOver = true
            return cache.complete(query, answer, now: now)
        }

        /// Keeps an answer that was read `age` nanoseconds ago, and returns it pinned: fresh or stale. Takes over the bytes. Who waits is told
        /// `LookAgain`.
        /// - Parameter claimsRefresh: the caller sees to the refresh of a stale answer if `mustRefresh` is set.
        package func complete(_ answer: Answer, age: UInt64, now: UInt64, claimsRefresh: Bool) -> Hit {
            precondition(!isOver, "a flight ends once")
            isOver = true
            return cache.complete(query, answer, age: age, now: now, claimsRefresh: claimsRefresh)
        }

        /// All tags that the answer will have: those of the request, and those of the entry that it replaces.
        package var tags: [Tag] { cache.tags(of: query) }

        /// Gives the error to all who wait. Nothing is kept; an old answer stays, and is not refreshed again at once.
        package func fail(_ error: any Error, now: UInt64) {
            if isOver { return }
            isOver = true
            cache.fail(query, error, now: now)
        }

        /// True when no one else wants the answer, and then no one will: the query may be given up. Any thread.
        package func detachIfUnshared() -> Bool { cache.detachIfUnshared(query) }
    }

    /// Why a flight ended: its leader ended without an answer, or the cache was closed.
    package struct LeaderGone: Error { package init() {} }

    /// Why a flight ended: the answer is in the cache, and each has to judge it by its own windows.
    package struct LookAgain: Error {}
}
