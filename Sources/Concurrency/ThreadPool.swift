/// Jobs that no caller waits for. A few threads do them in order; they start when they are needed and end with `close`. Any thread may add.
///
/// Why inlinable: see `Queue`.
package final class ThreadPool<Job: Sendable>: Sendable {
    @usableFromInline package struct State {
        @usableFromInline package var jobs = Queue<Job>()
        @usableFromInline package var workerThreads: [Thread] = []
        @usableFromInline package var idle = 0
        @usableFromInline package var isClosed = false

        @inlinable package init() {}
    }

    @usableFromInline package let state = Lock(State())
    @usableFromInline package let semaphore = Semaphore()
    private let threads: Int
    @usableFromInline package let capacity: Int
    private let run: @Sendable (Job) -> Void

    /// Makes a pool of at most `threads` threads, in which at most `capacity` jobs wait.
    package init(threads: Int, capacity: Int, run: @escaping @Sendable (Job) -> Void) {
        self.threads = threads
        self.capacity = capacity
        self.run = run
    }

    /// Adds a job. Returns false when too many wait, the pool is closed, or the system gives no thread at all.
    /// - Parameter inFront: it was begun before: so it is the next, however many wait.
    @inlinable package func add(_ job: Job, inFront isFirst: Bool = false) -> Bool {
        let isAdded = state.withLock { state in
            guard !state.isClosed, isFirst || state.jobs.count < capacity else { return false }
            if isFirst { state.jobs.prepend(job) } else { state.jobs.append(job) }
            if state.idle >= state.jobs.count || startThread(&state) { return true }
            // Why: no thread would ever do it.
            _ = isFirst ? state.jobs.popFirst() : state.jobs.popLast()
            return false
        }
        if isAdded { semaphore.signal() }
        return isAdded
    }

    /// Makes one more thread, if that is allowed. False when there is none at all.
    @usableFromInline package func startThread(_ state: inout State) -> Bool {
        if state.workerThreads.count < threads, let thread = Thread({ self.work() }) { state.workerThreads.append(thread) }
        return !state.workerThreads.isEmpty
    }

    /// How many jobs wait.
    @inlinable package var count: Int { state.withLock { $0.jobs.count } }

    /// Takes as many of the first jobs for somebody who does them elsewhere.
    @inlinable package func take(most: Int) -> [Job] {
        state.withLock { state in
            let jobs = state.isClosed ? [] : state.jobs.popFirst(most: most)
            // Why: else a thread would wake for each in vain. Why under the lock: later signals are for other jobs, or for `close`.
            for _ in jobs { _ = semaphore.take() }
            return jobs
        }
    }

    /// Gives jobs back that were taken: they are the first again.
    @inlinable package func putBack(_ jobs: [Job]) {
        state.withLock { state in
            if state.isClosed { return }
            state.jobs.prepend(contentsOf: jobs)
            // Why: what was added meanwhile may have counted on the same thread.
            if state.idle < state.jobs.count { _ = startThread(&state) }
        }
        for _ in jobs { semaphore.signal() }
    }

    /// Drops the waiting jobs that do not satisfy `isWanted`.
    package func keep(_ isWanted: (Job) -> Bool) { state.withLock { $0.jobs.keep(isWanted) } }

    private func work() {
        while true {
            state.withLock { $0.idle += 1 }
            semaphore.wait()
            let (job, isClosed) = state.withLock { state in
                state.idle -= 1
                return (state.isClosed ? nil : state.jobs.popFirst(), state.isClosed)
            }
            if isClosed { return }
            if let job { run(job) }
        }
    }

    /// Refuses further jobs, drops the waiting ones, and returns when the running ones have ended. Called once.
    package func close() {
        let workerThreads = state.withLock { state in
            state.isClosed = true
            state.jobs.removeAll()
            return state.workerThreads
        }
        for _ in workerThreads { semaphore.signal() }
        for thread in workerThreads { thread.join() }
    }
}
