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
    ///
    /// A read that has gone along with another has its grant when it has its answer: by `deadline`.
    func wait(_ waiter: Waiter, _ latestStart: Deadline, _ patience: Deadline, until deadline: Deadline) throws(Failure) -> Grant {
        var end = min(latestStart, patience)
        var isCancelled = false
        while true {
            let seen = waiter.eventCount.count
            if let outcome = waiter.read?.takeOutcome() { return went(waiter, outcome, until: deadline) }
            let now = Deadline.now
            let isLate = isCancelled || now >= end
            let (grant, next, connectionsToClose) = state.withLock { state in
                let connectionsToClose = state.machine.nextTick <= now.nanoseconds ? state.tickForWaiter(now: now.nanoseconds) : []
                let grant = state.grant(of: waiter, givesUp: isLate)
                return (grant, state.machine.nextTick, connectionsToClose)
            }
            perform(connectionsToClose)
            if let grant { return grant }
            if isLate {
                switch leave(waiter, isCancelled || now >= deadline) {
                case .left:
                    if isCancelled { throw Connection.cancelledFailure() }
                    if waiter.read?.claim != nil { throw Connection.timeoutFailure }
                    throw latestStart <= patience ? Pool.turnlessFailure : exhaustedFailure
                case .stays: end = deadline
                case .ends:
                    // Why no stop: what has to be done by this caller is on its way to it.
                    waiter.eventCount.wait(after: seen, until: .never)
                    continue
                }
            }
            isCancelled = !CancellationToken.wait(on: waiter.eventCount, after: seen, until: min(end, Deadline(nanoseconds: next)))
        }
    }

    private enum Leaving {
        case left
        /// It is on its way with others, and has time left.
        case stays
        /// It has its answer, or drives.
        case ends
    }

    /// A caller that waits for a connection goes; one whose read is on its way does so when it `must`.
    private func leave(_ waiter: Waiter, _ must: Bool) -> Leaving {
        guard let claim = waiter.read?.claim else { return .left }
        if !must { return .stays }
        return claim.batch.abandon(claim.index) ? .left : .ends
    }

    /// Drives, where that is what has come of a read.
    private func went(_ waiter: Waiter, _ outcome: MultiplexedRead.Outcome, until deadline: Deadline) -> Grant {
        guard case .drive = outcome, let claim = waiter.read?.claim else { return .went(outcome) }
        return .went(drive(claim.batch, claim.index, until: deadline))
    }
}
