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
        Failure(.timeout, code: "P6004", "No connection was free early enough for the query to end within its time limit.")
    }

    /// Sleeps until there is a grant. Throws P6004 at `latestStart`, P2024 at `patience`, or P6000 if the request is cancelled.
    ///
    /// A read on another caller's connection has its grant when it has its answer, by `deadline` at the latest.
    func wait(
        _ waiter: Waiter, _ latestStart: Deadline, _ patience: Deadline, until deadline: Deadline, _ cancellation: CancellationToken?
    ) throws(Failure) -> Grant {
        var end = min(latestStart, patience)
        var isCancelled = false
        // Why no look first: it has just been made, and what has happened since has rung.
        if Deadline.now < end { isCancelled = !sleep(waiter, after: waiter.seen, min(end, Deadline(nanoseconds: waiter.nextTick)), cancellation) }
        while true {
            let seen = waiter.eventCount.count
            if let outcome = waiter.read?.takeOutcome() { return went(waiter, outcome, until: deadline, cancellation) }
            let now = Deadline.now
            let isLate = isCancelled || now >= end
            let (grant, next, errands) = state.withLock { state in
                let errands = state.machine.nextTick <= now.nanoseconds ? state.tickForWaiter(now: now.nanoseconds) : Errands()
                let grant = state.grant(of: waiter, givesUp: isLate)
                return (grant, state.machine.nextTick, errands)
            }
            perform(errands)
            if let grant { return grant }
            if isLate {
                switch leave(waiter, isCancelled || now >= deadline) {
                case .left:
                    if isCancelled { throw Connection.cancelledFailure }
                    if waiter.read?.claim != nil { throw Connection.timeoutFailure }
                    throw latestStart <= patience ? Pool.turnlessFailure : exhaustedFailure
                case .stays: end = deadline
                case .ends:
                    // Why no cancellation here: this caller has to do something, and the notice is on its way.
                    waiter.eventCount.wait(after: seen, until: .never)
                    continue
                }
            }
            isCancelled = !sleep(waiter, after: seen, min(end, Deadline(nanoseconds: next)), cancellation)
        }
    }

    /// False when the request is cancelled.
    private func sleep(_ waiter: Waiter, after seen: UInt32, _ end: Deadline, _ cancellation: CancellationToken?) -> Bool {
        waiter.eventCount.wait(after: seen, until: end, cancellation: cancellation)
    }

    private enum Leaving {
        case left
        /// The read is on its way with others and has time left.
        case stays
        /// The read has its answer, or its caller drives.
        case ends
    }

    /// A caller stops waiting for a connection. If its read is on its way, it leaves only if it `must`.
    private func leave(_ waiter: Waiter, _ must: Bool) -> Leaving {
        guard let claim = waiter.read?.claim else { return .left }
        if !must { return .stays }
        return claim.batch.abandon(claim.index) ? .left : .ends
    }

    /// Returns the outcome of a read. If its caller has become the driver, drives first.
    private func went(
        _ waiter: Waiter, _ outcome: MultiplexedRead.Outcome, until deadline: Deadline, _ cancellation: CancellationToken?
    ) -> Grant {
        guard case .drive = outcome, let claim = waiter.read?.claim else { return .went(outcome) }
        return .went(drive(claim.batch, claim.index, until: deadline, cancellation))
    }
}
