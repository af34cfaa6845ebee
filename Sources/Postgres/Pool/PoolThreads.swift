import CLinux
import Locking

/// The threads of a pool, counted: each makes a connection or cancels a query, and ends with that.
struct PoolThreads {
    var running = 0
    /// Those that are done and wait to be joined.
    var finished: [pthread_t] = []
    /// The pool is closed and no longer joins.
    var areAbandoned = false
}

extension Pool {
    private final class Work: Sendable {
        let run: @Sendable () -> Void
        let pool: Pool

        init(_ pool: Pool, _ run: @escaping @Sendable () -> Void) {
            self.pool = pool
            self.run = run
        }
    }

    /// Has `work` done on a thread of its own. False when the system gives none, and then nothing has been done.
    func begin(_ work: @escaping @Sendable () -> Void) -> Bool {
        joinFinished()
        state.withLock { $0.threads.running += 1 }
        // Why: the host's signals are not for this thread, and what it does may raise SIGPIPE.
        var all = sigset_t()
        var former = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &former)
        let argument = Unmanaged.passRetained(Work(self, work))
        var thread = pthread_t()
        let status = linux_start_thread(
            &thread,
            { argument in
                guard let argument else { return nil }
                ForkGate.enter()
                defer { ForkGate.leave() }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                work.run()
                work.pool.finished(pthread_self())
                return nil
            }, argument.toOpaque())
        pthread_sigmask(SIG_SETMASK, &former, nil)
        if status == 0 { return true }
        argument.release()
        state.withLock { $0.threads.running -= 1 }
        return false
    }

    /// The last that a thread does.
    private func finished(_ thread: pthread_t) {
        let isAbandoned = state.withLock { state in
            state.threads.running -= 1
            if !state.threads.areAbandoned { state.threads.finished.append(thread) }
            return state.threads.areAbandoned
        }
        if isAbandoned { pthread_detach(thread) }
        changed.ring()
    }

    /// Joins the threads that are over: they are at their last instructions.
    func joinFinished() {
        let threads = state.withLock { state in
            defer { state.threads.finished.removeAll() }
            return state.threads.finished
        }
        for thread in threads { ForkGate.outside { _ = pthread_join(thread, nil) } }
    }
}
