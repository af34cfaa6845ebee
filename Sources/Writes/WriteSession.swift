package import Concurrency
package import Postgres
package import Text

/// The part of a connection that writes use: it takes statements and returns rows. Tests have one without a server.
///
/// Belongs to one thread at a time.
package protocol WriteSession: AnyObject {
    /// Runs statements in one round trip; `ends` says what of the transaction's own goes with them.
    func execute(
        writing list: [Statement], _ ends: TransactionEnds, isolation: Connection.Isolation?, _ parameters: borrowing ParameterList,
        until deadline: Deadline
    ) throws(Failure) -> ResultSet
    /// Returns true once if the last write failed because its statements have to be prepared again.
    func takeStaleStatements() -> Bool
    func rollBack(until deadline: Deadline)
    var isInTransaction: Bool { get }
    var isInAbortedTransaction: Bool { get }
    /// True if the session cannot be used any more.
    var isUseless: Bool { get }
}

extension Connection: WriteSession {}
