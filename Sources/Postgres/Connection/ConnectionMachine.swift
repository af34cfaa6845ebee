/// Decides what may be done with a connection. It is a pure value without I/O and without a clock.
///
/// Events of the connection go in. The machine says whether the connection may be used again, has to be cancelled, or leaves a write in doubt.
///
///     idle                → running (begin), closed
///     running             → idle, inTransaction (finish), broken (finish with an unclear status), closed; unchanged when a deadline passes
///     idle, inTransaction → broken (markBroken)
///     inTransaction       → running (begin), closed
///     broken              → closed
///     closed
///
/// Only an idle connection serves another caller. A connection that met something unexpected is closed, never repaired.
struct ConnectionMachine {
    /// The transaction status that the server reports after a round trip.
    enum TransactionStatus: Equatable {
        case idle, open, aborted
        /// The session is gone, or its status is impossible.
        case unclear
    }

    enum State: Equatable {
        case idle
        /// The server may be running a statement.
        case running
        case inTransaction(isAborted: Bool)
        case broken, closed
    }

    private(set) var state = State.idle
    /// True if the session ended, or sent something impossible, while a statement ran.
    private(set) var wasLost = false
    /// True once the server has answered a statement. A connection that breaks later may have been broken before the last statement was sent.
    private(set) var hasAnswered = false
    /// True if the last write is or may be committed, because the server has not refused it.
    private(set) var mayHaveCommitted = false
    /// True if the outcome of a write is unknown: it may still be committed.
    private(set) var isInDoubt = false
    private var hasStaleStatements = false

    /// True if the connection is in step with the server and nothing runs: any caller may use it.
    var isReusable: Bool { state == .idle }

    /// True if the connection has to be cancelled before it is closed.
    var isRunning: Bool { state == .running }

    /// True if a read whose connection was lost may be sent again on another one.
    /// - Parameter hadAnswered: whether the server had answered anything before the read was sent.
    func maySendAgain(hadAnswered: Bool) -> Bool { wasLost && hadAnswered }

    // MARK: Events

    /// A statement is about to be sent. The server may be busy until `finish`.
    mutating func begin() {
        switch state {
        case .idle, .inTransaction: state = .running
        case .running, .broken, .closed: break
        }
    }

    /// All replies have been received.
    mutating func finish(_ transactionStatus: TransactionStatus) {
        guard state == .running else { return }
        hasAnswered = true
        switch transactionStatus {
        case .idle: state = .idle
        case .open: state = .inTransaction(isAborted: false)
        case .aborted: state = .inTransaction(isAborted: true)
        case .unclear: state = .broken
        }
    }

    /// The connect is complete. Replies so far do not count in `hasAnswered`.
    mutating func start() { hasAnswered = false }

    mutating func lose() { wasLost = true }

    /// Statements that write are about to be sent. With `mayCommit` their end commits them.
    mutating func beginWrite(mayCommit: Bool) {
        mayHaveCommitted = mayCommit
        // Why: a flag that no caller has taken belongs to an earlier write.
        hasStaleStatements = false
    }

    /// The write failed. What the server refused is not committed; the outcome of anything else is unknown.
    mutating func fail(isRefused: Bool) {
        if isRefused { mayHaveCommitted = false }
        if mayHaveCommitted { isInDoubt = true }
    }

    /// Notes that a prepared statement of a write was outdated, and that nothing was written.
    mutating func forget(_ hasStaleStatements: Bool = true) { self.hasStaleStatements = hasStaleStatements }

    /// Returns true once if the whole write may be tried again.
    mutating func takeStaleStatements() -> Bool {
        defer { hasStaleStatements = false }
        return hasStaleStatements
    }

    /// Something is still on its way that could reach the next holder, so the connection must not be reused.
    mutating func markBroken() {
        switch state {
        case .idle, .inTransaction: state = .broken
        case .running, .broken, .closed: break
        }
    }

    mutating func close() { state = .closed }
}
