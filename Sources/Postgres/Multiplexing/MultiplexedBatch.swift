import Concurrency
import Text

/// Several reads on their way on one connection, in the order of sending.
///
/// What no lock guards belongs to the driver, as the connection does.
final class MultiplexedBatch: @unchecked Sendable {  // Why unchecked: see above.
    /// What is known of a read beside the caller's own.
    struct Entry {
        let read: MultiplexedRead
        /// Prepared on the way.
        var fresh: StatementCache.Entry?
        var isPrepared = false
        /// It goes by what another of the batch prepares.
        var relies = false
        /// It was prepared earlier.
        var reuses = false
    }

    enum Limits {
        /// How long a read may keep its neighbours waiting.
        static let patienceNanoseconds: Int64 = 20_000_000
    }

    let connection: Connection
    /// It had served before this.
    let hadAnswered: Bool
    var entries: [Entry]
    /// When it was put together.
    let start: Deadline
    private let machine: Lock<MultiplexMachine>
    /// The machine's, which the driver alone moves.
    private(set) var front = 0
    private var frontStart: Deadline?

    /// Of the front: what has come so far.
    var reply: ResultHandle?
    var problem: ServerError?
    var endsWithNothing = false
    /// Callers that have an outcome and sleep yet.
    private var unwoken: [MultiplexedRead] = []

    init(_ connection: Connection, _ reads: [MultiplexedRead]) {
        self.connection = connection
        hadAnswered = connection.machine.hasAnswered
        entries = reads.map { Entry(read: $0) }
        start = .now
        machine = Lock(MultiplexMachine(count: reads.count, patience: Limits.patienceNanoseconds, now: start.nanoseconds))
    }

    deinit { reply?.clear() }

    /// When the server may have begun with the front.
    var frontSince: Deadline { frontStart ?? start }
    var nextTick: Deadline { machine.withLock { Deadline(nanoseconds: $0.nextTick) } }

    /// The driver's own answer has come.
    func isAnswered(_ index: Int) -> Bool { machine.withLock { $0.states[index] == .answered } }

    /// What the driver's own read has come to.
    func outcome(of own: Int) -> MultiplexedRead.Outcome { entries[own].read.takeOutcome() ?? .moved }

    /// A caller goes. False when its read has an outcome.
    func abandon(_ index: Int) -> Bool { machine.withLock { $0.abandon(index) } }

    /// The front has its answer, or what the server says in its place.
    func answer(_ outcome: MultiplexedRead.Outcome, now: Deadline) -> MultiplexMachine.Step {
        let (isWanted, step) = machine.withLock { machine in
            let (isWanted, step) = machine.answered(now: now.nanoseconds)
            if isWanted { end(entries[front].read, outcome) }
            return (isWanted, step)
        }
        front += 1
        frontStart = now
        if !isWanted, case .answer(let reply) = outcome { reply.clear() }
        return step
    }

    func tick(now: Deadline) -> MultiplexMachine.Step { change { $0.tick(now: now.nanoseconds) } }

    /// Ends the submitted reads whose time is up, or that are cancelled: no thread waits with them. Not the driver's own.
    func expire(now: Deadline, _ failure: (Connection.ConnectionError) -> Failure) {
        machine.withLock { machine in
            for index in machine.front..<entries.count {
                guard let submission = entries[index].read.submission else { continue }
                let isCancelled = submission.cancellationToken.isCancelled
                guard isCancelled || now >= submission.deadline, machine.abandon(index) else { continue }
                end(entries[index].read, .failure(failure(isCancelled ? .cancelled : .deadline)))
            }
        }
    }

    /// The front has taken so long, and is not waited for any longer.
    func noteUnanswered(now: Deadline) {
        guard front < entries.count else { return }
        entries[front].read.batch.cost.add(atLeast: now.nanoseconds &- frontSince.nanoseconds)
    }

    func leave() -> MultiplexMachine.Step { change { $0.leave() } }

    /// Makes another caller the driver. The last that this one does with the batch.
    func handOver(to next: Int) {
        let next = entries[next].read
        wakeReaders()
        next.end(.drive)
        next.eventCount.signal()
    }

    /// Ends the driver's own read.
    func fail(_ own: Int, _ failure: Failure) { end(entries[own].read, .failure(failure)) }

    /// Ends all that are awaited; the front may have another outcome.
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

    /// Wakes those whose answers are there.
    ///
    /// Why not each at once: a thread that is woken may take the core of the one who receives.
    func wakeReaders() {
        if unwoken.isEmpty { return }
        let woken = unwoken
        unwoken.removeAll(keepingCapacity: true)
        for read in woken { read.wake() }
    }
}
