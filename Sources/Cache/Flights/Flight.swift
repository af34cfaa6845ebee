import CLinux
import Concurrency
import Synchronization

extension Cache {
    /// The end of a query that somebody else runs, for those who wait for it: each until a deadline of its own.
    ///
    /// It comes once, from the query's `FlightLeader`.
    package final class Flight: @unchecked Sendable {
        // Sendable because `result` is written before `ended` is signaled and not changed afterwards, and `followers` is touched under `lock`.

        /// Those who wait for the end, on a thread or without one. It grows under the store's lock alone.
        let following = Atomic<Int>(0)

        /// Signaled once, at the end.
        private let ended = EventCount()
        /// One reference of the entry belongs to the flight.
        private var result: Result<EntryPointer, any Error>?
        /// Those who are told of the end, by their numbers; nil before the first and after the last.
        private var followers: [UInt64: @Sendable (Arrival) -> Void]?
        private let lock = Lock(())

        deinit {
            if case .success(let entry) = result { BlockHeader.release(UInt(bitPattern: entry)) }
        }

        /// How a flight ended for one who waited.
        package enum Arrival: Sendable {
            case answer(Hit)
            case failure(any Error)
            case timedOut
        }

        /// Waits for the end, at most until `deadline` in nanoseconds of CLOCK_MONOTONIC. Any number of threads.
        package func wait(until deadline: UInt64) -> Arrival {
            ended.wait(after: 0, until: Deadline(nanoseconds: Int64(clamping: deadline)))
            if hasEnded { return arrival }
            following.subtract(1, ordering: .relaxed)
            return .timedOut
        }

        private var hasEnded: Bool { ended.count > 0 }

        /// Has `tell` called with the end, for one who does not wait on a thread: on the thread that ends the flight, or at once if
        /// it has ended. The number tells apart those who follow.
        package func addFollower(_ number: UInt64, _ tell: @escaping @Sendable (Arrival) -> Void) {
            let hasEnded = lock.withLock { _ in
                if self.hasEnded { return true }
                followers = followers ?? [:]
                followers?[number] = tell
                return false
            }
            if hasEnded { tell(arrival) }
        }

        /// The follower of that number is told no more, unless that is just happening. Called once for each.
        package func leave(_ number: UInt64) {
            following.subtract(1, ordering: .relaxed)
            // Why outside the lock: what a closure held may be freed with it.
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

        /// Ends it for everybody: one wake-up for all who wait. Called once, and not under the store's lock, for a wake-up of ten
        /// thousand takes a while. The caller has a reference of the entry, and keeps it.
        func end(_ result: Result<EntryPointer, any Error>) {
            if case .success(let entry) = result { BlockHeader.retain(UInt(bitPattern: entry)) }
            self.result = result
            // Why before the followers are taken: a caller that comes in between sees that it has ended. And not under the lock, for long wake-ups.
            ended.signal()
            let followers = lock.withLock { _ in
                defer { self.followers = nil }
                return self.followers
            }
            for tell in (followers ?? [:]).values { tell(arrival) }
        }
    }
}
