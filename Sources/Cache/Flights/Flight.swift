import CLinux
import Locking
import Synchronization

extension Cache {
    /// The end of a query that somebody else runs, for those who wait for it: each until a deadline of its own.
    ///
    /// It comes once, from the query's `FlightLeader`.
    package final class Flight: @unchecked Sendable {
        // Sendable because `result` is written before `state` says so and not changed afterwards, and `followers` is touched under `lock`.

        /// Those who wait for the end, on a thread or without one. It grows under the store's lock alone.
        let following = Atomic<Int>(0)

        private enum State { static let running: UInt32 = 0, awaited: UInt32 = 1, ended: UInt32 = 2 }
        private let state: UnsafeMutablePointer<Atomic<UInt32>>
        /// One reference of the entry belongs to the flight.
        private var result: Result<EntryPointer, any Error>?
        /// Those who are told of the end, by their numbers; nil before the first and after the last.
        private var followers: [UInt64: @Sendable (Arrival) -> Void]?
        private let lock = Lock(())

        init() {
            state = .allocate(capacity: 1)
            state.initialize(to: Atomic(State.running))
        }

        deinit {
            if case .success(let entry) = result { BlockHeader.release(UInt(bitPattern: entry)) }
            state.deallocate()
        }

        /// How a flight ended for one who waited.
        package enum Arrival: Sendable {
            case answer(Hit)
            case failure(any Error)
            case timedOut
        }

        /// Waits for the end, at most until `deadline` in nanoseconds of CLOCK_MONOTONIC. Any number of threads.
        package func wait(until deadline: UInt64) -> Arrival {
            var time = timespec()
            time.tv_sec = Int(clamping: deadline / MonotonicTime.second)
            time.tv_nsec = Int(deadline % MonotonicTime.second)
            while true {
                switch state.pointee.load(ordering: .acquiring) {
                case State.ended: return arrival
                case State.running:
                    _ = state.pointee.compareExchange(
                        expected: State.running, desired: State.awaited, ordering: .relaxed)
                default:
                    if MonotonicTime.now() >= deadline {
                        following.subtract(1, ordering: .relaxed)
                        return .timedOut
                    }
                    ForkGate.outside {
                        state.withMemoryRebound(to: UInt32.self, capacity: 1) { linux_futex_wait($0, State.awaited, &time) }
                    }
                }
            }
        }

        /// Has `tell` called with the end, for one who does not wait on a thread: on the thread that ends the flight, or at once if
        /// it has ended. The number tells apart those who follow.
        package func addFollower(_ number: UInt64, _ tell: @escaping @Sendable (Arrival) -> Void) {
            let hasEnded = lock.withLock { _ in
                if state.pointee.load(ordering: .acquiring) == State.ended { return true }
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
            let (before, followers) = lock.withLock { _ in
                defer { self.followers = nil }
                return (state.pointee.exchange(State.ended, ordering: .acquiringAndReleasing), self.followers)
            }
            if before == State.awaited {
                state.withMemoryRebound(to: UInt32.self, capacity: 1) { linux_futex_wake_all($0) }
            }
            for tell in (followers ?? [:]).values { tell(arrival) }
        }
    }
}
