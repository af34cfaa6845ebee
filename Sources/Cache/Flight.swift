import CLinux
import Locking
import Synchronization

extension Cache {
    /// A query that is running for everybody who wants its answer.
    ///
    /// It ends once, by its `Lead`; whoever joined waits for that, each until a deadline of its own. What decides who may join
    /// and what is stored (`stamp`, `tags`, …) belongs to the holder of the store's lock.
    package final class Flight: @unchecked Sendable {
        // Sendable because `result` is written before `state` says so and not changed afterwards, and the rest is
        // immutable or guarded by the store's lock.
        let key: [UInt8]
        let keyHash: UInt64
        let text: [UInt8]
        let windows: Windows
        /// Another flight whose key has the same hash.
        var next: Flight?
        /// The sequence number before the query began.
        var stamp: UInt64
        var born: UInt64
        var tags: [Tag]
        /// The longest life that anybody asked for.
        var life: UInt32
        /// Whether somebody has taken it on himself to end it.
        var isOver = false

        /// Those who wait for the end, on a thread or without one. It grows under the store's lock alone.
        let following = Atomic<Int>(0)

        private enum State { static let running: UInt32 = 0, awaited: UInt32 = 1, ended: UInt32 = 2 }
        private let state: UnsafeMutablePointer<Atomic<UInt32>>
        /// One reference of the entry belongs to the flight.
        private var result: Result<EntryPointer, any Error>?
        /// Those who are told of the end, by their numbers; nil once they have been.
        private let followers = Lock<[UInt64: @Sendable (Arrival) -> Void]?>([:])

        init(_ read: Read, hash: UInt64, stamp: UInt64, now: UInt64, tags: [Tag]) {
            key = Array(read.key)
            keyHash = hash
            text = Array(read.text)
            windows = Windows(ttl: read.strategy.ttl, swr: read.strategy.swr)
            self.stamp = stamp
            born = now
            self.tags = tags
            life = read.strategy.life
            state = .allocate(capacity: 1)
            state.initialize(to: Atomic(State.running))
        }

        deinit {
            if case .success(let entry) = result { Block.release(UInt(bitPattern: entry)) }
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
            time.tv_sec = Int(clamping: deadline / Clock.second)
            time.tv_nsec = Int(deadline % Clock.second)
            while true {
                switch state.pointee.load(ordering: .acquiring) {
                case State.ended: return arrival
                case State.running:
                    _ = state.pointee.compareExchange(
                        expected: State.running, desired: State.awaited, ordering: .relaxed)
                default:
                    if Clock.now() >= deadline {
                        following.subtract(1, ordering: .relaxed)
                        return .timedOut
                    }
                    state.withMemoryRebound(to: UInt32.self, capacity: 1) {
                        linux_futex_wait($0, State.awaited, &time)
                    }
                }
            }
        }

        /// Has `tell` called with the end, for one who does not wait on a thread: on the thread that ends the flight, or at once if
        /// it has ended. The number tells apart those who follow.
        package func follow(_ number: UInt64, _ tell: @escaping @Sendable (Arrival) -> Void) {
            let hasEnded = followers.withLock { followers in
                followers?[number] = tell
                return followers == nil
            }
            if hasEnded { tell(arrival) }
        }

        /// The follower of that number is told no more, unless that is just happening. Called once for each.
        package func leave(_ number: UInt64) {
            following.subtract(1, ordering: .relaxed)
            // Why outside the lock: what a closure held may be freed with it.
            _ = followers.withLock { $0?.removeValue(forKey: number) }
        }

        private var arrival: Arrival {
            switch result {
            case .success(let entry): .answer(Hit(counted: entry))
            case .failure(let error): .failure(error)
            case nil: .timedOut
            }
        }

        /// Ends it for everybody: one wake-up for all who wait. Called once, by whoever set `isOver`; not under the lock, for a
        /// wake-up of ten thousand takes a while. Takes over a reference of the entry.
        func end(_ result: Result<EntryPointer, any Error>) {
            self.result = result
            if state.pointee.exchange(State.ended, ordering: .acquiringAndReleasing) == State.awaited {
                state.withMemoryRebound(to: UInt32.self, capacity: 1) { linux_futex_wake_all($0) }
            }
            let followers = followers.withLock { followers in
                defer { followers = nil }
                return followers
            }
            for tell in (followers ?? [:]).values { tell(arrival) }
        }
    }
}
