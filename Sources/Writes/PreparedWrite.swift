package import Query
import Postgres
import Schema
import Locking
package import Text

/// A decoded write, and what the first one of its kind found out: the statement, where one is all it takes. Any thread.
package final class PreparedWrite: Sendable {
    package let request: WriteRequest
    private let single = Lock<SingleWrite?>(nil)

    package init(_ request: WriteRequest) { self.request = request }

    /// The write as one statement, when that is known and the request has all its values.
    package func complete() -> SingleWrite? {
        guard let single = known(), single.made.isEmpty else { return nil }
        return single
    }

    func known() -> SingleWrite? { single.withLock { $0 } }

    func remember(_ write: SingleWrite) { single.withLock { $0 = write } }
}

/// A write that is one statement whatever its values are. Immutable.
package final class SingleWrite: Sendable {
    enum Answer: Sendable {
        /// `{"count": 3}`
        case count
        /// The record; a failure with this cause when there is none.
        case record(orElse: String)
        case list
    }

    let statement: Statement
    let answer: Answer
    /// Nil for a count.
    let writer: AnswerWriter?
    /// What the client made for parameters, in their order.
    let made: [MadeValue]
    /// The tables that it names, sorted.
    package let tables: [String]

    init(_ statement: Statement, _ answer: Answer, _ writer: AnswerWriter?, made: [MadeValue], tables: [String]) {
        self.statement = statement
        self.answer = answer
        self.writer = writer
        self.made = made
        self.tables = tables
    }

    /// Runs it and writes the answer.
    /// - Parameter limit: of the answer, in bytes.
    package func carryOut(
        in transaction: WriteTransaction, _ parameters: borrowing ParameterList, limit: Int, into buffer: inout ByteBuffer
    ) throws(Failure) {
        let results = try transaction.runAlone(statement, parameters)
        if case .record(let cause) = answer, results.replies.first?.rowCount == 0 { throw .requiredRecord(cause) }
        guard let writer else { return WriteWalk.write(count: results.replies.first?.affectedRows ?? 0, into: &buffer) }
        try writer.write(results, into: &buffer, limit: limit)
    }
}

/// A value that nobody gave and the client made.
enum MadeValue: Sendable {
    case byDefault(Field)
    /// The request's moment, as the field's column takes it.
    case moment(Field)
}
