package import Concurrency
package import Postgres
package import Text

/// What a write needs of a connection: statements go in, rows come out. Tests have one that no server stands behind.
///
/// Belongs to one thread at a time.
package protocol WriteSession: AnyObject {
    /// Runs statements in one round trip; `ends` says what of the transaction's own goes with them.
    func execute(
        writing list: [Statement], _ ends: TransactionEnds, isolation: Connection.Isolation?, _ parameters: borrowing ParameterList,
        until deadline: Deadline
    ) throws(Failure) -> ResultSet
    /// Whether the last write failed for statements that have to be prepared again; asked once.
    func takeStaleStatements() -> Bool
    func rollBack(until deadline: Deadline)
    var isInTransaction: Bool { get }
    var isInAbortedTransaction: Bool { get }
    /// Nothing works on it any more.
    var isUseless: Bool { get }
}

extension Connection: WriteSession {}
