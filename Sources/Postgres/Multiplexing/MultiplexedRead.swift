package import Concurrency
package import Text

/// A read that waits for a connection, or goes along on another's. Has all that it takes to be sent by somebody else, who may outlive its caller.
///
/// Any thread.
package final class MultiplexedRead: Sendable {
    /// How it ends for a submitted request, which no thread waits for.
    package enum End: ~Copyable {
        case results(ResultSet)
        case failure(Failure)
        /// It has to be sent again, on a connection of its own.
        case again
    }

    /// What a thread that waits would see to itself.
    struct Submission: Sendable {
        let deadline: Deadline
        let cancellationToken: CancellationToken
        let tell: @Sendable (consuming End) -> Void
    }

    /// How it ends for its caller.
    enum Outcome: @unchecked Sendable {  // Why unchecked: a reply is passed on, never shared.
        case answer(ResultHandle)
        case failure(Failure)
        /// It has to be sent again, on a connection of its own.
        case moved
        /// The connection was lost under it.
        case lost(Failure, maySendAgain: Bool)
        /// Its caller receives from now on, for all.
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
    /// nil where a thread waits for it.
    let submission: Submission?
    /// Rings when there is an outcome, or a connection.
    let eventCount = EventCount()
    private let state = Lock(State())

    init(_ batch: StatementBatch, _ parameters: borrowing ParameterList, _ trace: Trace = Trace()) {
        self.batch = batch
        self.trace = trace
        self.parameters = ParameterBox(parameters.copy())
        submission = nil
    }

    /// A read of a submitted request. `tell` is called once, on any thread, which has to do with it what little there is.
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
    /// Whose connection it goes along on, if any.
    var claim: Claim? { state.withLock { $0.claim } }

    /// nil when its caller goes. Why then: batch and reads keep each other alive.
    func claim(_ claim: Claim?) { state.withLock { $0.claim = claim } }

    /// Once; after `drive` another one comes. The caller is not woken yet.
    func end(_ outcome: Outcome) { state.withLock { $0.outcome = outcome } }

    /// Lets its caller know of the outcome.
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

/// Values that several hold.
final class ParameterBox: @unchecked Sendable {  // Why unchecked: they do not change.
    let list: ParameterList

    init(_ list: consuming ParameterList) { self.list = list }
}
