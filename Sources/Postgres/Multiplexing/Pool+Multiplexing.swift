import Concurrency
import Telemetry
package import Text

// When all connections are busy, short reads that wait go along with one that has a connection: as in group commit, its caller sends for all
// and receives for all. `MultiplexMachine` decides, `MultiplexedBatch` tells the callers, this is what the driver does.

/// Submitted requests that wait for their turn, as far as they are reads that may go along with another. Any thread.
package protocol ReadQueue: Sendable {
    var isEmpty: Bool { get }
    /// Takes as many as shall go along with one that has a connection now.
    func take(most: Int) -> [MultiplexedRead]
}

extension Pool {
    private enum Limits {
        /// Values of a read that goes along.
        static let values = 256
    }

    /// Whether a read may go along with another, or another with it.
    package func mayMultiplex(_ batch: StatementBatch, _ trace: Trace) -> Bool {
        isMultiplexing && batch.sent.count == 1 && !trace.isSampled && batch.sent[0].valueCount <= Limits.values && batch.cost.cost.isShort
    }

    /// A read that may go along with others, where its caller has to wait for a connection.
    ///
    /// Why only then: who finds a connection pays nothing for it.
    func readIfBusy(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, _ trace: Trace, _ queue: (any ReadQueue)?
    ) -> MultiplexedRead? {
        guard mayMultiplex(batch, trace) else { return nil }
        guard queue?.isEmpty == false || state.withLock({ $0.machine.isBusy(now: Deadline.now.nanoseconds) }) else { return nil }
        return MultiplexedRead(batch, parameters, trace)
    }

    /// Sends a read whose caller has a connection, with those that wait. Nil when none goes along: then nothing was sent.
    func executeShared(
        _ read: MultiplexedRead, _ queue: (any ReadQueue)?, on connection: Connection, until deadline: Deadline
    ) -> MultiplexedRead.Outcome? {
        guard connection.mayMultiplex else { return nil }
        let most = settings.multiplexingLimit - 1
        let submitted = queue?.take(most: most) ?? []
        guard let batch = state.withLock({ $0.gather(for: submitted + [read], on: connection, most: most - submitted.count) }) else { return nil }
        multiplexed.add(UInt64(batch.entries.count))
        let own = batch.entries.count - 1
        do throws(Connection.ConnectionError) {
            try connection.send(batch)
        } catch {
            return fail(batch, own, error)
        }
        return drive(batch, own, until: deadline)
    }

    /// Receives for a batch until the own read has its end, and somebody else drives or the connection is given back.
    func drive(_ batch: MultiplexedBatch, _ own: Int, until deadline: Deadline) -> MultiplexedRead.Outcome {
        while true {
            let end = batch.front == own ? batch.connection.limited(deadline, since: batch.frontSince) : deadline
            var step: MultiplexMachine.Step
            do throws(Connection.ConnectionError) {
                step = try receive(batch, for: own, until: min(end, batch.nextTick))
                if step == .drain, Deadline.now >= end { step = .close }
            } catch {
                switch error {
                case .deadline where Deadline.now < end:
                    batch.expire(now: .now, { batch.connection.failure($0) })
                    step = batch.tick(now: .now)
                case .deadline, .cancelled: step = leave(batch, own, error)
                default: return fail(batch, own, error)
                }
            }
            switch step {
            case .go, .drain: continue
            case .handOver(let next):
                if let submission = batch.entries[next].read.submission { return handOver(batch, own, to: next, submission) }
                batch.handOver(to: next)
                return batch.outcome(of: own)
            case .close:
                batch.noteUnanswered(now: .now)
                return giveBack(batch, own)
            case .finish: return giveBack(batch, own)
            }
        }
    }

    /// Lets a submitted request's read drive, which has no thread: so it gets one.
    private func handOver(
        _ batch: MultiplexedBatch, _ own: Int, to next: Int, _ submission: MultiplexedRead.Submission
    ) -> MultiplexedRead.Outcome {
        batch.wakeReaders()
        let outcome = batch.outcome(of: own)
        let hasBegun = begin { [self] in _ = drive(batch, next, until: submission.deadline) }
        // Why here: with no thread to be had, it is the lesser evil that this caller waits.
        if !hasBegun { _ = drive(batch, next, until: submission.deadline) }
        return outcome
    }

    private func receive(
        _ batch: MultiplexedBatch, for own: Int, until limit: Deadline
    ) throws(Connection.ConnectionError) -> MultiplexMachine.Step {
        guard let submission = batch.entries[own].read.submission else { return try batch.connection.receive(batch, until: limit) }
        return try CancellationToken.with(submission.cancellationToken) { () throws(Connection.ConnectionError) in
            try batch.connection.receive(batch, until: limit)
        }
    }

    /// The driver's time is up, or it is cancelled.
    private func leave(_ batch: MultiplexedBatch, _ own: Int, _ connectionError: Connection.ConnectionError) -> MultiplexMachine.Step {
        if batch.isAnswered(own) { return .close }
        if batch.front == own { batch.connection.traceFront(of: batch, connectionError) }
        let step = batch.leave()
        batch.fail(own, batch.connection.failure(connectionError))
        if case .cancelled = connectionError, case .handOver = step { silence(batch.connection) }
        return step
    }

    /// Takes the sign back that has ended the wait of one driver, and is not meant for the next. Closing the pool gives the same one.
    private func silence(_ connection: Connection) {
        state.withLock { if !$0.machine.isClosed { connection.interrupt.clear() } }
    }

    /// The connection cannot go on.
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

    /// Why the connection first: who waits for it has waited longest.
    private func giveBack(_ batch: MultiplexedBatch, _ own: Int) -> MultiplexedRead.Outcome {
        batch.end(.moved)
        release(batch.connection)
        batch.wakeReaders()
        return batch.outcome(of: own)
    }
}
