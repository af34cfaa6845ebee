import Locking
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

    /// Sleeps until there is a grant; throws when `deadline` (P6004) or `patience` (P2024) comes first.
    func wait(_ waiter: Waiter, _ deadline: Deadline, _ patience: Deadline) throws(Failure) -> Grant {
        let end = min(deadline, patience)
        while true {
            let seen = waiter.bell.count
            let now = Deadline.now
            let isLate = now >= end
            let (grant, next, errands) = state.withLock { state in
                let errands = state.machine.nextTick <= now.nanoseconds ? state.tickForWaiter(now: now.nanoseconds) : []
                let grant = state.grant(of: waiter, givesUp: isLate)
                return (grant, state.machine.nextTick, errands)
            }
            perform(errands)
            if let grant { return grant }
            if isLate { throw deadline <= patience ? Connection.timeoutFailure : exhaustedFailure }
            waiter.bell.wait(after: seen, until: min(end, Deadline(nanoseconds: next)))
        }
    }

    enum Connecting {
        case success(Connection)
        case failure(Failure)
        case wait(Waiter)
    }

    /// Makes the connection of a slot, on this thread.
    func connect(_ slot: PoolMachine.SlotID, _ interrupt: Interrupt, until deadline: Deadline) -> Connecting {
        do throws(Connection.ConnectError) {
            let connection = try Connection.establish(
                settings, slot: slot, interrupt: interrupt, showsServerMessages: showsServerMessages, log: log,
                until: deadline)
            log?.tell(.info, "pool", "A connection was opened.")
            state.withLock { $0.connected(connection) }
            return .success(connection)
        } catch {
            let now = Deadline.now.nanoseconds
            switch error {
            case .abandoned(let failure):
                perform(state.withLock { $0.connectAbandoned(slot, now: now) })
                changed.ring()
                return .failure(failure)
            case .failed(let cause):
                log?.tell(.warn, "pool", "A connection could not be opened: \(cause.reason) (\(cause.code)).")
                let (waiter, errands) = state.withLock { $0.connectFailed(slot, cause, now: now) }
                perform(errands)
                changed.ring()
                return waiter.map { .wait($0) } ?? .failure(cause.failure)
            }
        }
    }
}
