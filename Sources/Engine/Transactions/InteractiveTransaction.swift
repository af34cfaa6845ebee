import Concurrency
import Postgres
import Text
import Writes

/// An interactive transaction: a connection that is held from `$transaction.begin` to the end. Any thread may use it, one request at a time.
final class InteractiveTransaction: Sendable {
    /// The state machine, and the threads that sleep until their turn.
    struct State: Sendable {
        var machine: TransactionStateMachine
        var sleepers: [UInt64: Semaphore] = [:]
    }

    /// The connection, and what was done on it.
    final class Work {
        let connection: Connection
        let transaction: WriteTransaction
        /// What takes effect at the commit.
        var changes = InvalidationSet()
        /// The savepoints in order, each with the changes before it. The position is its number on the server.
        var savepoints: [(name: [UInt8], changes: InvalidationSet)] = []

        init(_ connection: Connection, _ transaction: WriteTransaction) {
            self.connection = connection
            self.transaction = transaction
        }
    }

    let id: [UInt8]
    let timeoutMilliseconds: Int
    let begin: UInt64
    let expiry: UInt64
    // Safe: only the thread whose turn it is, or that ended the transaction, uses it. Turns pass under the lock.
    nonisolated(unsafe) let work: Work
    private let state: Lock<State>

    init(id: [UInt8], _ work: Work, begin: UInt64, timeoutMilliseconds: Int) {
        self.id = id
        self.work = work
        self.timeoutMilliseconds = timeoutMilliseconds
        let machine = TransactionStateMachine(begin: begin, timeoutMilliseconds: timeoutMilliseconds)
        self.begin = begin
        expiry = machine.expiry
        state = Lock(State(machine: machine))
    }

    /// Waits for the turn until `deadline` at most. Nil if it does not come.
    func enter(now: UInt64, until deadline: Deadline) -> TransactionStateMachine.Admission? {
        let semaphore = Semaphore()
        let admission = change { state in
            let admission = state.machine.enter(now: now)
            if case .wait(let number) = admission { state.sleepers[number] = semaphore }
            return admission
        }
        guard case .wait(let number) = admission else { return admission }
        while true {
            semaphore.wait(until: UInt64(clamping: deadline.nanoseconds))
            let isLate = Deadline.now >= deadline
            let found = change { state in
                let found = state.machine.look(number, givesUp: isLate)
                if found != nil || isLate { state.sleepers[number] = nil }
                return found
            }
            if found != nil || isLate { return found }
        }
    }

    /// Returns the turn. Returns the end if it has come meanwhile; the caller then rolls back.
    func leave(now: UInt64) -> TransactionStateMachine.End? {
        change { state in
            switch state.machine.leave(now: now) {
            case .idle: break
            case .next(let number): state.sleepers[number]?.signal()
            case .ended(let end):
                InteractiveTransaction.wakeAll(&state)
                return end
            }
            return nil
        }
    }

    /// Ends the transaction. The caller has the turn.
    func finish(_ end: TransactionStateMachine.End) {
        change { state in
            state.machine.finish(end)
            InteractiveTransaction.wakeAll(&state)
        }
    }

    /// Returns true if the transaction ends because its time is up. The caller then rolls it back.
    func expire(now: UInt64) -> Bool { change { $0.machine.expire(now: now) } }

    /// Returns true if it ends at once; the caller then returns the connection. Otherwise the thread with the turn does that.
    func close() -> Bool { change { $0.machine.close() } }

    /// Changes the state under its lock. Debug builds check it after each change.
    private func change<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            defer {
                assert(
                    {
                        state.machine.checkInvariants(); return true
                    }())
            }
            return body(&state)
        }
    }

    private static func wakeAll(_ state: inout State) {
        for semaphore in state.sleepers.values { semaphore.signal() }
    }
}
