import CLinux
import Locking
import Synchronization

extension Cache {
    /// A query that is running for everybody who wants its answer.
    ///
    /// It ends once, by its `Lead`; whoever joined waits for that, each until a deadline of its own. What decides who may join
    /// and what is stored (`stamp`, `tags`, …) belongs to the holder of the store's lock.
    package final class Flight: @unchecked Sendable {
        // Sendable because `result` is written before `state` says so and not changed afterwards, `followers` is touched under
        // `lock`, and the rest is immutable or guarded by the store's lock.
        /// The request's own bytes, copied: the key, and behind it the text.
        let key: UnsafeRawBufferPointer
        let text: UnsafeRawBufferPointer
        let keyHash: UInt64
        let textHash: UInt64
        let windows: Windows
        /// Another flight in the same bucket of `Flights`.
        var next: Unmanaged<Flight>?
        /// The sequence number before the query began.
        var stamp: UInt64
        var born: UInt64
        var tags: [Tag]
        /// The longest life that anybody asked for.
        var life: UInt32
        /// Whether somebody has taken it on himself to end it.
        var isOver = false
        /// Whether somebody has ever joined it.
        var isJoined = false

        /// Those who wait for the end, on a thread or without one. It grows under the store's lock alone.
        let following = Atomic<Int>(0)

        private enum State { static let running: UInt32 = 0, awaited: UInt32 = 1, ended: UInt32 = 2 }
        private let state: UnsafeMutablePointer<Atomic<UInt32>>
        /// One reference of the entry belongs to the flight.
        private var result: Result<EntryPointer, any Error>?
        /// Those who are told of the end, by their numbers; nil before the first and after the last.
        private var followers: [UInt64: @Sendable (Arrival) -> Void]?
        /// Guards the followers of all flights of the process: they are rare, and a lock for each flight is not cheap to make.
        private static let lock = Lock((), forTheProcess: true)

        init(
            key: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer, windows: Windows, life: UInt32, tags: [Tag], keyHash: UInt64,
            textHash: UInt64, stamp: UInt64, now: UInt64
        ) {
            // One block: the state, and the bytes behind it.
            let size = MemoryLayout<UInt64>.size + key.count + text.count
            // Why not `allocate`: it asks for an alignment that every block has, and takes longer for it.
            guard let memory = malloc(size) else { fatalError("out of memory") }
            let block = UnsafeMutableRawBufferPointer(start: memory, count: size)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: block[8...])
            bytes.copyMemory(from: key)
            UnsafeMutableRawBufferPointer(rebasing: bytes[key.count...]).copyMemory(from: text)
            state = memory.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
            state.initialize(to: Atomic(State.running))
            self.key = UnsafeRawBufferPointer(rebasing: bytes[..<key.count])
            self.text = UnsafeRawBufferPointer(rebasing: bytes[key.count...])
            self.keyHash = keyHash
            self.textHash = textHash
            self.windows = windows
            self.stamp = stamp
            born = now
            self.tags = tags
            self.life = life
        }

        deinit {
            if case .success(let entry) = result { Block.release(UInt(bitPattern: entry)) }
            free(state)
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
                    ForkGate.outside {
                        state.withMemoryRebound(to: UInt32.self, capacity: 1) { linux_futex_wait($0, State.awaited, &time) }
                    }
                }
            }
        }

        /// Has `tell` called with the end, for one who does not wait on a thread: on the thread that ends the flight, or at once if
        /// it has ended. The number tells apart those who follow.
        package func follow(_ number: UInt64, _ tell: @escaping @Sendable (Arrival) -> Void) {
            let hasEnded = Self.lock.withLock { _ in
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
            _ = Self.lock.withLock { _ in followers?.removeValue(forKey: number) }
        }

        private var arrival: Arrival {
            switch result {
            case .success(let entry):
                Block.retain(UInt(bitPattern: entry))
                return .answer(Hit(counted: entry))
            case .failure(let error): return .failure(error)
            case nil: return .timedOut
            }
        }

        /// Ends it for everybody: one wake-up for all who wait. Called once, by whoever set `isOver`; not under the lock, for a
        /// wake-up of ten thousand takes a while. The caller has a reference of the entry, and keeps it.
        func end(_ result: Result<EntryPointer, any Error>) {
            // Nobody joins any more: whoever ends it has taken it out of the table. So where nobody has, nobody asks for the result.
            guard isJoined else { return state.pointee.store(State.ended, ordering: .releasing) }
            if case .success(let entry) = result { Block.retain(UInt(bitPattern: entry)) }
            self.result = result
            let (before, followers) = Self.lock.withLock { _ in
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
