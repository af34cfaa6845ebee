import CLinux
import Concurrency
import Telemetry
import Text

/// One attempt to connect, on a thread of its own. Its caller waits only until its own deadline.
///
/// Why a thread: the system looks up host names and knows no deadline. An attempt that outlasts its caller is useful, too. Its connection
/// serves the next caller; callers with little time would otherwise never get one.
final class ConnectionAttempt: @unchecked Sendable {  // Why unchecked: the `var`s are touched under the pool's lock alone.
    let slot: PoolMachine.SlotID
    let interrupt: EventDescriptor
    /// When the attempt ends at the latest.
    let deadline: Deadline
    /// When it began. `patienceMilliseconds` is how long it may go on without a caller.
    let start: Deadline
    let patienceMilliseconds: Int
    /// Signalled when the attempt ends.
    let eventCount = EventCount()
    /// Set once, while a caller waits.
    var outcome: Outcome?
    var isAwaited = true
    /// True if it took longer than `connect_timeout`. Its result is thrown away.
    var isGivenUp = false

    enum Outcome {
        case success(Connection)
        case failure(Failure)
        /// The server is full; the caller waits for an existing connection.
        case wait(Pool.Waiter)
    }

    init(_ slot: PoolMachine.SlotID, _ interrupt: EventDescriptor, patienceMilliseconds: Int, until deadline: Deadline) {
        self.slot = slot
        self.interrupt = interrupt
        self.patienceMilliseconds = patienceMilliseconds
        start = .now
        self.deadline = max(deadline, .after(milliseconds: patienceMilliseconds, from: start))
    }
}

extension Pool {
    /// Makes the connection of a slot. Waits until `deadline` at most.
    func connect(
        _ slot: PoolMachine.SlotID, _ interrupt: EventDescriptor, until deadline: Deadline, _ cancellation: CancellationToken?
    ) -> ConnectionAttempt.Outcome {
        let attempt = ConnectionAttempt(
            slot, interrupt, patienceMilliseconds: state.withLock { $0.connectBudget.milliseconds }, until: deadline)
        if !begin({ [self] in makeAttempt(attempt, nil) }) { makeAttempt(attempt, cancellation) }
        var patience = settings.connectDeadline(from: attempt.start)
        if patience != .never { patience = .after(milliseconds: PostgresLimit.connectToleranceMilliseconds, from: patience) }
        return wait(for: attempt, deadline, patience, cancellation)
    }

    /// Waits for the end of the attempt, until `deadline` or `patience`, by which the attempt should have ended.
    private func wait(
        for attempt: ConnectionAttempt, _ deadline: Deadline, _ patience: Deadline, _ cancellation: CancellationToken?
    ) -> ConnectionAttempt.Outcome {
        var isCancelled = false
        while true {
            let seen = attempt.eventCount.count
            let now = Deadline.now
            if isCancelled { return leave(attempt) { _ in .failure(Connection.cancelledFailure) } }
            if now >= deadline { return leave(attempt) { _ in .failure(Connection.timeoutFailure) } }
            if now >= patience {
                var errands = Errands()
                let outcome = leave(attempt) { state in giveUp(attempt, &state, now, &errands) }
                perform(errands)
                return outcome
            }
            if let outcome = state.withLock({ _ in attempt.outcome }) { return outcome }
            isCancelled = !attempt.eventCount.wait(after: seen, until: min(deadline, patience), cancellation: cancellation)
        }
    }

    /// Frees the slot for another attempt. The thread goes on until the system's lookup returns.
    private func giveUp(_ attempt: ConnectionAttempt, _ state: inout State, _ now: Deadline, _ errands: inout Errands) -> ConnectionAttempt.Outcome {
        attempt.isGivenUp = true
        var cause = ConnectFailure(code: "P1001")
        cause.place = settings.place
        errands = state.connectFailed(attempt.slot, cause, isAwaited: false, now: now.nanoseconds).1
        return .failure(cause.failure)
    }

    /// Returns the attempt's outcome if there is one. Otherwise the caller leaves, and `otherwise` decides.
    private func leave(
        _ attempt: ConnectionAttempt, _ otherwise: (inout State) -> ConnectionAttempt.Outcome
    ) -> ConnectionAttempt.Outcome {
        state.withLock { state in
            if let outcome = attempt.outcome { return outcome }
            attempt.isAwaited = false
            return otherwise(&state)
        }
    }

    /// Makes the attempt, on its own thread or on the caller's. Only there the caller's cancellation ends it.
    private func makeAttempt(_ attempt: ConnectionAttempt, _ cancellation: CancellationToken?) {
        let errands: Errands
        let generation = identities.generation
        do throws(Connection.ConnectError) {
            let connection = try Connection.establish(
                settings, slot: attempt.slot, interrupt: attempt.interrupt, showsServerMessages: showsServerMessages, log: log,
                epoch: epoch, until: attempt.deadline, cancellation: cancellation)
            connection.startGeneration = generation
            log?.tell(.info, "pool", "A connection was opened.")
            errands = deliver(connection, attempt)
        } catch {
            errands = report(error, attempt)
        }
        perform(errands)
        attempt.eventCount.signal()
        changed.signal()
    }

    private func deliver(_ connection: Connection, _ attempt: ConnectionAttempt) -> Errands {
        let now = Deadline.now.nanoseconds
        let (errands, isWanted) = state.withLock { state -> (Errands, Bool) in
            if attempt.isGivenUp { return (Errands(), false) }
            let errands = state.connected(connection, now: now)
            state.connectBudget.succeeded(after: Int((now &- attempt.start.nanoseconds) / 1_000_000))
            if attempt.isAwaited {
                attempt.outcome = .success(connection)
                return (errands, true)
            }
            return (errands + state.release(connection, isReusable: true, now: now), true)
        }
        if !isWanted { connection.close() }
        return errands
    }

    private func report(_ error: Connection.ConnectError, _ attempt: ConnectionAttempt) -> Errands {
        if case .failed(let cause) = error {
            log?.tell(.warn, "pool", "A connection could not be opened: \(cause.reason) (\(cause.code)).")
        }
        let now = Deadline.now.nanoseconds
        return state.withLock { state in
            if attempt.isGivenUp { return Errands() }
            switch error {
            case .abandoned(let failure):
                attempt.outcome = .failure(failure)
                state.connectBudget.fellShort(of: attempt.patienceMilliseconds)
                return state.connectAbandoned(attempt.slot, now: now)
            case .failed(let cause):
                let (waiter, errands) = state.connectFailed(attempt.slot, cause, isAwaited: attempt.isAwaited, now: now)
                attempt.outcome = waiter.map { .wait($0) } ?? .failure(cause.failure)
                return errands
            }
        }
    }
}
