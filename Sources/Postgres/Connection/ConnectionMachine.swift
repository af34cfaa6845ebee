/// What may be done with a connection, decided: a pure value. What happens on it goes in; whether it may be used again, has to be cancelled,
/// or leaves a write in doubt comes out. No I/O and no clock.
///
///     idle            → running (begin), closed
///     running         → idle, inTransaction (finish), spoilt (finish of what cannot be told), closed. Left as it is when its time is up
///     idle, inTransaction → spoilt (spoil)
///     inTransaction   → running (begin), closed
///     spoilt          → closed
///     closed
///
/// Only an idle one serves somebody else: a connection that surprised us is closed, never repaired.
struct ConnectionMachine {
    /// Where the server stands after a round trip, by its own word.
    enum TransactionStatus: Equatable {
        case idle, open, aborted
        /// The session is gone, or says nothing that can be right.
        case unclear
    }

    enum State: Equatable {
        case idle
        /// The server may be doing something for us.
        case running
        case inTransaction(isAborted: Bool)
        case broken, closed
    }

    private(set) var state = State.idle
    /// The session ended, or said something that cannot be, under a statement.
    private(set) var wasLost = false
    /// It has answered at least once since it was established: so when it is lost now, the reason may be older than what was sent last.
    private(set) var hasAnswered = false
    /// What was written last is committed, or may be: the server has not refused it.
    private(set) var mayHaveCommitted = false
    /// A write has ended in doubt: it may yet be committed.
    private(set) var isInDoubt = false
    private var hasStaleStatements = false

    /// In step with the server, which does nothing for us: anybody may have it.
    var isReusable: Bool { state == .idle }

    /// To be cancelled before it is closed.
    var isRunning: Bool { state == .running }

    /// Whether a read whose connection was lost may be sent again on another one; `hadAnswered`: before it was sent.
    func maySendAgain(hadAnswered: Bool) -> Bool { wasLost && hadAnswered }

    // MARK: Events

    /// From here to `finish` the server may be doing something.
    mutating func begin() {
        switch state {
        case .idle, .inTransaction: state = .running
        case .running, .broken, .closed: break
        }
    }

    /// All replies are taken.
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

    /// What has been answered so far belonged to the connect.
    mutating func start() { hasAnswered = false }

    mutating func lose() { wasLost = true }

    /// Something is about to be written; `mayCommit`: its end commits it.
    mutating func write(mayCommit: Bool) {
        mayHaveCommitted = mayCommit
        // Why: what no caller asked for belongs to an earlier one.
        hasStaleStatements = false
    }

    /// That did not succeed. What the server refused it has not committed; of all else it is not known.
    mutating func fail(isRefused: Bool) {
        if isRefused { mayHaveCommitted = false }
        if mayHaveCommitted { isInDoubt = true }
    }

    /// A statement of a write was no longer known to the server, or no longer fitted its tables, and nothing was written.
    mutating func forget(_ hasStaleStatements: Bool = true) { self.hasStaleStatements = hasStaleStatements }

    /// Whether all may be tried again from the beginning; asked once.
    mutating func takeStaleStatements() -> Bool {
        defer { hasStaleStatements = false }
        return hasStaleStatements
    }

    /// Something is on its way that may hit its next user.
    mutating func markBroken() {
        switch state {
        case .idle, .inTransaction: state = .broken
        case .running, .broken, .closed: break
        }
    }

    mutating func close() { state = .closed }
}
