import CLinux

/// A thread of the library's own, with a megabyte of stack or more. It takes no signals, which are the host's business.
///
/// Has to be joined or detached, once.
package struct Thread: @unchecked Sendable {  // Why unchecked: `pthread_t` is a number that only `join` and `detach` read.
    private let thread: pthread_t

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private init(_ thread: pthread_t) { self.thread = thread }

    /// Starts `run` on a new thread. Nil when the system gives none.
    package init?(_ run: @escaping @Sendable () -> Void) {
        var everything = sigset_t()
        var before = sigset_t()
        sigfillset(&everything)
        // Why: a new thread inherits the signal mask of its maker, and what it does may raise SIGPIPE.
        pthread_sigmask(SIG_BLOCK, &everything, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let body = Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        let status = linux_start_thread(
            &thread,
            { argument in
                guard let argument else { return nil }
                ForkGate.enter()
                defer { ForkGate.leave() }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            body.release()
            return nil
        }
        self.thread = thread
    }

    /// The calling thread.
    package static var current: Thread { Thread(pthread_self()) }

    /// Waits until it has ended.
    package func join() { ForkGate.outside { _ = pthread_join(thread, nil) } }

    /// Declares that the thread will not be joined.
    package func detach() { pthread_detach(thread) }
}
