import Query
import Text

/// P2028, in Prisma's words.
extension Failure {
    private static func transaction(_ status: Status, _ what: String, isRetryable: Bool = false) -> Failure {
        Failure(status, code: "P2028", "Transaction API error: \(what)", meta: [("error", .text(what))], isRetryable: isRetryable)
    }

    /// The failure of a request in a list: with its position, and its path from the list on.
    func at(request position: Int) -> Failure {
        var failure = placed(within: "args.requests[\(position)]")
        failure.meta.append(("requestIndex", .number(position)))
        return failure
    }

    /// The failure with the position of the request that another failure is about.
    func at(request other: Failure) -> Failure {
        guard let fact = other.meta.first(where: { $0.key == "requestIndex" }) else { return self }
        var failure = self
        failure.meta.append(fact)
        return failure
    }

    /// The failure of a request that timed out or was cancelled, and took its interactive transaction with it.
    var withRollback: Failure {
        guard status == .timeout || status == .cancelled, outcome == nil else { return self }
        var failure = self
        failure.message += " Its transaction was rolled back."
        return failure.ending(.undone)
    }

    /// No connection within `maxWait`.
    static let beginTimedOut = transaction(.unavailable, "Unable to start a transaction in the given time.", isRetryable: true)

    static let noSuchTransaction = transaction(
        .invalidRequest,
        "Transaction not found. Transaction ID is invalid, refers to an old closed transaction Prisma doesn't have information about anymore, "
            + "or was obtained before disconnecting.")

    /// `step` is `query`, `commit` or `rollback`.
    static func transactionEnded(
        _ end: TransactionStateMachine.End, _ step: String, timeoutMilliseconds: Int, passedMilliseconds: UInt64
    ) -> Failure {
        switch end {
        case .closed: return .closed
        case .committed: return transaction(.conflict, "Transaction already closed: A \(step) cannot be executed on a committed transaction.")
        case .rolledBack:
            return transaction(
                .conflict, "Transaction already closed: A \(step) cannot be executed on a transaction that was rolled back.")
        case .expired:
            return transaction(
                .timeout,
                "Transaction already closed: A \(step) cannot be executed on an expired transaction. The timeout for this transaction was "
                    + "\(timeoutMilliseconds) ms, however \(passedMilliseconds) ms passed since the start of the transaction. Consider "
                    + "increasing the interactive transaction timeout or doing less work in the transaction.")
        }
    }

    /// What a request gets after another request of the transaction has failed.
    static let transactionIsAborted: Failure = {
        var failure = transaction(
            .conflict,
            "The current transaction is aborted, because a request in it failed: commands are ignored until it is rolled back, or rolled "
                + "back to a savepoint.")
        failure.sqlState = "25P02"
        return failure
    }()

    static let abortedIsNotCommitted: Failure = {
        var failure = transaction(
            .conflict, "The transaction could not be committed, because a request in it had failed: it was rolled back.")
        failure.sqlState = "25P02"
        return failure
    }()

    static func noSavepoint(_ name: [UInt8]) -> Failure {
        transaction(.invalidRequest, "There is no savepoint `\(String(decoding: name, as: UTF8.self))` in this transaction.")
    }

    static let tooManySavepoints = transaction(.invalidRequest, "A transaction has at most \(QueryLimit.savepoints) savepoints at once.")

    /// Statements that begin or end transactions are not allowed as raw queries inside one.
    static let transactionControl = Failure(
        .invalidRequest, code: "P2010",
        "Raw query failed. Code: `25001`. Message: `transactions and savepoints are begun and ended by operations of their own: "
            + "$transaction.commit, $transaction.rollback, $transaction.savepoint …`",
        meta: [("code", .text("25001"))])
}
