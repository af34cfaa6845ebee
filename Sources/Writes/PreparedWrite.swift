package import Query
import Locking
import Postgres
import Schema
import Text

/// A decoded write, and what the first one of its kind found out: the statement, where one is all it takes. Any thread.
package final class PreparedWrite: Sendable {
    package let request: WriteRequest
    private let single = Lock<SingleWrite?>(nil)

    package init(_ request: WriteRequest) { self.request = request }

    func known() -> SingleWrite? { single.withLock { $0 } }

    func remember(_ write: SingleWrite) { single.withLock { $0 = write } }
}

/// A write that is one statement whatever its values are. Immutable.
final class SingleWrite: Sendable {
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
    let tables: [String]

    init(_ statement: Statement, _ answer: Answer, _ writer: AnswerWriter?, made: [MadeValue], tables: [String]) {
        self.statement = statement
        self.answer = answer
        self.writer = writer
        self.made = made
        self.tables = tables
    }
}

/// A value that nobody gave and the client made.
enum MadeValue: Sendable {
    case byDefault(Field)
    /// The request's moment, as the field's column takes it.
    case moment(Field)
}
