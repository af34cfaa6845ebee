import Concurrency

/// The threads of a pool, counted: each makes a connection or cancels a query, and ends with that.
struct PoolThreads {
    var running = 0
    /// Those that are done and wait to be joined.
    var finished: [Thread] = []
    /// The pool is closed and no longer joins.
    var areAbandoned = false
}

extension Pool {
    /// Has `work` done on a thread of its own. False when the system gives none, and then nothing has been done.
    func begin(_ work: @escaping @Sendable () -> Void) -> Bool {
        joinFinished()
        state.withLock { $0.threads.running += 1 }
        let thread = Thread { [self] in
            work()
            finished(.current)
        }
        if thread != nil { return true }
        state.withLock { $0.threads.running -= 1 }
        return false
    }

    /// The last that a thread does.
    private func finished(_ thread: Thread) {
        let isAbandoned = state.withLock { state in
            state.threads.running -= 1
            if !state.threads.areAbandoned { state.threads.finished.append(thread) }
            return state.threads.areAbandoned
        }
        if isAbandoned { thread.detach() }
        changed.signal()
    }

    /// Joins the threads that are over: they are at their last instructions.
    func joinFinished() {
        let threads = state.withLock { state in
            defer { state.threads.finished.removeAll() }
            return state.threads.finished
        }
        for thread in threads { thread.join() }
    }
}
