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
        case again(ReadAttempt)
    }

    /// Who waits for it without a thread, and what a thread that waits would see to itself.
    package protocol Recipient: AnyObject, Sendable {
        var deadline: Deadline { get }
        var cancellationToken: CancellationToken { get }
        /// Called once, on any thread. It has to do with it what little there is.
        func take(_ end: consuming End)
    }

    /// How the read ends for its caller.
    enum Outcome: @unchecked Sendable {  // Why unchecked: a reply is passed on, never shared.
        /// With the generation of the session's identity.
        case answer(ResultHandle, of: UInt64)
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
    let parameters: ParameterList
    let trace: Trace
    /// Nil if a thread waits for the read.
    let recipient: (any Recipient)?
    /// Rings when there is an outcome, or a connection; nil where no thread waits for it.
    let eventCount: EventCount?
    private let state = Lock(State())

    init(_ batch: StatementBatch, _ parameters: borrowing ParameterList, _ trace: Trace = Trace()) {
        self.batch = batch
        self.trace = trace
        self.parameters = parameters.copy()
        recipient = nil
        eventCount = EventCount()
    }

    /// A read that no thread waits for.
    package init(_ batch: StatementBatch, _ parameters: borrowing ParameterList, _ trace: Trace, for recipient: any Recipient) {
        self.batch = batch
        self.trace = trace
        self.parameters = parameters.copy()
        self.recipient = recipient
        eventCount = nil
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
        guard let recipient else {
            eventCount?.signal()
            return
        }
        switch takeOutcome() {
        case nil: return
        case .answer(let reply, let generation): recipient.take(.results(ResultSet(reply, of: generation)))
        case .failure(let failure), .lost(let failure, maySendAgain: false): recipient.take(.failure(failure))
        case .moved, .drive: recipient.take(.again(.afterMove))
        case .lost: recipient.take(.again(.afterLoss))
        }
    }

    func takeOutcome() -> Outcome? {
        state.withLock { state in
            defer { state.outcome = nil }
            return state.outcome
        }
    }
}

/// Whether a read was sent before, as far as that says how it may be sent now.
package enum ReadAttempt: Sendable {
    case first
    /// It went along with others, and was held up: now it goes alone.
    case afterMove
    /// Its connection was lost: now it goes alone, and this is the last time.
    case afterLoss
}
