import Concurrency
import Postgres
import SQL
import Text

/// The statements that writes were made of lately, under their text, so that connections keep them prepared. Any thread.
package final class StatementTexts: Sendable {
    private enum Limits {
        /// Beyond this all are forgotten.
        static let count = 2000
        /// Longer text, of many records at once, is prepared once and not kept.
        static let bytes = 16_384
    }

    private let known = Lock<[ExactString: Statement]>([:])

    /// A comment that each statement begins with.
    private let mark: String

    package init(mark: String = "") { self.mark = mark }

    func find(_ statement: Plan.Statement) -> Statement {
        guard statement.text.utf8.count <= Limits.bytes else { return make(statement) }
        return known.withLock { known in
            let text = ExactString(statement.text)
            // Why the slots, too: the same text may take its values from elsewhere in another request.
            if let former = known[text] { return former.taking(statement.slots) }
            if known.count >= Limits.count { known.removeAll() }
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
