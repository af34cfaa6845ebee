import Concurrency
import Text

/// Several reads on their way on one connection, in the order of sending.
///
/// State that no lock guards belongs to the driver, like the connection itself.
final class MultiplexedBatch: @unchecked Sendable {  // Why unchecked: see above.
    /// A read and what the batch knows about it.
    struct Entry {
        let read: MultiplexedRead
        /// The entry of its preparation in this pipeline; nil if none was sent.
        var fresh: StatementCache.Entry?
        var isPrepared = false
        /// True if another read of the batch prepares its statement.
        var relies = false
        /// True if its statement was prepared earlier.
        var reuses = false
    }

    let connection: Connection
    /// Where those come from that no thread waits for; nil where there are none.
    private let queue: (any ReadQueue)?
    /// True if the connection had answered a statement before this batch.
    let hadAnswered: Bool
    var entries: [Entry]
    /// When the batch was put together.
    let start: Deadline
    /// The soonest that the first answer can come, if the server has nothing to do for it.
    private let soonest: Deadline
    private let machine: Lock<MultiplexMachine>
    /// The machine's `front`. Only the driver changes it.
    private(set) var front = 0
    private var frontStart: Deadline?
    /// When `expire` is due. Only the driver changes it.
    private(set) var nextExpiry = Deadline.never

    /// The reply to the front so far.
    var reply: ResultHandle?
    var problem: ServerError?
    var endsWithNothing = false
    /// Callers that have an outcome and still sleep.
    private var unwoken: [MultiplexedRead] = []

    init(_ connection: Connection, _ reads: [MultiplexedRead], _ queue: (any ReadQueue)? = nil, roundTrip: Int64 = 0) {
        self.connection = connection
        self.queue = queue
        hadAnswered = connection.machine.hasAnswered
        entries = reads.map { Entry(read: $0) }
        start = .now
        soonest = Deadline(nanoseconds: start.nanoseconds &+ roundTrip)
        machine = Lock(MultiplexMachine(count: reads.count, patience: PostgresLimit.multiplexedNanoseconds, now: soonest.nanoseconds))
        if queue != nil { expire(now: start) }
    }

    deinit { reply?.clear() }

    /// The earliest moment when the server can have started with the front.
    var frontSince: Deadline { frontStart ?? start }
    /// How long the server has worked for the front, the way to it apart.
    func frontCost(now: Deadline) -> Int64 { max(now.nanoseconds &- max(frontSince, soonest).nanoseconds, 0) }
    var nextTick: Deadline { machine.withLock { Deadline(nanoseconds: $0.nextTick) } }

    /// True if the read has its answer.
    func isAnswered(_ index: Int) -> Bool { machine.withLock { $0.states[index] == .answered } }

    /// Returns the outcome of the driver's own read.
    func outcome(of own: Int) -> MultiplexedRead.Outcome { entries[own].read.takeOutcome() ?? .moved }

    /// A caller leaves. Returns false if its read has an outcome.
    func abandon(_ index: Int) -> Bool { machine.withLock { $0.abandon(index) } }

    /// The front has its answer, or the server's error.
    func answer(_ outcome: MultiplexedRead.Outcome, now: Deadline) -> MultiplexMachine.Step {
        let (isWanted, step) = machine.withLock { machine in
            let (isWanted, step) = machine.answered(now: now.nanoseconds)
            if isWanted { end(entries[front].read, outcome) }
            return (isWanted, step)
        }
        front += 1
        frontStart = now
        if !isWanted, case .answer(let reply, _) = outcome { reply.clear() }
        return step
    }

    func tick(now: Deadline) -> MultiplexMachine.Step { change { $0.tick(now: now.nanoseconds) } }

    /// Ends submitted reads whose deadline has passed or that are cancelled, because no thread waits with them. Skips the driver's own read.
    ///
    /// It is due again at the soonest deadline, and at `patience` for the sake of cancellations, which wake no caller.
    func expire(now: Deadline) {
        nextExpiry = machine.withLock { machine in
            var next = Deadline.never
            for index in machine.front..<entries.count where index != machine.driver && machine.states[index] == .awaited {
                guard let recipient = entries[index].read.recipient else { continue }
                let isCancelled = recipient.cancellationToken.isCancelled
                if isCancelled || now >= recipient.deadline, machine.abandon(index) {
                    end(entries[index].read, .failure(isCancelled ? Connection.cancelledFailure : Connection.timeoutFailure))
                } else {
                    next = min(next, recipient.deadline, Deadline(nanoseconds: now.nanoseconds &+ machine.patience))
                }
            }
            return next
        }
    }

    /// Records the front's cost so far. Its answer is not awaited any longer.
    func noteUnanswered(now: Deadline) {
        guard front < entries.count else { return }
        entries[front].read.batch.cost.add(atLeast: frontCost(now: now))
    }

    func leave() -> MultiplexMachine.Step { change { $0.leave() } }

    /// Makes another caller the driver. The old driver has woken the readers before, and must not use the batch afterwards.
    func handOver(to next: Int) {
        let next = entries[next].read
        next.end(.drive)
        next.eventCount?.signal()
    }

    /// Ends the driver's own read.
    func fail(_ own: Int, _ failure: Failure) { end(entries[own].read, .failure(failure)) }

    /// Ends all awaited reads. The front may get another outcome.
    func end(_ outcome: MultiplexedRead.Outcome, front ofFront: MultiplexedRead.Outcome? = nil) {
        machine.withLock { machine in
            let front = machine.front
            for index in machine.end() { end(entries[index].read, index == front ? ofFront ?? outcome : outcome) }
        }
    }

    private func change(_ body: (inout MultiplexMachine) -> (moved: [Int], step: MultiplexMachine.Step)) -> MultiplexMachine.Step {
        machine.withLock { machine in
            let (moved, step) = body(&machine)
            for index in moved { end(entries[index].read, .moved) }
            return step
        }
    }

    private func end(_ read: MultiplexedRead, _ outcome: MultiplexedRead.Outcome) {
        read.end(outcome)
        unwoken.append(read)
    }

    /// Wakes the callers whose answers have arrived.
    ///
    /// Why not each at once: a woken thread may take the core of the driver.
    func wakeReaders() {
        if unwoken.isEmpty { return }
        let woken = unwoken
        unwoken.removeAll(keepingCapacity: true)
        for read in woken { read.wake() }
        queue?.flush()
    }
}
