import CLinux
import Concurrency
import Telemetry

extension Pool {
    /// Wakes who has got something, and closes connections that were idle.
    func perform(_ errands: Errands) {
        for waiter in errands.woken { waiter.eventCount.signal() }
        for connection in errands.connectionsToClose { finish(connection) }
    }

    /// Closes a connection that is not used again. Cancels what the server may still run for it first.
    func retire(_ connection: Connection) {
        guard let cancellation = Cancellation(of: connection) else { return finish(connection) }
        log?.tell(.warn, "pool", "A query that no caller waits for is cancelled on the server.")
        let hasBegun = begin { [self] in
            cancellation.askUntilHeard()
            finish(connection)
        }
        // Why: without another thread, an uncancelled query is the lesser evil than a caller that waits.
        if !hasBegun { finish(connection) }
    }

    private func finish(_ connection: Connection) {
        connection.close()
        log?.tell(.info, "pool", "A connection was closed.")
        perform(state.withLock { $0.ended(connection.slot, now: Deadline.now.nanoseconds) })
        changed.signal()
    }

    /// Closes the pool. Callers that wait or run a statement get P6010, running statements are cancelled, and all connections close.
    ///
    /// Returns when that is done. A server or name service that does not answer gets two seconds. Any thread may call it.
    package func close() {
        perform(state.withLock { $0.close(now: Deadline.now.nanoseconds) })
        let deadline = Deadline.after(milliseconds: PostgresLimit.closeMilliseconds)
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
