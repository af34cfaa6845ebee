/// Jobs that no caller waits for. A few threads do them in order; they start when they are needed and end with `close`. Any thread may add.
package final class ThreadPool<Job: Sendable>: Sendable {
    private struct State {
        var jobs = Queue<Job>()
        var workerThreads: [Thread] = []
        var idle = 0
        var isClosed = false
    }

    private let state = Lock(State())
    private let semaphore = Semaphore()
    private let threads: Int
    private let capacity: Int
    private let run: @Sendable (Job) -> Void

    /// Makes a pool of at most `threads` threads, in which at most `capacity` jobs wait.
    package init(threads: Int, capacity: Int, run: @escaping @Sendable (Job) -> Void) {
        self.threads = threads
        self.capacity = capacity
        self.run = run
    }

    /// Adds a job. Returns false when too many wait, the pool is closed, or the system gives no thread at all.
    package func add(_ job: Job) -> Bool {
        let isAdded = state.withLock { state in
            guard !state.isClosed, state.jobs.count < capacity else { return false }
            state.jobs.append(job)
            guard state.idle < state.jobs.count && state.workerThreads.count < threads else { return true }
            if let thread = Thread({ self.work() }) { state.workerThreads.append(thread) }
            if !state.workerThreads.isEmpty { return true }
            // Why: no thread would ever do it.
            _ = state.jobs.popLast()
            return false
        }
        if isAdded { semaphore.signal() }
        return isAdded
    }

    /// How many jobs wait.
    package var count: Int { state.withLock { $0.jobs.count } }

    /// Takes the first job for somebody who does it elsewhere.
    package func take() -> Job? {
        guard let job = state.withLock({ $0.isClosed ? nil : $0.jobs.popFirst() }) else { return nil }
        // Why: else a thread would wake for it in vain.
        _ = semaphore.take()
        return job
    }

    /// Gives a job back that was taken: it is the first again.
    package func putBack(_ job: Job) {
        state.withLock { if !$0.isClosed { $0.jobs.prepend(job) } }
        semaphore.signal()
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
