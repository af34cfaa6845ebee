extension Cache {
    /// The duty to run a query for all callers that want its answer, and to end it by `complete` or `fail`.
    ///
    /// If it is destroyed first, the flight ends with `LeaderGone`. Used by one thread at a time, except for `detachIfUnshared`.
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

        /// Gives the answer to all waiting callers, keeps it if allowed, and returns it pinned for the caller's reply. Takes over the bytes.
        package func complete(_ answer: Answer, now: UInt64) -> Hit {
            precondition(!isOver, "a flight ends once")
            isOver = true
            return cache.complete(query, answer, now: now)
        }

        /// Keeps an answer that was read `age` nanoseconds ago, and returns it pinned, fresh or stale. Takes over the bytes.
        ///
        /// Waiting callers get `LookAgain`.
        /// - Parameter claimsRefresh: true if the caller refreshes a stale answer when `mustRefresh` is set.
        package func complete(_ answer: Answer, age: UInt64, now: UInt64, claimsRefresh: Bool) -> Hit {
            precondition(!isOver, "a flight ends once")
            isOver = true
            return cache.complete(query, answer, age: age, now: now, claimsRefresh: claimsRefresh)
        }

        /// All tags of the coming answer: those of the request, and those of the entry that it replaces.
        package var tags: [Tag] { cache.tags(of: query) }

        /// Adds tags that the coming answer does not have yet.
        package func add(tags: [Tag]) { cache.add(tags, to: query) }

        /// Gives the error to all waiting callers. Nothing is kept. An old answer stays, and is not refreshed again at once.
        package func fail(_ error: any Error, now: UInt64) {
            if isOver { return }
            isOver = true
            cache.fail(query, error, now: now)
        }

        /// Ends it without blame, since the query has to be sent again: who waits is told `LookAgain`.
        package func giveUp() {
            if isOver { return }
            isOver = true
            cache.fail(query, LookAgain(), now: nil)
        }

        /// Returns true if no other caller wants the answer, and none can join any more. The query may then be given up. Any thread may call it.
        package func detachIfUnshared() -> Bool { cache.detachIfUnshared(query) }
    }

    /// A flight ended because its leader ended without an answer, or because the cache was closed.
    package struct LeaderGone: Error { package init() {} }

    /// A flight ended with its answer in the cache. Each caller has to judge it by its own windows.
    package struct LookAgain: Error {}
}
