import Concurrency
import Postgres
import SQL
import Text

/// The statements of recent writes under their texts, so that connections keep them prepared. Any thread.
package final class StatementTexts: Sendable {
    private let known = Lock<[ExactString: Statement]>([:])

    /// The comment with which each statement begins.
    private let mark: String

    package init(mark: String = "") { self.mark = mark }

    func find(_ statement: Plan.Statement) -> Statement {
        guard statement.text.utf8.count <= WriteLimit.keptStatementBytes else { return make(statement) }
        return known.withLock { known in
            let text = ExactString(statement.text)
            // Why the slots are replaced: the same text may take its values from elsewhere in another request.
            if let former = known[text] { return former.taking(statement.slots) }
            if known.count >= WriteLimit.keptStatements { known.removeAll() }
            let made = make(statement)
            known[text] = made
            return made
        }
    }

    private func make(_ statement: Plan.Statement) -> Statement {
        let check = statement.check.map { Statement.Check(text: mark + $0.text(before: statement.text), count: $0.count) }
        return Statement(text: mark + statement.text, slots: statement.slots, check: check)
    }
}
