import Concurrency
import Text

/// A read that waits for a connection, or goes along on another's. Has all that it takes to be sent by somebody else, who may outlive its caller.
///
/// Any thread.
final class MultiplexedRead: Sendable {
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
    /// Rings when there is an outcome, or a connection.
    let eventCount = EventCount()
    private let state = Lock(State())

    init(_ batch: StatementBatch, _ parameters: borrowing ParameterList, _ trace: Trace = Trace()) {
        self.batch = batch
        self.trace = trace
        self.parameters = ParameterBox(parameters.copy())
    }

    var statement: Statement { batch.sent[0] }
    /// Whose connection it goes along on, if any.
    var claim: Claim? { state.withLock { $0.claim } }

    /// nil when its caller goes. Why then: batch and reads keep each other alive.
    func claim(_ claim: Claim?) { state.withLock { $0.claim = claim } }

    /// Once; after `drive` another one comes. The caller is not woken yet.
    func end(_ outcome: Outcome) { state.withLock { $0.outcome = outcome } }

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
