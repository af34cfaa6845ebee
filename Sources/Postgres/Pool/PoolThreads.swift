import Concurrency

/// The threads of a pool. Each makes one connection or cancels one query, and then ends.
struct PoolThreads {
    var running = 0
    /// Threads that have finished and can be joined.
    var finished: [Thread] = []
    /// True once the pool is closed and no longer joins threads.
    var areAbandoned = false
}

extension Pool {
    /// Runs `work` on a thread of its own. Returns false if the system has no thread; nothing has been done then.
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

    /// The last thing that a thread does.
    private func finished(_ thread: Thread) {
        let isAbandoned = state.withLock { state in
            state.threads.running -= 1
            if !state.threads.areAbandoned { state.threads.finished.append(thread) }
            return state.threads.areAbandoned
        }
        if isAbandoned { thread.detach() }
        changed.signal()
    }

    /// Joins the threads that have finished. They are at their last instructions, so this does not block.
    func joinFinished() {
        let threads = state.withLock { state in
            defer { state.threads.finished.removeAll() }
            return state.threads.finished
        }
        for thread in threads { thread.join() }
    }
}
