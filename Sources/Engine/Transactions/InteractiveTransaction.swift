import Concurrency
import Postgres
import Text
import Writes

/// An interactive transaction: a connection held from `$transaction.begin` to the end. Any thread; one request at a time.
final class InteractiveTransaction: Sendable {
    /// What `machine` protects, with those who sleep until their turn.
    struct State: Sendable {
        var machine: TransactionStateMachine
        var sleepers: [UInt64: Semaphore] = [:]
    }

    /// The connection and what was done on it.
    final class Work {
        let connection: Connection
        let transaction: WriteTransaction
        /// What takes effect at the commit.
        var changes = InvalidationSet()
        /// Those that are set, in their order, each with what had changed before it. The position is the number under which the server has it.
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
    // Safe: touched by the one whose turn it is, or who ended it, alone; turns pass under the lock.
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

    /// Waits for the turn, at most until `deadline`; nil when it does not come by then.
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

    /// Gives the turn back. The end, if it has come meanwhile: then the caller rolls back.
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

    /// Ends it; the caller has the turn.
    func finish(_ end: TransactionStateMachine.End) {
        change { state in
            state.machine.finish(end)
            InteractiveTransaction.wakeAll(&state)
        }
    }

    /// Whether it ends by its time: then the caller rolls back.
    func expire(now: UInt64) -> Bool { change { $0.machine.expire(now: now) } }

    /// Whether it ends at once: then the caller gives the connection back. Otherwise the one whose turn it is does.
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
