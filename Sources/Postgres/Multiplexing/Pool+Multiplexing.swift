import Concurrency
import Telemetry
package import Text

// Short reads that wait for a connection are sent on one that another caller has, as in a group commit. That caller
// sends and receives for all. `MultiplexMachine` decides, `MultiplexedBatch` holds the outcomes, and the pool does the driver's work.

/// Submitted requests that wait for their turn and are reads that another caller's connection may send. Any thread may use it.
package protocol ReadQueue: Sendable {
    var isEmpty: Bool { get }
    /// Takes the reads that are sent together with one that has a connection now, as many as fit.
    func take(_ budget: inout BatchBudget) -> [MultiplexedRead]
    /// Tells of all that their recipients took since: one lock and one wake-up for many. Called by the one who drives, as they are.
    func flush()
}

extension Pool {
    /// True if a read may be sent with others on one connection.
    package func mayMultiplex(_ batch: StatementBatch, _ trace: Trace) -> Bool {
        isMultiplexing && batch.sent.count == 1 && !trace.isInStatements
            && batch.sent[0].valueCount <= PostgresLimit.multiplexedValues && batch.cost.cost.isShort
    }

    /// Returns a read that others may send, if its caller has to wait for a connection.
    ///
    /// Why only then: a caller that finds a connection pays nothing for it.
    func readIfBusy(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, _ trace: Trace, _ queue: (any ReadQueue)?
    ) -> MultiplexedRead? {
        guard mayMultiplex(batch, trace) else { return nil }
        guard queue?.isEmpty == false || state.withLock({ $0.machine.isBusy(now: Deadline.now.nanoseconds) }) else { return nil }
        return MultiplexedRead(batch, parameters, trace)
    }

    /// Sends a read whose caller has a connection, together with waiting ones. Returns nil if there are none; nothing was sent then.
    func executeShared(
        _ read: MultiplexedRead, _ queue: (any ReadQueue)?, on connection: Connection, until deadline: Deadline, _ cancellation: CancellationToken?
    ) -> MultiplexedRead.Outcome? {
        // Why not before it has told what it is: that takes its first read.
        guard connection.mayMultiplex, connection.identity != nil || !identities.areWanted else { return nil }
        var budget = BatchBudget(count: settings.multiplexingLimit - 1)
        let submitted = queue?.take(&budget) ?? []
        let gathered = state.withLock { [budget] state in
            state.gather(for: submitted + [read], queue, on: connection, budget, roundTrip: roundTrip.nanoseconds)
        }
        guard let batch = gathered else { return nil }
        multiplexed.add(UInt64(batch.entries.count))
        let own = batch.entries.count - 1
        do throws(Connection.ConnectionError) {
            try connection.send(batch)
        } catch {
            return fail(batch, own, error)
        }
        return drive(batch, own, until: deadline, cancellation)
    }

    /// Receives for a batch until the driver's own read has ended, and another caller drives or the connection is returned.
    func drive(
        _ batch: MultiplexedBatch, _ own: Int, until deadline: Deadline, _ cancellation: CancellationToken?
    ) -> MultiplexedRead.Outcome {
        batch.connection.cancellation = cancellation
        while true {
            let end = batch.front == own ? batch.connection.limited(deadline, since: batch.frontSince) : deadline
            var step: MultiplexMachine.Step
            do throws(Connection.ConnectionError) {
                step = try batch.connection.receive(batch, until: min(end, batch.nextTick, batch.nextExpiry))
                if step == .drain, Deadline.now >= end { step = .close }
            } catch {
                switch error {
                case .deadline where Deadline.now < end:
                    let now = Deadline.now
                    batch.expire(now: now)
                    step = batch.tick(now: now)
                case .deadline, .cancelled: step = leave(batch, own, error)
                default: return fail(batch, own, error)
                }
            }
            switch step {
            case .go, .drain: continue
            case .handOver(let next):
                if let recipient = batch.entries[next].read.recipient { return handOver(batch, own, to: next, recipient) }
                // Why before: afterwards the batch belongs to the other caller.
                batch.wakeReaders()
                let outcome = batch.outcome(of: own)
                batch.handOver(to: next)
                return outcome
            case .close:
                batch.noteUnanswered(now: .now)
                return giveBack(batch, own)
            case .finish: return giveBack(batch, own)
            }
        }
    }

    /// Makes a submitted request's read the driver. It has no thread, so it gets one.
    private func handOver(
        _ batch: MultiplexedBatch, _ own: Int, to next: Int, _ recipient: any MultiplexedRead.Recipient
    ) -> MultiplexedRead.Outcome {
        batch.wakeReaders()
        let outcome = batch.outcome(of: own)
        let hasBegun = begin { [self] in _ = drive(batch, next, until: recipient.deadline, recipient.cancellationToken) }
        // Why here: without another thread, a delay of this caller is the lesser evil.
        if !hasBegun { _ = drive(batch, next, until: recipient.deadline, recipient.cancellationToken) }
        return outcome
    }

    /// The driver's deadline has passed, or it is cancelled.
    private func leave(_ batch: MultiplexedBatch, _ own: Int, _ connectionError: Connection.ConnectionError) -> MultiplexMachine.Step {
        if batch.isAnswered(own) { return .close }
        if batch.front == own { batch.connection.traceFront(of: batch, connectionError) }
        let step = batch.leave()
        batch.fail(own, batch.connection.failure(connectionError))
        if case .cancelled = connectionError, case .handOver = step { silence(batch.connection) }
        return step
    }

    /// Clears the interrupt that ended one driver's wait, because it is not meant for the next driver. Closing the pool uses the same interrupt.
    private func silence(_ connection: Connection) {
        state.withLock { if !$0.machine.isClosed { connection.interrupt.clear() } }
    }

    /// The connection is broken.
    private func fail(_ batch: MultiplexedBatch, _ own: Int, _ connectionError: Connection.ConnectionError) -> MultiplexedRead.Outcome {
        let failure = batch.connection.failure(connectionError)
        batch.connection.traceFront(of: batch, connectionError)
        switch connectionError {
        case .tooMuch: batch.end(.moved, front: .failure(failure))
        case .lost: batch.end(.lost(failure, maySendAgain: batch.hadAnswered || batch.front > 0))
        default: batch.end(.failure(failure))
        }
        return giveBack(batch, own)
    }

    /// Returns the connection, then wakes the callers. Why in this order: the callers that wait for a connection have waited longest.
    private func giveBack(_ batch: MultiplexedBatch, _ own: Int) -> MultiplexedRead.Outcome {
        batch.end(.moved)
        release(batch.connection)
        batch.wakeReaders()
        return batch.outcome(of: own)
    }
}
