import CLinux
import Concurrency
import Telemetry

extension Pool {
    private enum Limits {
        /// How long `close` waits for threads that cancel, or that look a host name up.
        static let closeMilliseconds = 2_000
    }

    /// Closes connections that were idle.
    func perform(_ connectionsToClose: [Connection]) {
        for connection in connectionsToClose { finish(connection) }
    }

    /// Closes a connection that is not used again; first cancels what the server may still run for it.
    func retire(_ connection: Connection) {
        guard let cancellation = Cancellation(of: connection) else { return finish(connection) }
        log?.tell(.warn, "pool", "A query that no caller waits for is cancelled on the server.")
        let hasBegun = begin { [self] in
            cancellation.askUntilHeard()
            finish(connection)
        }
        // Why: with no thread to be had, an uncancelled query is the lesser evil than a caller who waits.
        if !hasBegun { finish(connection) }
    }

    private func finish(_ connection: Connection) {
        connection.close()
        log?.tell(.info, "pool", "A connection was closed.")
        perform(state.withLock { $0.ended(connection.slot, now: Deadline.now.nanoseconds) })
        changed.signal()
    }

    /// Ends everything: those who wait or run something get P6010, what the server runs is cancelled, connections close.
    /// Returns when that is done; a server, or a name service, that does not answer is given two seconds.
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
        state.withLock { $0.threads.areAbandoned = true }
        joinFinished()
    }
}
