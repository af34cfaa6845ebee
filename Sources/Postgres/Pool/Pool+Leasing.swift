import Concurrency
import Telemetry
import Text

extension Pool {
    static var closedFailure: Failure { Failure(.closed, code: "P6010", "The client was closed.") }

    private var exhaustedFailure: Failure {
        let seconds = settings.poolTimeoutMilliseconds / 1000
        return Failure(
            .unavailable, code: "P2024",
            "Timed out fetching a new connection from the connection pool. "
                + "(Current connection pool timeout: \(seconds), connection limit: \(settings.connectionLimit))",
            meta: [("connection_limit", .number(settings.connectionLimit)), ("timeout", .number(seconds))],
            isRetryable: true)
    }

    private static var turnlessFailure: Failure {
        Failure(.timeout, code: "P6004", "No connection was free early enough for the query to end within its time limit. Nothing was sent.")
    }

    /// Sleeps until there is a grant; throws when `latestStart` (P6004), `patience` (P2024) or a stop comes first.
    func wait(_ waiter: Waiter, _ latestStart: Deadline, _ patience: Deadline) throws(Failure) -> Grant {
        let end = min(latestStart, patience)
        var isCancelled = false
        while true {
            let seen = waiter.eventCount.count
            let now = Deadline.now
            let isLate = isCancelled || now >= end
            let (grant, next, connectionsToClose) = state.withLock { state in
                let connectionsToClose = state.machine.nextTick <= now.nanoseconds ? state.tickForWaiter(now: now.nanoseconds) : []
                let grant = state.grant(of: waiter, givesUp: isLate)
                return (grant, state.machine.nextTick, connectionsToClose)
            }
            perform(connectionsToClose)
            if let grant { return grant }
            if isCancelled { throw Connection.cancelledFailure() }
            if isLate { throw latestStart <= patience ? Pool.turnlessFailure : exhaustedFailure }
            isCancelled = !CancellationToken.wait(on: waiter.eventCount, after: seen, until: min(end, Deadline(nanoseconds: next)))
        }
    }
}
