import CLinux
import Locking
import Telemetry

extension Pool {
    private enum Limits {
        /// How long `close` waits for cancellations that the server does not answer.
        static let closeMilliseconds = 2_000
    }

    /// Closes connections that were idle.
    func perform(_ errands: [Connection]) {
        for connection in errands { finish(connection) }
    }

    /// Closes a connection that is not used again; first cancels what the server may still run for it.
    func retire(_ connection: Connection) {
        joinFinished()
        guard connection.isRunning, connection.session.isEstablished, let canceller = connection.session.canceller() else {
            return finish(connection)
        }
        state.withLock { $0.cancellations.running += 1 }
        log?.tell(.warn, "pool", "A query that nobody waits for any more is cancelled on the server.")
        let cancellation = Cancellation(canceller, of: connection, in: self)
        // Why: with no thread to be had, an uncancelled query is the lesser evil than a caller who blocks.
        if !cancellation.start() { finished(cancellation, thread: nil) }
    }

    /// A cancellation has come to its end, on its own thread (or never had one).
    func finished(_ cancellation: Cancellation, thread: pthread_t?) {
        finish(cancellation.connection)
        let isAbandoned = state.withLock { state in
            state.cancellations.running -= 1
            if let thread, !state.cancellations.areAbandoned { state.cancellations.finished.append(thread) }
            return state.cancellations.areAbandoned
        }
        if let thread, isAbandoned { pthread_detach(thread) }
        changed.ring()
    }

    private func finish(_ connection: Connection) {
        connection.close()
        log?.tell(.info, "pool", "A connection was closed.")
        perform(state.withLock { $0.ended(connection.slot, now: Deadline.now.nanoseconds) })
        changed.ring()
    }

    /// Ends everything: those who wait or run something get P6010, what the server runs is cancelled, connections close.
    /// Returns when that is done; a server that does not answer is given two seconds.
    package func close() {
        perform(state.withLock { $0.close(now: Deadline.now.nanoseconds) })
        let deadline = Deadline.after(milliseconds: Limits.closeMilliseconds)
        while true {
            let seen = changed.count
            let isDone = state.withLock { state in state.isEmpty }
            joinFinished()
            if isDone || Deadline.now >= deadline { break }
            changed.wait(after: seen, until: deadline)
        }
        state.withLock { $0.cancellations.areAbandoned = true }
        joinFinished()
    }

    /// Joins the threads of cancellations that are over: they are at their last instructions.
    private func joinFinished() {
        let threads = state.withLock { state in
            defer { state.cancellations.finished.removeAll() }
            return state.cancellations.finished
        }
        for thread in threads { pthread_join(thread, nil) }
    }
}
