package import Concurrency
package import Text

/// A read that waits for a connection, or is sent on another caller's. It holds everything that another caller needs to send it, and
/// may outlive its own caller. Any thread may use it.
package final class MultiplexedRead: Sendable {
    /// How a submitted request's read ends. No thread waits for it.
    package enum End: ~Copyable {
        case results(ResultSet)
        case failure(Failure)
        /// The read has to be sent again on a connection of its own.
        case again
    }

    /// What a submitted read needs in place of a waiting thread.
    struct Submission: Sendable {
        let deadline: Deadline
        let cancellationToken: CancellationToken
        let tell: @Sendable (consuming End) -> Void
    }

    /// How the read ends for its caller.
    enum Outcome: @unchecked Sendable {  // Why unchecked: a reply is passed on, never shared.
        case answer(ResultHandle)
        case failure(Failure)
        /// The read has to be sent again on a connection of its own.
        case moved
        /// The connection was lost while the read ran.
        case lost(Failure, maySendAgain: Bool)
        /// Its caller receives for all from now on.
        case drive
    }

    struct Claim: Sendable {
        let batch: MultiplexedBatch
        let index: Int
    }

    private struct State {
        var claim: Claim?
        var outcome: Outcome?
    }

    let batch: StatementBatch
    let parameters: ParameterBox
    let trace: Trace
    /// Nil if a thread waits for the read.
    let submission: Submission?
    /// Signalled when there is an outcome or a connection.
    let eventCount = EventCount()
    private let state = Lock(State())

    init(_ batch: StatementBatch, _ parameters: borrowing ParameterList, _ trace: Trace = Trace()) {
        self.batch = batch
        self.trace = trace
        self.parameters = ParameterBox(parameters.copy())
        submission = nil
    }

    /// Makes a read of a submitted request. `tell` is called once, on any thread, and must return quickly.
    package init(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, until deadline: Deadline, for trace: Trace,
        _ cancellationToken: CancellationToken, tell: @escaping @Sendable (consuming End) -> Void
    ) {
        self.batch = batch
        self.trace = trace
        self.parameters = ParameterBox(parameters.copy())
        submission = Submission(deadline: deadline, cancellationToken: cancellationToken, tell: tell)
    }

    var statement: Statement { batch.sent[0] }
    /// The batch that sends the read, if any.
    var claim: Claim? { state.withLock { $0.claim } }

    /// Sets the batch; nil when the caller leaves. Why: batch and reads would keep each other alive.
    func claim(_ claim: Claim?) { state.withLock { $0.claim = claim } }

    /// Sets the outcome, once. After `drive` another one follows. Does not wake the caller.
    func end(_ outcome: Outcome) { state.withLock { $0.outcome = outcome } }

    /// Wakes the caller, or tells the submission its end.
    func wake() {
        guard let submission else { return eventCount.signal() }
        switch takeOutcome() {
        case nil: return
        case .answer(let reply): submission.tell(.results(ResultSet([reply])))
        case .failure(let failure), .lost(let failure, maySendAgain: false): submission.tell(.failure(failure))
        case .moved, .drive, .lost: submission.tell(.again)
        }
    }

    func takeOutcome() -> Outcome? {
        state.withLock { state in
            defer { state.outcome = nil }
            return state.outcome
        }
    }
}

/// Values that several owners hold.
final class ParameterBox: @unchecked Sendable {  // Why unchecked: they do not change.
    let list: ParameterList

    init(_ list: consuming ParameterList) { self.list = list }
}
