import Concurrency
import Telemetry
import Text

// When all connections are busy, short reads that wait go along with one that has a connection: as in group commit, its caller sends for all
// and receives for all. `MultiplexMachine` decides, `MultiplexedBatch` tells the callers, this is what the driver does.

extension Pool {
    private enum Limits {
        /// Values of a read that goes along.
        static let values = 256
    }

    /// Whether a read may go along with another, or another with it.
    func mayMultiplex(_ batch: StatementBatch, _ trace: Trace) -> Bool {
        isMultiplexing && batch.sent.count == 1 && !trace.isSampled && batch.sent[0].valueCount <= Limits.values && batch.cost.cost.isShort
    }

    /// A read that may go along with others, where its caller has to wait for a connection.
    ///
    /// Why only then: who finds a connection pays nothing for it.
    func readIfBusy(_ batch: StatementBatch, _ parameters: borrowing ParameterList, _ trace: Trace) -> MultiplexedRead? {
        guard mayMultiplex(batch, trace), state.withLock({ $0.machine.isBusy(now: Deadline.now.nanoseconds) }) else { return nil }
        return MultiplexedRead(batch, parameters, trace)
    }

    /// Sends a read whose caller has a connection, with those that wait. Nil when none goes along: then nothing was sent.
    func executeShared(_ read: MultiplexedRead, on connection: Connection, until deadline: Deadline) -> MultiplexedRead.Outcome? {
        guard connection.mayMultiplex else { return nil }
        let most = settings.multiplexingLimit - 1
        guard let batch = state.withLock({ $0.gather(for: read, on: connection, most: most) }) else { return nil }
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
                step = try batch.connection.receive(batch, until: min(end, batch.nextTick))
                if step == .drain, Deadline.now >= end { step = .close }
            } catch {
                switch error {
                case .deadline where Deadline.now < end: step = batch.tick(now: .now)
                case .deadline, .cancelled: step = leave(batch, own, error)
                default: return fail(batch, own, error)
                }
            }
            switch step {
            case .go, .drain: continue
            case .handOver(let next):
                batch.handOver(to: next)
                return batch.outcome(of: own)
            case .finish, .close: return giveBack(batch, own)
            }
        }
    }

    /// The driver's time is up, or it is cancelled.
    private func leave(_ batch: MultiplexedBatch, _ own: Int, _ connectionError: Connection.ConnectionError) -> MultiplexMachine.Step {
        if batch.isAnswered(own) { return .close }
        if batch.front == own { batch.connection.traceFront(of: batch, connectionError) }
        let step = batch.leave()
        batch.entries[own].read.end(.failure(batch.connection.failure(connectionError)))
        return step
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
