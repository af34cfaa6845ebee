import CLinux
import Concurrency
import Synchronization

extension Cache {
    /// The end of a query that another caller runs, for those who wait for it. Each waits until its own deadline.
    ///
    /// It ends once, by the query's `FlightLeader`.
    package final class Flight: @unchecked Sendable {
        // Sendable because `result` is written before `ended` is signalled and not changed afterwards, and `followers` is used under `lock`.

        /// Number of waiting callers, with or without a thread. It grows only under the store's lock.
        let following = Atomic<Int>(0)

        /// Signalled once, at the end.
        private let ended = EventCount()
        /// The flight owns one reference of the entry.
        private var result: Result<EntryPointer, any Error>?
        /// The followers' callbacks by number. Nil before the first and after the last.
        private var followers: [UInt64: @Sendable (Arrival) -> Void]?
        private let lock = Lock(())

        deinit {
            if case .success(let entry) = result { BlockHeader.release(UInt(bitPattern: entry)) }
        }

        /// How a flight ended for a waiting caller.
        package enum Arrival: Sendable {
            case answer(Hit)
            case failure(any Error)
            case timedOut
        }

        /// Waits for the end, until `deadline` at most, in nanoseconds of CLOCK_MONOTONIC. Any number of threads may wait.
        package func wait(until deadline: UInt64) -> Arrival {
            ended.wait(after: 0, until: Deadline(nanoseconds: Int64(clamping: deadline)))
            if hasEnded { return arrival }
            following.subtract(1, ordering: .relaxed)
            return .timedOut
        }

        private var hasEnded: Bool { ended.count > 0 }

        /// Calls `tell` with the end, for a caller that does not wait on a thread. The number identifies the follower.
        ///
        /// `tell` runs on the thread that ends the flight, or at once if it has ended.
        package func addFollower(_ number: UInt64, _ tell: @escaping @Sendable (Arrival) -> Void) {
            let hasEnded = lock.withLock { _ in
                if self.hasEnded { return true }
                followers = followers ?? [:]
                followers?[number] = tell
                return false
            }
            if hasEnded { tell(arrival) }
        }

        /// Removes the follower with that number. It is not called any more, unless that is just happening. Called once for each follower.
        package func leave(_ number: UInt64) {
            following.subtract(1, ordering: .relaxed)
            // Why outside the lock: what a closure holds may be freed with it.
            _ = lock.withLock { _ in followers?.removeValue(forKey: number) }
        }

        private var arrival: Arrival {
            switch result {
            case .success(let entry):
                BlockHeader.retain(UInt(bitPattern: entry))
                return .answer(Hit(owning: entry))
            case .failure(let error): return .failure(error)
            case nil: return .timedOut
            }
        }

        /// Ends the flight: one wake-up for all waiting callers. The caller keeps its own reference of the entry.
        ///
        /// Called once, and not under the store's lock, because waking ten thousand callers takes a while.
        func end(_ result: Result<EntryPointer, any Error>) {
            if case .success(let entry) = result { BlockHeader.retain(UInt(bitPattern: entry)) }
            self.result = result
            // Why before the followers are taken: a caller that arrives in between sees the end. Why not under the lock: wake-ups take long.
            ended.signal()
            let followers = lock.withLock { _ in
                defer { self.followers = nil }
                return self.followers
            }
            for tell in (followers ?? [:]).values { tell(arrival) }
        }
    }
}
