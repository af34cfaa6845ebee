import CLinux
import Locking

/// Work that nobody waits for, done in order by a few threads that start when they are needed and end with `close`.
final class ThreadPool<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        /// Where the next job stands; what is before it is done.
        var next = 0
        var workerThreads: [Thread] = []
        var idle = 0
        var isClosed = false

        var waiting: Int { jobs.count - next }

        mutating func take() -> Job? {
            guard next < jobs.count else { return nil }
            let job = jobs[next]
            next += 1
            if next > 64 && next * 2 > jobs.count {
                jobs.removeFirst(next)
                next = 0
            }
            return job
        }
    }

    private let state = Lock(State())
    private let semaphore = Semaphore()
    private let threads: Int
    private let capacity: Int
    private let run: @Sendable (Job) -> Void

    /// At most `threads` threads; at most `capacity` jobs wait.
    init(threads: Int, capacity: Int, run: @escaping @Sendable (Job) -> Void) {
        self.threads = threads
        self.capacity = capacity
        self.run = run
    }

    /// Hands a job over; false when too many wait, the queue is closed, or the system gives no thread at all.
    func add(_ job: Job) -> Bool {
        let isAdded = state.withLock { state in
            guard !state.isClosed, state.waiting < capacity else { return false }
            state.jobs.append(job)
            guard state.idle < state.waiting && state.workerThreads.count < threads else { return true }
            if let thread = Thread({ self.work() }) { state.workerThreads.append(thread) }
            if !state.workerThreads.isEmpty { return true }
            // Why: nobody would ever do it.
            state.jobs.removeLast()
            return false
        }
        if isAdded { semaphore.raise() }
        return isAdded
    }

    /// Drops the waiting jobs that are not wanted any more.
    func keep(_ isWanted: (Job) -> Bool) {
        state.withLock { state in
            state.jobs = state.jobs[state.next...].filter(isWanted)
            state.next = 0
        }
    }

    /// How many jobs wait for a thread.
    var waiting: Int { state.withLock { $0.waiting } }

    private func work() {
        while true {
            state.withLock { $0.idle += 1 }
            semaphore.wait()
            let (job, isClosed) = state.withLock { state in
                state.idle -= 1
                return (state.isClosed ? nil : state.take(), state.isClosed)
            }
            if isClosed { return }
            if let job { run(job) }
        }
    }

    /// Refuses further jobs, lets the running ones end, drops the waiting ones. Called once.
    func close() {
        let workerThreads = state.withLock { state in
            state.isClosed = true
            state.jobs = []
            state.next = 0
            return state.workerThreads
        }
        for _ in workerThreads { semaphore.raise() }
        for thread in workerThreads { thread.join() }
    }
}

/// Counts wake-ups: a semaphore.
final class Semaphore: @unchecked Sendable {  // Why unchecked: POSIX semaphores may be used from any thread.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func raise() { sem_post(semaphore) }

    func wait() { ForkGate.outside { while sem_wait(semaphore) != 0 {} } }

    /// Waits at most until then, in nanoseconds of CLOCK_MONOTONIC.
    func wait(until end: UInt64) {
        var deadline = timespec(tv_sec: Int(clamping: end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        ForkGate.outside {
            while sem_clockwait(semaphore, CLOCK_MONOTONIC, &deadline) != 0 && linux_errno() == EINTR {}
        }
    }
}
