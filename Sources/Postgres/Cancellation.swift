import CLinux

/// The threads that cancel, counted.
struct Cancellations {
    var running = 0
    /// Threads that are done and wait to be joined.
    var finished: [pthread_t] = []
    /// The pool is closed and no longer joins.
    var areAbandoned = false
}

/// Cancels what a connection runs, on a thread of its own, and then has the pool close the connection.
///
/// Why a thread: libpq's cancel blocks until the server has taken it, for ever when the server is frozen. The connection is not
/// used again, so a late cancel can hit nothing of anybody else.
final class Cancellation: @unchecked Sendable {  // Why unchecked: after `start` only its thread touches it.
    let connection: Connection
    private let canceller: Canceller
    private let pool: Pool

    init(_ canceller: consuming Canceller, of connection: Connection, in pool: Pool) {
        self.canceller = canceller
        self.connection = connection
        self.pool = pool
    }

    /// False when no thread could be made.
    func start() -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 256 << 10)
        // Why: the host's signals are not for this thread, and libpq's cancel may raise SIGPIPE.
        var all = sigset_t()
        var former = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        let argument = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, { argument in
            guard let argument else { return nil }
            Unmanaged<Cancellation>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, argument.toOpaque())
        if status != 0 { argument.release() }
        return status == 0
    }

    private func run() {
        canceller.request()
        pool.finished(self, thread: pthread_self())
    }
}
